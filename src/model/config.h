/* config.h -- the configuration of an image while its instructions are walked.
 * Relies on env.h. Public face in dockerfile/config.h.
 * Never copies a list to hand it on: what stages share is shared. */
#ifndef DFL_MODEL_CONFIG_H
#define DFL_MODEL_CONFIG_H

#include "model/env.h"

/* Members of a configuration, as bits: which of them are not known, or not known in full. */
#define DFL__CONFIG_CMD 0x0001u
#define DFL__CONFIG_ENTRYPOINT 0x0002u
#define DFL__CONFIG_SHELL 0x0004u
#define DFL__CONFIG_USER 0x0008u
#define DFL__CONFIG_WORKDIR 0x0010u
#define DFL__CONFIG_HEALTH 0x0020u
#define DFL__CONFIG_STOP 0x0040u
#define DFL__CONFIG_AUTHOR 0x0080u
#define DFL__CONFIG_ENV 0x0100u     /* there may be more */
#define DFL__CONFIG_LABELS 0x0200u  /* there may be more */
#define DFL__CONFIG_VOLUMES 0x0400u /* there may be more */
#define DFL__CONFIG_PORTS 0x0800u   /* there may be more */
#define DFL__CONFIG_ONBUILD 0x1000u /* there may be more */
#define DFL__CONFIG_ALL 0x1FFFu

typedef struct {
    const dfl_str *items; /* NULL: there is no such list */
    size_t count;
} dfl__list;

/* A list that stages add to; the newest first. */
typedef struct dfl__link {
    const struct dfl__link *older;
    dfl_str text;
    uint32_t first, last; /* ports */
    uint32_t node;        /* ONBUILD: its instruction, 0 = of the base image */
    uint32_t trigger;     /* ONBUILD: index in dfl_model.triggers */
} dfl__link;

typedef struct {
    uint32_t unknown; /* DFL__CONFIG_* */
    dfl__list cmd, entrypoint, shell, health;
    int64_t health_times[4]; /* interval, timeout, start period, start interval: nanoseconds */
    int32_t health_retries;
    int cmd_set;     /* CMD stands in this stage */
    int workdir_set; /* a WORKDIR, or the base, has written a working directory */
    dfl_str stop_signal;
    dfl_str author;
    dfl_str os, arch, variant; /* of the image, or of its platform; empty = not known */
    dfl__env labels;
    dfl__env volumes;
    const dfl__link *ports;   /* text is the protocol */
    const dfl__link *onbuild; /* of the stage itself */
    uint32_t nodes[8];        /* instruction that set the member of each of the first eight bits */
} dfl__config;

/* Index in `nodes` of the member of a bit. */
uint32_t dfl__config_member(uint32_t bit);
/* settings.c: whether a command in shell form is given to a POSIX shell; what is not known is taken
 * for the platform's. */
int dfl__config_is_posix(const dfl__config *config);

#endif
