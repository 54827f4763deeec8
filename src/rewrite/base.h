/* base.h -- the body of dfl_rewrite_base, for merged plans. */
#ifndef DFL_REWRITE_BASE_H
#define DFL_REWRITE_BASE_H

#include "rewrite/rewrite.h"

void dfl__base_body(dfl__rewrite *rw);

#endif
