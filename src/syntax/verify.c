/* verify.c -- what BuildKit's instruction parser rejects, instruction by instruction.
 * Relies on parser.h, csv.h, number.h. Follows frontend/dockerfile/instructions/parse.go and
 * bflag.go (specification section 2): in each instruction checks run in its order, and the first
 * group that fails ends them, so that the first error of an instruction is BuildKit's.
 * Never looks at values that depend on expansion: those are the model's. */
#include <string.h>

#include "syntax/csv.h"
#include "syntax/number.h"
#include "syntax/parser.h"

typedef enum { FLAG_BOOL, FLAG_STRING, FLAG_LIST } flag_kind;
typedef struct {
    const char *name;
    flag_kind kind;
} flag_spec;

#define FLAGS_MAX 8
typedef struct {
    enum { ARITY_FIRST, FLAGS_FIRST, FLAGS_NEVER } order;
    uint32_t arity_code;  /* reported when there are fewer or more arguments; 0 = none */
    uint32_t least, most; /* arguments */
    flag_spec flags[FLAGS_MAX];
} rule;

#define ANY UINT32_MAX
#define RULE(kind) [(kind)-DFL_NODE_ADD]

static const rule rules[] = {
    RULE(DFL_NODE_ADD) = {ARITY_FIRST,
                          DFL_D_ARITY_DEST,
                          2,
                          ANY,
                          {{"chown", FLAG_STRING},
                           {"chmod", FLAG_STRING},
                           {"link", FLAG_BOOL},
                           {"keep-git-dir", FLAG_BOOL},
                           {"checksum", FLAG_STRING},
                           {"exclude", FLAG_LIST},
                           {"unpack", FLAG_BOOL}}},
    RULE(DFL_NODE_ARG) = {FLAGS_NEVER, DFL_D_ARITY_MIN, 1, ANY, {{0}}},
    RULE(DFL_NODE_CMD) = {FLAGS_FIRST, 0, 0, ANY, {{0}}},
    RULE(DFL_NODE_COPY) = {ARITY_FIRST,
                           DFL_D_ARITY_DEST,
                           2,
                           ANY,
                           {{"chown", FLAG_STRING},
                            {"from", FLAG_STRING},
                            {"chmod", FLAG_STRING},
                            {"link", FLAG_BOOL},
                            {"exclude", FLAG_LIST},
                            {"parents", FLAG_BOOL}}},
    RULE(DFL_NODE_ENTRYPOINT) = {FLAGS_FIRST, 0, 0, ANY, {{0}}},
    RULE(DFL_NODE_ENV) = {FLAGS_FIRST, DFL_D_ARITY_MIN, 1, ANY, {{0}}},
    RULE(DFL_NODE_EXPOSE) = {ARITY_FIRST, DFL_D_ARITY_MIN, 1, ANY, {{0}}},
    RULE(DFL_NODE_FROM) = {ARITY_FIRST, DFL_D_ARITY_FROM, 1, 3, {{"platform", FLAG_STRING}}},
    RULE(DFL_NODE_HEALTHCHECK) = {ARITY_FIRST,
                                  DFL_D_ARITY_MIN,
                                  1,
                                  ANY,
                                  {{"interval", FLAG_STRING},
                                   {"timeout", FLAG_STRING},
                                   {"start-period", FLAG_STRING},
                                   {"start-interval", FLAG_STRING},
                                   {"retries", FLAG_STRING}}},
    RULE(DFL_NODE_LABEL) = {FLAGS_FIRST, DFL_D_ARITY_MIN, 1, ANY, {{0}}},
    RULE(DFL_NODE_MAINTAINER) = {ARITY_FIRST, DFL_D_ARITY_ONE, 1, 1, {{0}}},
    RULE(DFL_NODE_ONBUILD) = {ARITY_FIRST, DFL_D_ARITY_MIN, 1, ANY, {{0}}},
    RULE(DFL_NODE_RUN) = {FLAGS_FIRST,
                          0,
                          0,
                          ANY,
                          {{"mount", FLAG_LIST},
                           {"network", FLAG_STRING},
                           {"security", FLAG_STRING},
                           {"device", FLAG_LIST}}},
    RULE(DFL_NODE_SHELL) = {FLAGS_FIRST, DFL_D_ARITY_MIN, 1, ANY, {{0}}},
    RULE(DFL_NODE_STOPSIGNAL) = {FLAGS_NEVER, DFL_D_ARITY_ONE, 1, 1, {{0}}},
    RULE(DFL_NODE_USER) = {ARITY_FIRST, DFL_D_ARITY_ONE, 1, 1, {{0}}},
    RULE(DFL_NODE_VOLUME) = {ARITY_FIRST, DFL_D_ARITY_MIN, 1, ANY, {{0}}},
    RULE(DFL_NODE_WORKDIR) = {ARITY_FIRST, DFL_D_ARITY_ONE, 1, 1, {{0}}},
};

