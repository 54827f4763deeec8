/* values.h -- the small grammars that BuildKit checks only when it runs an instruction.
 * Relies on base. Language specification, sections 2.2.1, 2.6, 2.11.1, 2.13.
 * Never expands anything: the caller has. */
#ifndef DFL_MODEL_VALUES_H
#define DFL_MODEL_VALUES_H

#include "base/text.h"

/* Octal up to 07777, or symbolic as for chmod(1). */
int dfl__is_mode(dfl_str s);
/* A number other than 0, or a name of a Linux signal with or without SIG. */
int dfl__is_signal(dfl_str s);
/* A size as go-units reads it: "64m", "1.5 GiB". */
int dfl__is_size(dfl_str s);
/* A number of digits of `base` (8 or 10) that fits 32 bits. */
int dfl__is_u32(dfl_str s, unsigned base);
/* An IPv4 or IPv6 address, without a zone. */
int dfl__is_ip(dfl_str s);

#define DFL__PROTOCOLS 3u
extern const char *const dfl__protocols[DFL__PROTOCOLS];

/* What EXPOSE says, expanded: `[[ip:]host:]container[/protocol]`. */
typedef struct {
    uint32_t first, last;
    const char *protocol; /* one of dfl__protocols */
} dfl__ports;
/* 0 when it is none. */
int dfl__ports_parse(dfl_str s, dfl__ports *out);

#endif
