/* test_scope.c -- variables at a node, where they come from, and texts with variables put in.
 * Relies on cmocka and the public scope.h.
 * Never asks BuildKit itself: that is tests/conformance. */
#include <stdio.h>

#include "diag/codes.h"
#include "model/models.h"

static const char *const kinds[] = {"?",    "automatic", "build-arg", "default", "global",
                                    "none", "env",       "base",      "path",    "predefined"};

/* "name=value kind" of a variable at the start of instruction `at`. */
static void check_variable(const dfl_model *model, uint32_t kind, const char *at, const char *name,
                           const char *want) {
    dfl_scope *scope = NULL;
    char got[128] = "(none)";
    assert_int_equal(dfl_model_scope(model, node_with(model, kind, at), &scope), DFL_OK);
    for (size_t i = 0; i < dfl_scope_count(scope); i++) {
        dfl_variable v = {.size = sizeof v};
        dfl_definition d = {.size = sizeof d};
        assert_int_equal(dfl_scope_variable(scope, i, &v), DFL_OK);
        if (!dfl__eqz(v.name, name)) continue;
        assert_int_equal(dfl_model_definition(model, v.definition, &d), DFL_OK);
        snprintf(got, sizeof got, "%.*s %s%s%s", (int)v.value.len, v.value.ptr, kinds[d.kind],
                 v.state == DFL_VARIABLE_UNKNOWN ? " unknown" : "",
                 v.state == DFL_VARIABLE_UNSET ? " unset" : "");
    }
    assert_string_equal(got, want);
    dfl_scope_free(scope);
}

static void a_scope_says_who_set_what(void **state) {
    const dfl_binding env[] = {{{"PATH", 4}, {"/bin", 4}}, {{"A", 1}, {"base", 4}}};
    const dfl_image_config config = {.env = env, .env_count = 2};
    const dfl_base_image base = {{"docker.io/library/img:latest", 28}, &config};
    const dfl_binding args[] = {{{"B", 1}, {"given", 5}}, {{"no_proxy", 8}, {"p", 1}}};
    dfl_model_options options = closed();
    (void)state;
    options.bases = &base;
    options.bases_count = 1;
    options.args = args;
    options.args_count = 2;
    dfl_model *model = model_under("ARG G=g\nARG B=b\nFROM img AS x\nARG G\nARG B=c\nARG D=d\n"
                                   "ARG N\nARG TARGETARCH\nENV E=e$D A=own\nRUN end\n",
                                   &options);
    check_variable(model, DFL_NODE_FROM, "FROM img AS x", "G", "g default");
    check_variable(model, DFL_NODE_FROM, "FROM img AS x", "B", "given build-arg");
    check_variable(model, DFL_NODE_FROM, "FROM img AS x", "TARGETPLATFORM",
                   "linux/amd64 automatic");
    check_variable(model, DFL_NODE_FROM, "FROM img AS x", "TARGETSTAGE", "x automatic");
    check_variable(model, DFL_NODE_FROM, "FROM img AS x", "A", "(none)");
    check_variable(model, DFL_NODE_ARG, "ARG G", "G", "(none)");
    check_variable(model, DFL_NODE_ARG, "ARG G", "A", "base base");
    check_variable(model, DFL_NODE_RUN, "RUN end", "G", "g global");
    check_variable(model, DFL_NODE_RUN, "RUN end", "B", "given build-arg");
    check_variable(model, DFL_NODE_RUN, "RUN end", "D", "d default");
    check_variable(model, DFL_NODE_RUN, "RUN end", "N", " none unset");
    check_variable(model, DFL_NODE_RUN, "RUN end", "TARGETARCH", "amd64 global");
    check_variable(model, DFL_NODE_RUN, "RUN end", "E", "ed env");
    check_variable(model, DFL_NODE_RUN, "RUN end", "A", "own env");
    check_variable(model, DFL_NODE_RUN, "RUN end", "PATH", "/bin base");
    check_variable(model, DFL_NODE_RUN, "RUN end", "no_proxy", "p predefined");
    dfl_model_free(model);
}