static const dfl_node_rec *rec_of(const dfl__parser *p, uint32_t node) {
    return &p->doc->nodes.items[node];
}

static dfl_str name_of(uint16_t kind) {
    return dfl__str(dfl_instruction_name(kind));
}

/* 1 when nothing was reported since `before`. */
static int clean(const dfl__parser *p, uint32_t before) {
    return p->doc->error_count == before;
}

static uint32_t count_arguments(const dfl__parser *p, uint32_t instruction) {
    uint32_t count = 0;
    for (uint32_t a = dfl__next_operand(p->doc, instruction, 0); a != 0;
         a = dfl__next_operand(p->doc, instruction, a))
        count++;
    return count;
}

static void check_arity(dfl__parser *p, uint32_t node, const rule *r) {
    uint16_t kind = rec_of(p, node)->kind;
    uint32_t count = r->arity_code != 0 ? count_arguments(p, node) : 0;
    if (r->arity_code == 0 || (count >= r->least && count <= r->most)) return;
    dfl__report_node(p, r->arity_code, node, name_of(kind));
}

static const flag_spec *find_flag(const rule *r, dfl_str name) {
    for (int i = 0; i < FLAGS_MAX && r->flags[i].name != NULL; i++) {
        if (dfl__eqz(name, r->flags[i].name)) return &r->flags[i];
    }
    return NULL;
}

static void report_unknown_flag(dfl__parser *p, uint32_t flag, const rule *r, dfl_str name) {
    const char *names[FLAGS_MAX];
    size_t count = 0;
    while (count < FLAGS_MAX && r->flags[count].name != NULL) {
        names[count] = r->flags[count].name;
        count++;
    }
    const char *near = dfl__suggest(name, names, count, 0);
    p->doc->nodes.items[flag].flags |= DFL_NODE_F_ERROR;
    dfl__report(p, DFL_D_FLAG_UNKNOWN, dfl__node_range(p->doc, flag), name, near);
}

static void check_flag(dfl__parser *p, uint32_t flag, const rule *r, unsigned *seen) {
    uint32_t name_node = dfl__node_child(p->doc, flag, DFL_NODE_NAME);
    uint32_t value_node = dfl__node_child(p->doc, flag, DFL_NODE_VALUE);
    dfl_str name = dfl__node_value(p->doc, name_node);
    const flag_spec *spec = find_flag(r, name);
    if (spec == NULL) {
        report_unknown_flag(p, flag, r, name);
        return;
    }
    unsigned bit = 1u << (spec - r->flags);
    if (spec->kind != FLAG_LIST && (*seen & bit) != 0) {
        dfl__report_node(p, DFL_D_FLAG_DUP, flag, name);
        return;
    }
    *seen |= bit;
    if (spec->kind == FLAG_BOOL) {
        dfl_str value = value_node != 0 ? dfl__node_value(p->doc, value_node) : DFL__LIT("true");
        if (value.len == 0 && value_node != 0) {
            dfl__report_node(p, DFL_D_FLAG_VALUE, flag, name);
        } else if (!dfl__ieqz(value, "true") && !dfl__ieqz(value, "false")) {
            dfl__report_node(p, DFL_D_FLAG_BOOL, flag, name);
        }
    } else if (value_node == 0) {
        dfl__report_node(p, DFL_D_FLAG_VALUE, flag, name);
    }
}

