/* dockerfile.h -- everything of libdockerfile. io.h belongs to libdockerfile-io. */
#ifndef DOCKERFILE_DOCKERFILE_H
#define DOCKERFILE_DOCKERFILE_H

#include "dockerfile/base.h"
#include "dockerfile/catalog.h"
#include "dockerfile/config.h"
#include "dockerfile/context.h"
#include "dockerfile/diag.h"
#include "dockerfile/edit.h"
#include "dockerfile/explain.h"
#include "dockerfile/graph.h"
#include "dockerfile/ignore.h"
#include "dockerfile/images.h"
#include "dockerfile/lint.h"
#include "dockerfile/model.h"
#include "dockerfile/print.h"
#include "dockerfile/rewrite.h"
#include "dockerfile/scope.h"
#include "dockerfile/shell.h"
#include "dockerfile/tree.h"

#endif