static void what_nobody_says_is_unknown(void **state) {
    (void)state;
    dfl_model *model = model_of("FROM img\nARG N\nENV E=$N F=f\nARG TARGETOS\nRUN end\n"
                                "FROM scratch\nRUN other\n");
    dfl_scope *scope = NULL;
    check_variable(model, DFL_NODE_RUN, "RUN end", "N", " none unknown");
    check_variable(model, DFL_NODE_RUN, "RUN end", "E", " env unknown");
    check_variable(model, DFL_NODE_RUN, "RUN end", "F", "f env");
    check_variable(model, DFL_NODE_RUN, "RUN end", "TARGETOS", " global unknown");
    check_variable(model, DFL_NODE_RUN, "RUN other", "PATH",
                   "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin path");
    assert_int_equal(dfl_model_scope(model, node_with(model, DFL_NODE_RUN, "RUN end"), &scope),
                     DFL_OK);
    assert_int_equal(dfl_scope_complete(scope), 0);
    dfl_scope_free(scope);
    assert_int_equal(dfl_model_scope_end(model, 1, &scope), DFL_OK);
    assert_int_equal(dfl_scope_complete(scope), 1);
    dfl_scope_free(scope);
    dfl_model_free(model);
}

/* An ARG sees those before it in the same instruction, an ENV does not. */
static void words_of_one_instruction(void **state) {
    dfl_model_options options = closed();
    (void)state;
    dfl_model *model = model_under("FROM scratch\nARG A=1 B=$A C=$B\nENV D=2 E=$D-\n", &options);
    check_variable(model, DFL_NODE_VALUE, "$A", "A", "1 default");
    check_variable(model, DFL_NODE_VALUE, "$A", "B", "(none)");
    check_variable(model, DFL_NODE_VALUE, "$B", "B", "1 default");
    check_variable(model, DFL_NODE_VALUE, "$D-", "D", "(none)");
    dfl_model_free(model);
}

/* --- expansion */

static dfl_expansion *expand(const dfl_model *model, uint32_t kind, const char *text,
                             uint32_t flags, dfl_expanded *out) {
    dfl_expansion *e = NULL;
    assert_int_equal(dfl_model_expand(model, node_with(model, kind, text), flags, &e), DFL_OK);
    out->size = sizeof *out;
    assert_int_equal(dfl_expansion_get(e, out), DFL_OK);
    return e;
}

static void check_text(const dfl_model *model, uint32_t kind, const char *text, uint32_t mode,
                       const char *want) {
    dfl_expanded out;
    dfl_expansion *e = expand(model, kind, text, 0, &out);
    assert_int_equal(out.mode, mode);
    assert_text(out.text, want);
    dfl_expansion_free(e);
}