static uint32_t next_flag(const dfl__parser *p, uint32_t instruction, uint32_t flag) {
    uint32_t at = flag == 0 ? dfl__node_first(p->doc, instruction) : rec_of(p, flag)->next;
    while (at != 0 && rec_of(p, at)->kind != DFL_NODE_FLAG)
        at = rec_of(p, at)->next;
    return at;
}

static void check_flags(dfl__parser *p, uint32_t node, const rule *r) {
    unsigned seen = 0;
    for (uint32_t f = next_flag(p, node, 0); f != 0 && p->failed == DFL_OK;
         f = next_flag(p, node, f))
        check_flag(p, f, r, &seen);
}

/* Lower-cased name: a letter, then letters, digits, "-", "_", ".". */
static int is_stage_name(dfl_str s) {
    unsigned width;
    for (size_t at = 0; at < s.len; at += width) {
        uint32_t rune = dfl__rune_lower(dfl__rune(s, at, &width));
        if (rune >= 0x80) return 0;
        unsigned char c = (unsigned char)rune;
        if (dfl__is_alpha(c)) continue;
        if (at == 0 || (!dfl__is_digit(c) && c != '-' && c != '_' && c != '.')) return 0;
    }
    return s.len > 0;
}

/* "as" under Unicode simple case folding: the long s folds to s. */
static int is_as(dfl_str s) {
    return dfl__ieqz(s, "as") || dfl__eqz(s, "a\xC5\xBF") || dfl__eqz(s, "A\xC5\xBF");
}

static void check_from(dfl__parser *p, uint32_t node) {
    uint32_t image = dfl__next_operand(p->doc, node, 0);
    uint32_t as = dfl__next_operand(p->doc, node, image);
    uint32_t name = as != 0 ? dfl__next_operand(p->doc, node, as) : 0;
    if (as == 0) return;
    if (name == 0 || !is_as(dfl__node_value(p->doc, as))) {
        dfl__report_node(p, DFL_D_ARITY_FROM, node, DFL__LIT("FROM"));
    } else if (!is_stage_name(dfl__node_value(p->doc, name))) {
        dfl__report_node(p, DFL_D_STAGE_NAME, name, dfl__node_value(p->doc, name));
    }
}

static void check_destination(dfl__parser *p, uint32_t node) {
    uint32_t last = 0;
    uint16_t flags;
    dfl__buf name;
    for (uint32_t a = dfl__next_operand(p->doc, node, 0); a != 0;
         a = dfl__next_operand(p->doc, node, a))
        last = a;
    dfl__buf_init(&name, &p->doc->alloc, 0);
    if (dfl__heredoc_word(dfl__node_value(p->doc, last), &name, &flags, NULL))
        dfl__report_node(p, DFL_D_HEREDOC_DEST, last, name_of(rec_of(p, node)->kind));
    if (name.failed == DFL_E_NOMEM) p->failed = DFL_E_NOMEM;
    dfl__buf_free(&name);
}

static void check_names(dfl__parser *p, uint32_t node) {
    for (uint32_t a = dfl__next_operand(p->doc, node, 0); a != 0;
         a = dfl__next_operand(p->doc, node, a)) {
        uint32_t name = dfl__node_child(p->doc, a, DFL_NODE_NAME);
        if (name == 0 || dfl__node_value(p->doc, name).len > 0) continue;
        dfl__report_node(p, DFL_D_BLANK_NAME, a, name_of(rec_of(p, node)->kind));
    }
}

static void check_volumes(dfl__parser *p, uint32_t node) {
    for (uint32_t a = dfl__next_operand(p->doc, node, 0); a != 0;
         a = dfl__next_operand(p->doc, node, a)) {
        if (dfl__trim(dfl__node_value(p->doc, a)).len == 0)
            dfl__report_node(p, DFL_D_VOLUME_EMPTY, a, DFL__LIT(""));
    }
}

static void check_shell(dfl__parser *p, uint32_t node) {
    if ((rec_of(p, node)->flags & DFL_NODE_F_JSON) == 0)
        dfl__report_node(p, DFL_D_SHELL_JSON, node, DFL__LIT("SHELL"));
}

