/* wire.c -- see wire.h.
 * Relies on the C library.
 * Never answers half a message: what cannot be read or written ends the program. */
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *ptr) {
    if (ptr == NULL) {
        fputs("conformance driver: no memory\n", stderr);
        exit(1);
    }
    return ptr;
}

static void read_bytes(void *to, size_t n) {
    if (n != 0 && fread(to, 1, n, stdin) != n) {
        fputs("conformance driver: broken message\n", stderr);
        exit(1);
    }
}

static uint32_t number_of(const unsigned char b[4]) {
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static uint32_t read_number(void) {
    unsigned char b[4];
    read_bytes(b, sizeof b);
    return number_of(b);
}

static void write_number(uint32_t number) {
    for (int shift = 0; shift < 32; shift += 8)
        putchar((int)(number >> shift & 0xFF));
}

void wire_free(wire_message *message) {
    for (uint32_t i = 0; i < message->count; i++)
        free((void *)(uintptr_t)message->items[i].ptr);
    free(message->items);
    *message = (wire_message){0};
}

static void clear(wire_message *message) {
    for (uint32_t i = 0; i < message->count; i++)
        free((void *)(uintptr_t)message->items[i].ptr);
    message->count = 0;
}

/* A new string of the message, of `len` bytes to fill in. */
static char *extend(wire_message *message, size_t len) {
    if (message->count == message->cap) {
        message->cap = message->cap * 2 + 8;
        message->items = must(realloc(message->items, message->cap * sizeof *message->items));
    }
    char *bytes = must(malloc(len + 1));
    message->items[message->count++] = (dfl_str){bytes, len};
    return bytes;
}

int wire_read(wire_message *message) {
    unsigned char first[4];
    clear(message);
    if (fread(first, 1, sizeof first, stdin) != sizeof first) return 0;
    for (uint32_t n = number_of(first); n > 0; n--) {
        uint32_t len = read_number();
        read_bytes(extend(message, len), len);
    }
    return 1;
}

dfl_str wire_get(const wire_message *message, uint32_t i) {
    return i < message->count ? message->items[i] : (dfl_str){"", 0};
}

void wire_add(wire_message *answer, dfl_str s) {
    char *bytes = extend(answer, s.len);
    if (s.len != 0) memcpy(bytes, s.ptr, s.len);
}

void wire_addz(wire_message *answer, const char *z) {
    wire_add(answer, (dfl_str){z, strlen(z)});
}

void wire_add_number(wire_message *answer, uint32_t number) {
    char text[16];
    int n = snprintf(text, sizeof text, "%u", (unsigned)number);
    wire_add(answer, (dfl_str){text, (size_t)n});
}

void wire_write(wire_message *answer) {
    write_number(answer->count);
    for (uint32_t i = 0; i < answer->count; i++) {
        write_number((uint32_t)answer->items[i].len);
        fwrite(answer->items[i].ptr, 1, answer->items[i].len, stdout);
    }
    clear(answer);
}
