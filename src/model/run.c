/* run.c -- RUN: what is checked when it runs.
 * Relies on walk.h and mount.h. Follows dispatchRun of
 * frontend/dockerfile/dockerfile2llb/convert.go and convert_runmount.go (specification 2.11.1).
 * Never looks at the command: that is the shell's. */
#include "diag/codes.h"
#include "model/features.h"
#include "model/mount.h"
#include "model/walk.h"

typedef struct {
    uint32_t node; /* the flag's value */
    dfl__mount mount;
} entry;
typedef DFL__VEC(entry) entries;

/* All mounts are read before the first one is looked at. */
static dfl_status read_mounts(dfl__walk *w, uint32_t node, entries *out) {
    uint32_t flag = 0;
    for (;;) {
        entry e = {dfl__flag_value(w->doc, node, "mount", &flag), {0}};
        if (flag == 0) return DFL_OK;
        if (e.node == 0) continue;
        dfl_status status = dfl__mount_read(&w->scope, w->doc, e.node, &e.mount);
        if (status != DFL_OK) return status;
        if (!DFL__PUSH(&w->model->arena.alloc, out, e)) return DFL_E_NOMEM;
    }
}

static int is_given(const dfl__mount_text *text) {
    return !text->known || text->text.len > 0;
}

/* A relative target lies in the working directory. */
static dfl_status check_target(dfl__walk *w, const entry *e) {
    dfl_str target = e->mount.target.text;
    if (!e->mount.target.known) return DFL_OK;
    if (target.len == 0 || target.ptr[0] != '/') {
        dfl_str workdir = w->scope.workdir;
        if (!w->scope.workdir_known) return DFL_OK;
        if (w->scope.windows) workdir = dfl__winpath_slashes(&w->model->arena, workdir);
        if (workdir.ptr == NULL) return DFL_E_NOMEM;
        target = dfl__path_join(&w->model->arena, workdir, target);
        if (target.ptr == NULL) return DFL_E_NOMEM;
    }
    if (!dfl__eqz(target, "/")) return DFL_OK;
    return dfl__walk_report(w, e->node, DFL_D_MOUNT_TARGET, e->mount.target.text);
}

static dfl_status check_mount(dfl__walk *w, const entry *e) {
    const dfl__mount *mount = &e->mount;
    dfl_status status = DFL_OK;
    if (!mount->valid) return DFL_OK;
    if (is_given(&mount->from))
        status = dfl__walk_order(w, e->node, 0);
    else if (mount->type == DFL__MOUNT_CACHE)
        status = dfl__walk_order(w, e->node, 1);
    if (status != DFL_OK || mount->type == DFL__MOUNT_SECRET) return status;
    if (mount->type != DFL__MOUNT_SSH) return check_target(w, e);
    if (!mount->source.known || mount->source.text.len == 0) return DFL_OK;
    return dfl__walk_report(w, e->node, DFL_D_SSH_SOURCE, mount->source.text);
}

/* What is mounted is read; a tmpfs is not, though BuildKit asks for its source. */
static dfl_status keep_mount(dfl__walk *w, uint32_t node, const entry *e) {
    const dfl__mount *mount = &e->mount;
    dfl__transfer transfer = {.node = node};
    dfl__taken source = {mount->source.text, e->node, mount->source.known, 0};
    int tmpfs = mount->type == DFL__MOUNT_TMPFS;
    if (!mount->valid || (mount->type != DFL__MOUNT_BIND && !tmpfs)) return DFL_OK;
    if (is_given(&mount->from)) transfer.from = e->node;
    if (tmpfs && transfer.from != 0) return DFL_OK;
    transfer.unread = tmpfs;
    transfer.destination = (dfl__taken){mount->target.text, e->node, mount->target.known, 0};
    return dfl__walk_transfer(w, transfer, &source, 1);
}

static dfl_status check_devices(dfl__walk *w, uint32_t node) {
    uint32_t flag = 0, value = dfl__flag_value(w->doc, node, "device", &flag);
    dfl__frontend frontend;
    if (flag == 0 || value == 0) return DFL_OK;
    dfl_status status = dfl__frontend_of_doc(w->model->doc, &frontend);
    if (status != DFL_OK || frontend.channel == DFL_FRONTEND_LABS ||
        frontend.channel == DFL_FRONTEND_OTHER)
        return status;
    return dfl__walk_report(w, value, DFL_D_DEVICE, dfl__node_value(w->doc, value));
}

dfl_status dfl__walk_run(dfl__walk *w, uint32_t node) {
    entries mounts = {NULL, 0, 0};
    dfl_status status = read_mounts(w, node, &mounts);
    for (uint32_t i = 0; i < mounts.count && status == DFL_OK; i++)
        status = check_mount(w, &mounts.items[i]);
    for (uint32_t i = 0; i < mounts.count && status == DFL_OK; i++)
        status = keep_mount(w, node, &mounts.items[i]);
    if (status == DFL_OK) status = check_devices(w, node);
    DFL__VEC_FREE(&w->model->arena.alloc, &mounts);
    return status;
}