/* Whether `s` is `name` in capitals once BuildKit has trimmed and upper-cased it. The dotless i is
 * the one letter beyond ASCII whose capital is in a name that is looked for. */
static int is_in_capitals(dfl_str s, const char *name) {
    unsigned width;
    s = dfl__trim(s);
    for (size_t at = 0; at < s.len; at += width) {
        uint32_t rune = dfl__rune(s, at, &width);
        if (rune == 0x131) rune = 'I';
        if (*name == '\0' || rune >= 0x80 || dfl__upper((unsigned char)rune) != *name++) return 0;
    }
    return *name == '\0';
}

static void check_onbuild(dfl__parser *p, uint32_t node) {
    uint32_t trigger = dfl__next_operand(p->doc, node, 0);
    dfl_str name = dfl__node_value(p->doc, dfl__node_child(p->doc, trigger, DFL_NODE_KEYWORD));
    if (is_in_capitals(name, "ONBUILD")) {
        dfl__report_node(p, DFL_D_ONBUILD_CHAIN, node, DFL__LIT("ONBUILD"));
    } else if (is_in_capitals(name, "FROM") || is_in_capitals(name, "MAINTAINER")) {
        dfl__report_node(p, DFL_D_ONBUILD_FORBIDDEN, node, dfl__trim(name));
    }
}

/* The value node of the next flag `name` after `flag`; `*flag` is moved to it. */
static uint32_t flag_value(const dfl__parser *p, uint32_t node, const char *name, uint32_t *flag) {
    while ((*flag = next_flag(p, node, *flag)) != 0) {
        uint32_t n = dfl__node_child(p->doc, *flag, DFL_NODE_NAME);
        if (dfl__eqz(dfl__node_value(p->doc, n), name))
            return dfl__node_child(p->doc, *flag, DFL_NODE_VALUE);
    }
    return 0;
}

static void check_duration(dfl__parser *p, uint32_t value) {
    int64_t duration;
    dfl_str text = dfl__node_value(p->doc, value);
    if (text.len == 0) return;
    if (!dfl__go_duration(text, &duration)) {
        dfl__report_node(p, DFL_D_DURATION, value, text);
    } else if (duration != 0 && duration < 1000000) {
        dfl__report_node(p, DFL_D_HEALTH_INTERVAL, value, text);
    }
}

static void check_retries(dfl__parser *p, uint32_t value) {
    int64_t retries;
    dfl_str text = dfl__node_value(p->doc, value);
    if (text.len == 0) return;
    if (!dfl__go_int(text, 32, &retries)) {
        dfl__report_node(p, DFL_D_INTEGER, value, text);
    } else if (retries < 0) {
        dfl__report_node(p, DFL_D_HEALTH_RETRIES, value, text);
    }
}

static void check_health_flags(dfl__parser *p, uint32_t node) {
    static const char *const durations[] = {"interval", "timeout", "start-period",
                                            "start-interval"};
    uint32_t before = p->doc->error_count, flag, value;
    for (size_t i = 0; i < sizeof durations / sizeof *durations && clean(p, before); i++) {
        flag = 0;
        value = flag_value(p, node, durations[i], &flag);
        if (value != 0) check_duration(p, value);
    }
    flag = 0;
    value = flag_value(p, node, "retries", &flag);
    if (clean(p, before) && value != 0) check_retries(p, value);
}

static void check_healthcheck(dfl__parser *p, uint32_t node, const rule *r) {
    uint32_t before = p->doc->error_count;
    uint32_t type = dfl__next_operand(p->doc, node, 0);
    dfl_str name = dfl__node_value(p->doc, type);
    uint32_t command = dfl__next_operand(p->doc, node, type);
    if (dfl__ieqz(name, "NONE")) {
        if (command != 0) dfl__report_node(p, DFL_D_HEALTH_NONE, node, DFL__LIT(""));
        return;
    }
    check_flags(p, node, r);
    if (!clean(p, before)) return;
    if (!dfl__ieqz(name, "CMD")) {
        dfl__report_node(p, DFL_D_HEALTH_TYPE, type, name);
    } else if (command == 0) {
        dfl__report_node(p, DFL_D_HEALTH_EMPTY, node, DFL__LIT(""));
    } else {
        check_health_flags(p, node);
    }
}