static void each_place_has_its_own_rules(void **state) {
    dfl_model_options options = closed();
    (void)state;
    dfl_model *model = model_under(
        "ARG V=1\nFROM --platform=linux/$V a:$V AS n$V\nARG V\nENV \"K$V\"=\"a $V\" W='$V'\n"
        "COPY --from=x$V --chown=$V:g --exclude=$V [\"s $V\", \"d\\u0024V\"]\nCOPY <<E <<-'F' "
        "/t$V\n"
        "\"$V\" \\n\nE\n\t$V\n\tF\nRUN --mount='type=cache,target=/c$V,\"id=q,$V\"' echo $V\n"
        "EXPOSE 8$V 9-$V\nCMD echo $V\nWORKDIR /w/$V x\nVOLUME $V/v\nONBUILD ENV O=$V\n",
        &options);
    check_text(model, DFL_NODE_VALUE, "linux/$V", DFL_EXPAND_WORD, "linux/1");
    check_text(model, DFL_NODE_WORD, "a:$V", DFL_EXPAND_WORD, "a:1");
    check_text(model, DFL_NODE_WORD, "n$V", DFL_EXPAND_NONE, "n$V");
    check_text(model, DFL_NODE_NAME, "\"K$V\"", DFL_EXPAND_WORD, "K1");
    check_text(model, DFL_NODE_VALUE, "\"a $V\"", DFL_EXPAND_WORD, "a 1");
    check_text(model, DFL_NODE_VALUE, "'$V'", DFL_EXPAND_WORD, "$V");
    check_text(model, DFL_NODE_VALUE, "x$V", DFL_EXPAND_NONE, "x$V");
    check_text(model, DFL_NODE_VALUE, "$V:g", DFL_EXPAND_WORD, "1:g");
    check_text(model, DFL_NODE_VALUE, "$V", DFL_EXPAND_NONE, "$V");
    check_text(model, DFL_NODE_JSON_STRING, "\"s $V\"", DFL_EXPAND_WORD, "s 1");
    check_text(model, DFL_NODE_JSON_STRING, "\"d\\u0024V\"", DFL_EXPAND_WORD, "d1");
    check_text(model, DFL_NODE_WORD, "/t$V", DFL_EXPAND_WORD, "/t1");
    check_text(model, DFL_NODE_HEREDOC_BODY, "\"$V\" \\n\n", DFL_EXPAND_HEREDOC, "\"1\" n\n");
    check_text(model, DFL_NODE_HEREDOC_BODY, "\t$V\n", DFL_EXPAND_NONE, "\t$V\n");
    check_text(model, DFL_NODE_VALUE, "'type=cache,target=/c$V,\"id=q,$V\"'", DFL_EXPAND_FIELDS,
               "type=cache,target=/c1,id=q,1");
    check_text(model, DFL_NODE_SHELL_FORM, "echo $V", DFL_EXPAND_NONE, "echo $V");
    check_text(model, DFL_NODE_WORD, "9-$V", DFL_EXPAND_WORDS, "9-1");
    check_text(model, DFL_NODE_WORD, "/w/$V x", DFL_EXPAND_WORD, "/w/1 x");
    check_text(model, DFL_NODE_WORD, "$V/v", DFL_EXPAND_WORD, "1/v");
    check_text(model, DFL_NODE_PAIR, "O=$V", DFL_EXPAND_NONE, "$V");
    dfl_model_free(model);
}

static void words_are_split_for_expose(void **state) {
    dfl_model_options options = closed();
    dfl_expanded out;
    (void)state;
    dfl_model *model = model_under("FROM scratch\nENV P=\"80 81\"\nEXPOSE 8$P\n", &options);
    dfl_expansion *e = expand(model, DFL_NODE_WORD, "8$P", 0, &out);
    assert_int_equal(out.words, 2);
    assert_text(out.text, "880 81");
    assert_text(dfl_expansion_word(e, 0), "880");
    assert_text(dfl_expansion_word(e, 1), "81");
    assert_text(dfl_expansion_word(e, 2), "");
    dfl_expansion_free(e);
    dfl_model_free(model);
}

/* Pieces as "text<source>", with "!" where the bytes differ, "?" when unknown. */
static void check_pieces(const dfl_model *model, uint32_t kind, const char *text, uint32_t flags,
                         const char *want) {
    dfl_expanded out;
    dfl_expansion *e = expand(model, kind, text, flags, &out);
    dfl__buf got;
    size_t at = 0;
    dfl__buf_init(&got, NULL, 0);
    for (size_t i = 0; i < out.pieces; i++) {
        dfl_piece p = {.size = sizeof p};
        assert_int_equal(dfl_expansion_piece(e, i, &p), DFL_OK);
        assert_int_equal(p.start, at); /* they tile the text */
        at = p.end;
        dfl_str piece = dfl__sub(out.text, p.start, p.end), source = source_of(model, p.source);
        dfl__buf_fmt(&got, "%S<%S>%s%s ", &piece, &source,
                     (p.flags & DFL_PIECE_F_EXACT) == 0 ? "!" : "",
                     (p.flags & DFL_PIECE_F_UNKNOWN) != 0 ? "?" : "");
    }
    assert_int_equal(at, out.text.len);
    assert_text(dfl__buf_str(&got), want);
    dfl__buf_free(&got);
    dfl_expansion_free(e);
}

