/* cache_call.c -- what a command asks of a tool, and whether its caches take part.
 * Relies on cache.h; the catalog has the sub-commands, options and releases.
 * Never takes a call that it does not know for one that uses a cache. */
#include "rewrite/cache.h"

#include <string.h>

static int is_option(dfl_str word) {
    return word.len > 1 && word.ptr[0] == '-';
}

int dfl__cache_fills(const dfl__tool *tool, dfl_str sub) {
    for (uint32_t i = 0; i < tool->caches.count; i++) {
        if (dfl__names_has(tool->caches.items[i].filled_by, sub, 0)) return 1;
    }
    return 0;
}

/* Whether `entry` is `sub`, or `sub` and `operand`; an option may be a pattern. */
static int is_entry(const char *entry, dfl_str sub, const dfl_str *operand) {
    dfl_str text = dfl__str(entry);
    size_t blank = dfl__find(text, ' ', 0);
    if (entry[0] == '-') return dfl__glob(entry, sub);
    if (blank == text.len) return dfl__eq(text, sub);
    if (!dfl__eq(dfl__sub(text, 0, blank), sub)) return 0;
    return operand == NULL || dfl__eq(dfl__sub(text, blank + 1, text.len), *operand);
}

/* Whether a sub-command of this name is known, with whatever operand. */
static int is_known(const dfl__tool *tool, dfl_str word) {
    for (uint32_t i = 0; i < tool->subcommands.count; i++) {
        if (is_entry(tool->subcommands.items[i], word, NULL)) return 1;
    }
    return dfl__cache_fills(tool, word);
}

/* Index of the first operand, `count` when there is none. A word behind an option may be its value,
 * and is one when what follows is a sub-command that is known. */
static uint32_t sub_command(const dfl__tool *tool, const dfl_str *words, uint32_t count,
                            uint32_t at) {
    uint32_t first = count;
    for (uint32_t i = at; i < count; i++) {
        if (is_known(tool, words[i])) return i;
        if (is_option(words[i]) || dfl__starts(words[i], "+")) continue;
        if (first == count) first = i;
        dfl_str before = words[i - 1];
        if (i == at || !is_option(before) || dfl__find(before, '=', 0) < before.len) break;
    }
    return first;
}

static void read_call(const dfl__tool *tool, const dfl_str *words, uint32_t count, uint32_t at,
                      dfl__cache_call *call) {
    uint32_t sub = sub_command(tool, words, count, at);
    *call = (dfl__cache_call){{"", 0}, {"", 0}, 0};
    for (uint32_t i = at; i < sub; i++)
        call->is_idle |= dfl__names_has(tool->idle, words[i], 1) != 0;
    for (uint32_t i = at; i < count; i++)
        call->is_idle |= dfl__names_has(tool->elsewhere, words[i], 1) != 0;
    if (sub == count) return;
    call->sub = words[sub];
    while (++sub < count && is_option(words[sub])) {
    }
    if (sub < count) call->operand = words[sub];
}

static int is_except(const dfl__tool *tool, const dfl_str *words, uint32_t count) {
    for (uint32_t i = 0; i < tool->except.count; i++) {
        if (dfl__command_matches(tool->except.items[i], words, count, NULL)) return 1;
    }
    return 0;
}

int dfl__cache_calls(const dfl__tool *tool, const dfl_str *words, uint32_t count,
                     dfl__cache_call *call) {
    uint32_t used;
    for (uint32_t i = 0; i < tool->commands.count && count > 0; i++) {
        if (!dfl__command_matches(tool->commands.items[i], words, count, &used)) continue;
        if (is_except(tool, words, count)) return 0;
        read_call(tool, words, count, used, call);
        return 1;
    }
    return 0;
}

int dfl__cache_drops(const dfl__tool *tool, const dfl_str *words, uint32_t count) {
    for (uint32_t i = 0; i < tool->drop_commands.count && count > 0; i++) {
        if (dfl__command_matches(tool->drop_commands.items[i], words, count, NULL)) return 1;
    }
    return 0;
}

int dfl__cache_moves(const dfl__tool *tool, const dfl_str *words, uint32_t count) {
    for (uint32_t i = 0; i < tool->moved_by.count && count > 0; i++) {
        if (dfl__command_matches(tool->moved_by.items[i], words, count, NULL)) return 1;
    }
    return 0;
}

int dfl__cache_uses(const dfl__tool *tool, const dfl__cache_call *call) {
    if (call->is_idle) return 0;
    for (uint32_t i = 0; i < tool->subcommands.count; i++) {
        if (is_entry(tool->subcommands.items[i], call->sub, &call->operand)) return 1;
    }
    return tool->subcommands.count == 0;
}

uint32_t dfl__cache_own_operands(const dfl__tool *tool, const dfl__cache_call *call) {
    for (uint32_t i = 0; i < tool->runs.count; i++) {
        const char *entry = tool->runs.items[i];
        if (entry[0] == '\0') return 0;
        if (is_entry(entry, call->sub, &call->operand)) return strchr(entry, ' ') == NULL ? 1 : 2;
    }
    return UINT32_MAX;
}

int dfl__cache_fits_family(const dfl__tool *tool, const dfl__release *release) {
    return tool->families.count == 0 || release == NULL ||
           dfl__names_has(tool->families, dfl__str(release->family), 0);
}

/* The one of the releases that is of the family; NULL when none is. */
static const dfl__release *of_family(const dfl_catalog *catalog, dfl__names names,
                                     const char *family) {
    for (uint32_t i = 0; i < names.count; i++) {
        const dfl__release *found = dfl__catalog_find_release(catalog, dfl__str(names.items[i]));
        if (found != NULL && strcmp(found->family, family) == 0) return found;
    }
    return NULL;
}

int dfl__cache_fits_release(dfl__caching *c, const dfl__cache *cache, const dfl__release *release) {
    const dfl_catalog *catalog = c->rw->catalog;
    if (release == NULL) return 1;
    const dfl__release *since = of_family(catalog, cache->since, release->family);
    const dfl__release *until = of_family(catalog, cache->until, release->family);
    if (cache->since.count > 0 && (since == NULL || release->order < since->order)) return 0;
    return until == NULL || release->order <= until->order;
}