/* One field of --device; `*named` is set once the device has a name. */
static uint32_t device_field_error(dfl_str field, dfl_str key, dfl_str value, int pair,
                                   int *named) {
    int truth;
    if (!pair && dfl__eqz(key, "required")) return 0;
    if (pair && dfl__eqz(key, "required"))
        return dfl__go_bool(value, &truth) ? 0 : DFL_D_BOOL_VALUE;
    if (pair && dfl__eqz(key, "name")) {
        if (*named) return DFL_D_DEVICE_NAME;
        *named = value.len > 0;
        return 0;
    }
    if (*named) return pair ? DFL_D_KEY_UNEXPECTED : DFL_D_DEVICE_FIELD;
    *named = field.len > 0;
    return 0;
}

static uint32_t mount_field_error(dfl_str key, dfl_str value, int pair) {
    if (!pair || !dfl__eqz(key, "from")) return 0;
    size_t dollar = dfl__find(value, '$', 0);
    return dollar < value.len && dollar + 1 != value.len ? DFL_D_MOUNT_FROM_VAR : 0;
}

static int is_csv(dfl_str text, dfl__buf *field) {
    size_t at = 0;
    int more;
    do
        more = dfl__csv_next(text, &at, field);
    while (more > 0);
    return more == 0;
}

static void report_field(dfl__parser *p, uint32_t code, uint32_t node, dfl_str key, dfl_str value,
                         int pair) {
    static const char *const keys[] = {"name", "required"};
    dfl_str detail = pair && code != DFL_D_KEY_UNEXPECTED ? value : key;
    const char *near = NULL;
    if (code == DFL_D_KEY_UNEXPECTED) near = dfl__suggest(key, keys, 2, 0);
    p->doc->nodes.items[node].flags |= DFL_NODE_F_ERROR;
    dfl__report(p, code, dfl__node_range(p->doc, node), detail, near);
}

/* Check the fields of a --mount or --device value; all must be CSV before any is looked at. */
static void check_fields(dfl__parser *p, uint32_t value, int device) {
    dfl_str text = dfl__node_value(p->doc, value), key, rest;
    dfl__buf *field = &p->scratch;
    size_t at = 0;
    int named = 0;
    uint32_t code = 0;
    int csv = is_csv(text, field);
    if (!csv) dfl__report_node(p, device ? DFL_D_DEVICE_CSV : DFL_D_MOUNT_CSV, value, text);
    while (csv && code == 0 && dfl__csv_next(text, &at, field) > 0) {
        int pair = dfl__csv_pair(field, &key, &rest);
        code = device ? device_field_error(dfl__buf_str(field), key, rest, pair, &named)
                      : mount_field_error(key, rest, pair);
        if (code != 0) report_field(p, code, value, key, rest, pair);
    }
    if (field->failed != DFL_OK) p->failed = DFL_E_NOMEM;
}

static void check_mode(dfl__parser *p, uint32_t value, uint32_t code, const char *const *modes) {
    dfl_str text = dfl__node_value(p->doc, value);
    for (; *modes != NULL; modes++) {
        if (dfl__eqz(text, *modes)) return;
    }
    dfl__report_node(p, code, value, text);
}

static void check_run(dfl__parser *p, uint32_t node) {
    static const char *const networks[] = {"default", "none", "host", NULL};
    static const char *const securities[] = {"sandbox", "insecure", NULL};
    uint32_t before = p->doc->error_count, flag = 0, value;
    while ((value = flag_value(p, node, "device", &flag)) != 0)
        check_fields(p, value, 1);
    if (!clean(p, before)) return;
    flag = 0;
    while ((value = flag_value(p, node, "mount", &flag)) != 0)
        check_fields(p, value, 0);
    if (!clean(p, before)) return;
    flag = 0;
    if ((value = flag_value(p, node, "network", &flag)) != 0)
        check_mode(p, value, DFL_D_NET_MODE, networks);
    if (!clean(p, before)) return;
    flag = 0;
    if ((value = flag_value(p, node, "security", &flag)) != 0)
        check_mode(p, value, DFL_D_SEC_MODE, securities);
}