static void pieces_point_to_the_source(void **state) {
    dfl_model_options options = closed();
    (void)state;
    dfl_model *model =
        model_under("ARG V=1.2\nARG IMG=\"reg/golang:${V}\"\nFROM ${IMG}-alpine AS b\n"
                    "FROM a:${V%.*}x\nFROM y:${NONE:-d$V}\nARG A=q\\\nr\nENV L='a b'$A\\ c\n"
                    "COPY --chown=\"u\\\"$A\" [\"\\u0041$A\", \"/\"]\n",
                    &options);
    check_pieces(model, DFL_NODE_WORD, "${IMG}-alpine", 0,
                 "reg/golang:1.2<${IMG}>! -alpine<-alpine> ");
    check_pieces(model, DFL_NODE_WORD, "${IMG}-alpine", DFL_EXPAND_F_TRACE,
                 "reg/golang:<reg/golang:> 1.2<1.2> -alpine<-alpine> ");
    check_pieces(model, DFL_NODE_WORD, "a:${V%.*}x", DFL_EXPAND_F_TRACE,
                 "a:<a:> 1<${V%.*}>! x<x> ");
    check_pieces(model, DFL_NODE_WORD, "y:${NONE:-d$V}", DFL_EXPAND_F_TRACE,
                 "y:<y:> d<d> 1.2<1.2> ");
    check_pieces(model, DFL_NODE_VALUE, "'a b'$A\\ c", DFL_EXPAND_F_TRACE,
                 "a b<a b> qr<q\\\nr>!  <\\ >! c<c> ");
    dfl_model_free(model);
}

static void unknown_is_not_empty(void **state) {
    dfl_expanded out;
    (void)state;
    dfl_model *model = model_of("ARG V\nARG W=w\nFROM a:$V-$W\nFROM b:${W:-$V}\nFROM c:${V:+x}\n"
                                "FROM img\nENV E=$FROM_IMAGE\nENV F=$W\n");
    dfl_expansion *e = expand(model, DFL_NODE_WORD, "a:$V-$W", 0, &out);
    assert_int_equal(out.known, 0);
    dfl_expansion_free(e);
    check_pieces(model, DFL_NODE_WORD, "a:$V-$W", 0, "a:<a:> <$V>!? -<-> w<$W>! ");
    e = expand(model, DFL_NODE_WORD, "b:${W:-$V}", 0, &out);
    assert_int_equal(out.known, 1);
    dfl_expansion_free(e);
    check_pieces(model, DFL_NODE_WORD, "c:${V:+x}", 0, "c:<c:> <${V:+x}>!? ");
    e = expand(model, DFL_NODE_VALUE, "$FROM_IMAGE", 0, &out); /* the image may set it */
    assert_int_equal(out.known, 0);
    assert_int_equal(out.undefined, 0);
    dfl_expansion_free(e);
    dfl_model_free(model);
}

/* An allocator whose memory is gone when it is freed. */
static void *forgetting(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    (void)ctx;
    char *made = new_size > 0 ? malloc(new_size) : NULL;
    if (ptr == NULL || (new_size > 0 && made == NULL)) return made;
    if (made != NULL) memcpy(made, ptr, old_size < new_size ? old_size : new_size);
    for (size_t i = 0; i < old_size; i++)
        ((volatile char *)ptr)[i] = '#';
    free(ptr);
    return made;
}

static void expansions_own_their_strings(void **state) {
    static const char text[] = "FROM scratch\nARG VERSION=1\nENV E=a$VERSOIN\n";
    const dfl_alloc alloc = {forgetting, NULL};
    dfl_parse_options parsing = DFL_PARSE_OPTIONS_INIT;
    dfl_model_options options = closed();
    dfl_undefined u = {.size = sizeof u};
    dfl_expanded out;
    dfl_model *model = NULL;
    dfl_doc *doc = NULL;
    (void)state;
    parsing.alloc = options.alloc = &alloc;
    assert_int_equal(dfl_parse(text, sizeof text - 1, &parsing, &doc), DFL_OK);
    assert_int_equal(dfl_model_new(doc, &options, &model), DFL_OK);
    dfl_expansion *e = expand(model, DFL_NODE_VALUE, "a$VERSOIN", 0, &out);
    dfl_model_free(model);
    dfl_doc_unref(doc);
    assert_text(out.text, "a");
    assert_int_equal(dfl_expansion_undefined(e, 0, &u), DFL_OK);
    assert_text(u.name, "VERSOIN");
    assert_text(u.suggestion, "VERSION");
    dfl_expansion_free(e);
}

