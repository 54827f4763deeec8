/* mount.h -- the fields of RUN --mount, with their variables put in.
 * Relies on model.h. Follows parseMount of frontend/dockerfile/instructions/commands_runmount.go
 * (specification 2.11.1).
 * Never looks at a target's place: that hangs on the working directory. */
#ifndef DFL_MODEL_MOUNT_H
#define DFL_MODEL_MOUNT_H

#include "model/model.h"

typedef enum {
    DFL__MOUNT_BIND,
    DFL__MOUNT_CACHE,
    DFL__MOUNT_TMPFS,
    DFL__MOUNT_SECRET,
    DFL__MOUNT_SSH
} dfl__mount_type;

/* A text of a mount, arena-owned; not given when `ptr` is NULL. */
typedef struct {
    dfl_str text;
    int known;
} dfl__mount_text;

typedef struct {
    dfl__mount_type type;
    int valid; /* 0: an error was recorded, or something that decides is not known */
    dfl__mount_text from, source, target, id, env;
} dfl__mount;

/* Read the mount in flag value `value`; what is wrong is recorded. DFL_E_NOMEM. */
dfl_status dfl__mount_read(dfl__scope *scope, const dfl_doc *doc, uint32_t value, dfl__mount *out);

#endif