/* What comes after arity and flags. */
static void check_content(dfl__parser *p, uint32_t node) {
    switch (rec_of(p, node)->kind) {
    case DFL_NODE_ADD:
    case DFL_NODE_COPY: check_destination(p, node); break;
    case DFL_NODE_ARG:
    case DFL_NODE_ENV:
    case DFL_NODE_LABEL: check_names(p, node); break;
    case DFL_NODE_ONBUILD: check_onbuild(p, node); break;
    case DFL_NODE_RUN: check_run(p, node); break;
    case DFL_NODE_SHELL: check_shell(p, node); break;
    case DFL_NODE_VOLUME: check_volumes(p, node); break;
    default: break; /* nothing beyond arity and flags */
    }
}

static void check_by_rule(dfl__parser *p, uint32_t node, const rule *r) {
    uint32_t before = p->doc->error_count;
    uint16_t kind = rec_of(p, node)->kind;
    if (r->order != FLAGS_FIRST) check_arity(p, node, r);
    if (kind == DFL_NODE_FROM && clean(p, before)) check_from(p, node);
    if (kind == DFL_NODE_HEALTHCHECK) {
        if (clean(p, before)) check_healthcheck(p, node, r);
        return;
    }
    if (r->order != FLAGS_NEVER && clean(p, before)) check_flags(p, node, r);
    if (r->order == FLAGS_FIRST && clean(p, before)) check_arity(p, node, r);
    if (clean(p, before)) check_content(p, node);
}

/* The suggested name in the case of what was typed: capitals only for capitals. */
static const char *in_case_of(dfl_str typed, const char *name, char *lower) {
    size_t len = 0;
    int capitals = 1;
    for (size_t i = 0; i < typed.len; i++)
        capitals &= dfl__upper((unsigned char)typed.ptr[i]) == (unsigned char)typed.ptr[i];
    if (capitals || name == NULL) return name;
    for (; name[len] != '\0'; len++)
        lower[len] = (char)dfl__lower((unsigned char)name[len]);
    lower[len] = '\0';
    return lower;
}

static void report_unknown(dfl__parser *p, uint32_t node) {
    char lower[sizeof "HEALTHCHECK"]; /* the longest name */
    const char *names[DFL_NODE_WORKDIR - DFL_NODE_ADD + 1];
    size_t count = 0;
    for (uint32_t kind = DFL_NODE_ADD; kind <= DFL_NODE_WORKDIR; kind++)
        names[count++] = dfl_instruction_name(kind);
    uint32_t keyword = dfl__node_child(p->doc, node, DFL_NODE_KEYWORD);
    dfl_str name = dfl__node_value(p->doc, keyword);
    p->doc->nodes.items[node].flags |= DFL_NODE_F_ERROR;
    const char *near = in_case_of(name, dfl__suggest(name, names, count, 1), lower);
    dfl__report(p, DFL_D_UNKNOWN_INSTRUCTION, dfl__node_range(p->doc, keyword), name, near);
}

/* Whether the parser itself rejected a part of the instruction. */
static int has_syntax_error(const dfl__parser *p, uint32_t node) {
    for (uint32_t i = node; i < p->doc->nodes.count; i++) {
        if ((rec_of(p, i)->flags & DFL_NODE_F_ERROR) != 0) return 1;
    }
    return 0;
}

void dfl__verify(dfl__parser *p, uint32_t node) {
    uint16_t kind = rec_of(p, node)->kind;
    uint32_t before = p->doc->error_count;
    if (kind == DFL_NODE_UNKNOWN) {
        report_unknown(p, node);
        return;
    }
    if (has_syntax_error(p, node)) return;
    check_by_rule(p, node, &rules[kind - DFL_NODE_ADD]);
    if (clean(p, before) && p->from_count == 0 && kind != DFL_NODE_ARG && kind != DFL_NODE_FROM)
        dfl__report_node(p, DFL_D_NO_STAGE, node, name_of(kind));
}