static void undefined_names_are_told(void **state) {
    dfl_model_options options = closed();
    dfl_undefined u = {.size = sizeof u};
    dfl_expanded out;
    (void)state;
    dfl_model *model = model_under(
        "FROM scratch\nARG VERSION=1 N\nENV E=$VERSOIN-${VERSOIN}-${N:-x}-$ZZZZZ\n", &options);
    dfl_expansion *e = expand(model, DFL_NODE_VALUE, "$VERSOIN-${VERSOIN}-${N:-x}-$ZZZZZ", 0, &out);
    assert_text(out.text, "--x-");
    assert_int_equal(out.undefined, 3);
    assert_int_equal(dfl_expansion_undefined(e, 0, &u), DFL_OK);
    assert_text(u.name, "VERSOIN");
    assert_text(u.suggestion, "VERSION");
    assert_text(source_of(model, u.source), "$VERSOIN");
    assert_int_equal(u.declared, 0);
    assert_int_equal(dfl_expansion_undefined(e, 1, &u), DFL_OK);
    assert_text(u.name, "N");
    assert_int_equal(u.declared, 1);
    assert_text(source_of(model, u.source), "${N");
    assert_int_equal(dfl_expansion_undefined(e, 2, &u), DFL_OK);
    assert_text(u.suggestion, "");
    assert_int_equal(dfl_expansion_undefined(e, 3, &u), DFL_E_ARG);
    dfl_piece p = {.size = sizeof p};
    for (size_t i = 0; i < out.pieces; i++) {
        assert_int_equal(dfl_expansion_piece(e, i, &p), DFL_OK);
        assert_int_equal(p.flags & DFL_PIECE_F_UNKNOWN, 0); /* what is not set is known */
        if (dfl__eqz(source_of(model, p.source), "${N:-x}"))
            assert_int_equal(p.flags, DFL_PIECE_F_CHANGED);
    }
    dfl_expansion_free(e);
    dfl_model_free(model);
}

static void malformed_words_have_a_code(void **state) {
    static const struct {
        const char *word;
        uint32_t code;
    } cases[] = {{"${", DFL_D_SUBST_BRACE},         {"${}", DFL_D_SUBST_BAD},
                 {"${A^^}", DFL_D_SUBST_MODIFIER},  {"'", DFL_D_SUBST_QUOTE},
                 {"${Q?no}", DFL_D_SUBST_REQUIRED}, {"${A#\\q}", DFL_D_SUBST_PATTERN}};
    dfl_model_options options = closed();
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[64];
        dfl_expanded out;
        snprintf(text, sizeof text, "FROM scratch\nENV A=1\nENV E=%s\n", cases[i].word);
        dfl_model *model = model_under(text, &options);
        dfl_expansion *e = expand(model, DFL_NODE_VALUE, cases[i].word, 0, &out);
        assert_int_equal(out.error, cases[i].code);
        assert_int_equal(out.known, 0);
        assert_text(out.text, "");
        dfl_expansion_free(e);
        dfl_model_free(model);
    }
}

