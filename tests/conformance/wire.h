/* wire.h -- messages between the comparers and the driver: lists of byte strings on stdin/stdout.
 * Relies on the C library.
 * Never part of the library. A number is four bytes, least significant first; a message is the
 * number of its strings, then each one's length and bytes. */
#ifndef DFL_CONFORMANCE_WIRE_H
#define DFL_CONFORMANCE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "dockerfile/base.h"

typedef struct {
    dfl_str *items;
    uint32_t count;
    uint32_t cap;
} wire_message;

/* Read the next message into `message`, zero at first and then reused. 0 at the end of the input;
 * a broken message ends the program. */
int wire_read(wire_message *message);
void wire_free(wire_message *message);

/* The string at `i`, empty when there is none. */
dfl_str wire_get(const wire_message *message, uint32_t i);

/* An answer under construction. */
void wire_add(wire_message *answer, dfl_str s); /* copies */
void wire_addz(wire_message *answer, const char *z);
void wire_add_number(wire_message *answer, uint32_t number); /* decimal */
void wire_write(wire_message *answer);                       /* and empty it */

/* One operation: reads its operands from string 1 on. */
void context_answer(const wire_message *request, wire_message *answer);
void expand_answer(const wire_message *request, wire_message *answer);
void ignore_answer(const wire_message *request, wire_message *answer);
void model_answer(const wire_message *request, wire_message *answer);
void lint_answer(const wire_message *request, wire_message *answer);
void parse_answer(const wire_message *request, wire_message *answer);
void reference_answer(const wire_message *request, wire_message *answer);
void digest_answer(const wire_message *request, wire_message *answer);
void platform_answer(const wire_message *request, wire_message *answer);

#endif
