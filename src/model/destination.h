/* destination.h -- where COPY, ADD and mounts put what they take.
 * Relies on model.h. Follows pathRelativeToWorkingDir of frontend/dockerfile/dockerfile2llb,
 * util/system/path.go and solver/llbsolver/file (specification 6.2, 6.5).
 * Never knows what the image holds. */
#ifndef DFL_MODEL_DESTINATION_H
#define DFL_MODEL_DESTINATION_H

#include "model/model.h"

typedef struct {
    dfl_str path;  /* clean, without a slash at its end; relative when the working directory is not
                      known, as written when the text is not */
    int known;     /* it is absolute */
    int directory; /* 1 = it is one, -1 = it hangs on the image */
} dfl__destination;

/* DFL_E_NOMEM. */
dfl_status dfl__destination_of(const dfl__transfer *transfer, int mount, dfl__arena *arena,
                               dfl__destination *out);

#endif