static void bad_questions_are_told(void **state) {
    dfl_scope *scope = NULL;
    dfl_expansion *e = NULL;
    dfl_variable v = {.size = 1};
    dfl_definition d = {.size = sizeof d};
    (void)state;
    dfl_model *model = model_of("FROM a\nENV A=1\n"), *other = model_of("FROM a\n");
    dfl_node node = node_with(model, DFL_NODE_VALUE, "1");
    dfl_node foreign = dfl_doc_root(dfl_model_doc(other));
    assert_int_equal(dfl_model_scope(model, foreign, &scope), DFL_E_STALE);
    assert_int_equal(dfl_model_expand(model, foreign, 0, &e), DFL_E_STALE);
    assert_int_equal(dfl_model_expand(model, dfl_doc_root(dfl_model_doc(model)), 0, &e),
                     DFL_E_UNSUPPORTED);
    assert_int_equal(dfl_model_expand(model, node_with(model, DFL_NODE_KEYWORD, "ENV"), 0, &e),
                     DFL_E_UNSUPPORTED);
    assert_int_equal(dfl_model_expand(model, node, 2, &e), DFL_E_ARG);
    assert_int_equal(dfl_model_expand(model, node, 0, NULL), DFL_E_ARG);
    assert_null(e);
    assert_int_equal(dfl_model_scope(model, node, &scope), DFL_OK);
    assert_int_equal(dfl_scope_variable(scope, 0, &v), DFL_E_ARG);
    assert_int_equal(dfl_model_definition(model, dfl_model_definition_count(model), &d), DFL_E_ARG);
    dfl_scope_free(scope);
    dfl_scope_free(NULL);
    dfl_expansion_free(NULL);
    dfl_model_free(model);
    dfl_model_free(other);
}

/* Each line doubles the one before: no more is written than the limits allow, and it is said. */
static void bombs_end_in_a_diagnostic(void **state) {
    dfl__buf text;
    dfl_diag diag = {.size = sizeof diag};
    (void)state;
    dfl__buf_init(&text, NULL, 0);
    dfl__buf_addz(&text, "FROM scratch\nENV A0=0123456789abcdef\n");
    for (uint32_t i = 1; i < 60; i++)
        dfl__buf_fmt(&text, "ENV A%u=${A%u}${A%u}\n", i, i - 1, i - 1);
    dfl__buf_addz(&text, "USER $A59\n");
    dfl__buf_addc(&text, '\0');
    dfl_model *model = model_of(text.ptr);
    dfl_config *config = NULL;
    assert_int_equal(dfl_model_diag_count(model), 1);
    assert_int_equal(dfl_model_diag(model, 0, &diag), DFL_OK);
    assert_string_equal(diag.name, "expand-limit");
    assert_int_equal(diag.severity, DFL_SEVERITY_WARNING);
    assert_int_equal(dfl_model_config(model, 0, &config), DFL_OK);
    assert_true((dfl_config_unknown(config) & DFL_CONFIG_USER) != 0);
    dfl_config_free(config);
    dfl_model_free(model);
    dfl__buf_free(&text);
}

/* What the next stage begins with is not of the ARG or ENV that stands before its FROM. */
static void the_last_of_a_scope_sees_its_variables(void **state) {
    (void)state;
    dfl_model *model = model_of("ARG V=1\nARG W=v$V\nFROM scratch\nARG X=1\nARG Y=x$X\n"
                                "FROM scratch\nENV Z=1\n");
    check_text(model, DFL_NODE_PAIR, "W=v$V", DFL_EXPAND_WORD, "v1");
    check_text(model, DFL_NODE_PAIR, "Y=x$X", DFL_EXPAND_WORD, "x1");
    dfl_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_of_a_scope_sees_its_variables),
        cmocka_unit_test(a_scope_says_who_set_what),
        cmocka_unit_test(what_nobody_says_is_unknown),
        cmocka_unit_test(words_of_one_instruction),
        cmocka_unit_test(each_place_has_its_own_rules),
        cmocka_unit_test(words_are_split_for_expose),
        cmocka_unit_test(pieces_point_to_the_source),
        cmocka_unit_test(unknown_is_not_empty),
        cmocka_unit_test(expansions_own_their_strings),
        cmocka_unit_test(undefined_names_are_told),
        cmocka_unit_test(malformed_words_have_a_code),
        cmocka_unit_test(bad_questions_are_told),
        cmocka_unit_test(bombs_end_in_a_diagnostic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
