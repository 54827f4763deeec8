/* test_lint.c -- every rule on files that break it and files that do not; options; fixes.
 * Relies on cmocka and the public headers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dockerfile/lint.h"
#include "syntax/reference.h"

static dfl_str text_of(const char *z) {
    return (dfl_str){z, strlen(z)};
}

typedef struct {
    dfl_doc *doc;
    dfl_lint *lint;
} checked;

/* Every image has an empty configuration, but for arm and shell. */
static const dfl_str shell[] = {{"/bin/x", 6}};
static const dfl_image_config empty = {.env_count = 0};
static const dfl_image_config with_shell = {
    .os = {"linux", 5}, .architecture = {"amd64", 5}, .shell = shell, .shell_count = 1};
static const dfl_image_config arm = {.os = {"linux", 5}, .architecture = {"arm64", 5}};
#define MOST_BASES 16u

/* What is known of the images that the file names. */
static size_t bases_of(const dfl_doc *doc, const dfl_model_options *options,
                       dfl_base_image *bases) {
    dfl_model *model = NULL;
    size_t count = 0;
    bases[count++] = (dfl_base_image){{"shell", 5}, &with_shell};
    bases[count++] = (dfl_base_image){{"arm", 3}, &arm};
    assert_int_equal(dfl_model_new(doc, options, &model), DFL_OK);
    for (size_t i = 0; i < dfl_model_stage_count(model); i++) {
        dfl_stage stage = {.size = sizeof stage};
        dfl__reference ref;
        assert_int_equal(dfl_model_stage(model, i, &stage), DFL_OK);
        assert_true(count < MOST_BASES);
        if (dfl__reference_parse(stage.base, &ref) != DFL__REF_OK) continue;
        /* the name is in the file or the model: it must last longer */
        char *copy = malloc(stage.base.len);
        assert_non_null(copy);
        memcpy(copy, stage.base.ptr, stage.base.len);
        bases[count++] = (dfl_base_image){{copy, stage.base.len}, &empty};
    }
    dfl_model_free(model);
    return count;
}

/* Check `source` in the build of `build`; where that names no bases, on those of its images. */
static dfl_status check_build(const char *source, const dfl_lint_options *options,
                              dfl_model_options build, int known, checked *out) {
    dfl_base_image bases[MOST_BASES];
    dfl_model *model = NULL;
    out->lint = NULL;
    assert_int_equal(dfl_parse(source, strlen(source), NULL, &out->doc), DFL_OK);
    if (known) {
        build.flags = DFL_MODEL_F_ALL_ARGS;
        build.bases_count = bases_of(out->doc, &build, bases);
        build.bases = bases;
    }
    assert_int_equal(dfl_model_new(out->doc, &build, &model), DFL_OK);
    for (size_t i = 2; known && i < build.bases_count; i++)
        free((char *)(uintptr_t)bases[i].reference.ptr);
    dfl_status status = dfl_lint_run(model, options, &out->lint);
    dfl_model_free(model);
    return status;
}

static dfl_model_options build_with(const dfl_binding *args, uint32_t args_count) {
    dfl_model_options build = DFL_MODEL_OPTIONS_INIT;
    build.args = args;
    build.args_count = args_count;
    return build;
}

static dfl_status check_with(const char *source, const dfl_lint_options *options,
                             const dfl_binding *args, uint32_t args_count, checked *out) {
    return check_build(source, options, build_with(args, args_count), 1, out);
}

static void done(checked *c) {
    dfl_lint_free(c->lint);
    dfl_doc_unref(c->doc);
}

static dfl_finding finding_at(const checked *c, size_t i) {
    dfl_finding finding = {.size = sizeof finding};
    assert_int_equal(dfl_lint_finding(c->lint, i, &finding), DFL_OK);
    return finding;
}

static uint32_t count_of(const checked *c, const char *rule, uint32_t severity) {
    uint32_t count = 0;
    for (size_t i = 0; i < dfl_lint_count(c->lint); i++) {
        dfl_finding finding = finding_at(c, i);
        count += strcmp(finding.rule, rule) == 0 && finding.severity == severity;
    }
    return count;
}

typedef struct {
    const char *rule;
    uint32_t count;
    const char *source;
    const char *about; /* text of the first finding's range; NULL = not looked at */
} example;

static const example examples[] = {
    {"StageNameCasing", 1, "FROM a AS Build\n", "Build"},
    {"StageNameCasing", 1, "FROM a AS bUILD\nFROM b AS c\n", "bUILD"},
    {"StageNameCasing", 2, "FROM a AS X\nFROM b AS Y\n", "X"},
    {"StageNameCasing", 0, "FROM a AS build\n", NULL},
    {"StageNameCasing", 0, "FROM a\n", NULL},
    {"FromAsCasing", 1, "FROM a as b\n", "as"},
    {"FromAsCasing", 1, "from a AS b\n", "AS"},
    {"FromAsCasing", 1, "FROM a As b\n", "As"},
    {"FromAsCasing", 0, "FROM a AS b\n", NULL},
    {"FromAsCasing", 0, "From a aS b\n", NULL},
    {"NoEmptyContinuation", 1, "FROM a\nRUN b \\\n\n  c\n", "\n"},
    {"NoEmptyContinuation", 1, "FROM a\nRUN b \\\n \t\n\n  c\n", " \t\n"},
    {"NoEmptyContinuation", 1, "FROM a\nRUN b \\\n\n", NULL},
    {"NoEmptyContinuation", 0, "FROM a\nRUN b \\\n# c\n  d\n", NULL},
    {"NoEmptyContinuation", 0, "FROM a\n\nRUN b\n", NULL},
    {"ConsistentInstructionCasing", 1, "FROM a\nRUN b\nrun c\n", "run"},
    {"ConsistentInstructionCasing", 1, "FROM a\nRun b\n", "Run"},
    {"ConsistentInstructionCasing", 1, "from a\nrun b\nRUN c\n", "RUN"},
    {"ConsistentInstructionCasing", 0, "from a\nrun b\n", NULL},
    {"ConsistentInstructionCasing", 0, "arg A\nFROM a\nONBUILD run x\n", NULL},
    {"DuplicateStageName", 1, "FROM a AS x\nFROM b AS x\n", "x"},
    {"DuplicateStageName", 2, "FROM a AS x\nFROM b AS x\nFROM c AS X\n", "x"},
    {"DuplicateStageName", 1, "FROM a AS x\nFROM b\nFROM c AS x\n", "x"},
    {"DuplicateStageName", 0, "FROM a AS x\nFROM b AS y\n", NULL},
    {"DuplicateStageName", 0, "FROM a\nFROM a\n", NULL},
    {"ReservedStageName", 1, "FROM a AS scratch\n", "scratch"},
    {"ReservedStageName", 1, "FROM a AS context\n", "context"},
    {"ReservedStageName", 1, "FROM a AS Context\n", "Context"},
    {"ReservedStageName", 0, "FROM scratch AS x\n", NULL},
    {"ReservedStageName", 0, "FROM a AS contexts\n", NULL},
    {"JSONArgsRecommended", 1, "FROM a\nCMD run it\n", "CMD run it"},
    {"JSONArgsRecommended", 1, "FROM a\nENTRYPOINT run\n", "ENTRYPOINT run"},
    {"JSONArgsRecommended", 1, "FROM a\nCMD\n", NULL},
    {"JSONArgsRecommended", 0, "FROM a\nCMD [\"x\"]\n", NULL},
    {"JSONArgsRecommended", 0, "FROM a\nSHELL [\"x\"]\nCMD y\n", NULL},
    {"JSONArgsRecommended", 0, "FROM shell\nCMD y\n", NULL},
    {"MaintainerDeprecated", 1, "FROM a\nMAINTAINER me\n", "MAINTAINER"},
    {"MaintainerDeprecated", 1, "FROM a\nMAINTAINER\n", "MAINTAINER"},
    {"MaintainerDeprecated", 2, "FROM a\nMAINTAINER x\nMAINTAINER y\n", "MAINTAINER"},
    {"MaintainerDeprecated", 0, "FROM a\nLABEL maintainer=me\n", NULL},
    {"MaintainerDeprecated", 0, "FROM a\nONBUILD MAINTAINER me\n", NULL},
    {"UndefinedArgInFrom", 1, "FROM a$X\n", "$X"},
    {"UndefinedArgInFrom", 1, "ARG V\nFROM a:${VV:-1}\n", NULL},
    {"UndefinedArgInFrom", 2, "FROM --platform=$P a$X\n", NULL},
    {"UndefinedArgInFrom", 0, "ARG X\nFROM a$X\n", NULL},
    {"UndefinedArgInFrom", 0, "FROM --platform=$BUILDPLATFORM a\n", NULL},
    {"WorkdirRelativePath", 1, "FROM a\nWORKDIR x\n", "x"},
    {"WorkdirRelativePath", 1, "FROM a AS b\nWORKDIR x\nWORKDIR y\nFROM b\nWORKDIR z\n", "x"},
    {"WorkdirRelativePath", 1, "FROM a\nENV D=x\nWORKDIR $D/y\n", "$D/y"},
    {"WorkdirRelativePath", 0, "FROM a\nWORKDIR /x\nWORKDIR y\n", NULL},
    {"WorkdirRelativePath", 0, "FROM a\nENV D=/x\nWORKDIR ${D}\n", NULL},
    {"WorkdirRelativePath", 0, "FROM --platform=windows a\nWORKDIR c:\\\\x\n", NULL},
    {"WorkdirRelativePath", 0, "FROM --platform=windows a\nWORKDIR /x\n", NULL},
    {"WorkdirRelativePath", 1, "FROM --platform=windows a\nWORKDIR //x\n", "//x"},
    {"WorkdirRelativePath", 1, "FROM --platform=windows a\nWORKDIR d:/x\n", "d:/x"},
    {"WorkdirRelativePath", 1, "FROM --platform=windows a\nWORKDIR c:x\n", "c:x"},
    {"UndefinedVar", 1, "FROM a\nENV A=x$B\n", "$B"},
    {"UndefinedVar", 2, "FROM a\nCOPY $A ${B:-c} /d\n", "$A"},
    {"UndefinedVar", 1, "FROM a\nCOPY <<E /x\nhello ${NAME} \\$no\nE\n", "${NAME}"},
    {"UndefinedVar", 1, "FROM a\nRUN --mount=type=cache,target=/x$Y true\n", "$Y"},
    {"UndefinedVar", 1, "FROM a\nCOPY --chown=\"u$A\" b c\n", "$A"},
    {"UndefinedVar", 1, "FROM a\nCOPY --chown=\\u${A} b c\n", "${A}"},
    {"UndefinedVar", 1, "FROM a\nCOPY [\"\\u0041\\n$A\", \"b\"]\n", "$A"},
    {"UndefinedVar", 1, "FROM a\nRUN --mount=\"target=/x$Y\" true\n", "$Y"},
    {"UndefinedVar", 1, "FROM a\nRUN --mount='type=cache,\"target=/x$Y\"' true\n", "$Y"},
    {"UndefinedVar", 1, "FROM a\nRUN --mount='type=cache,\"target=/\"\"$Y\"' true\n",
     "'type=cache,\"target=/\"\"$Y\"'"},
    {"UndefinedVar", 1, "FROM a\nENV A=b\\\nc$A\\\nB\n", "$A\\\nB"},
    {"UndefinedVar", 0, "FROM a\nARG B\nENV A=$B$PATH\n", NULL},
    {"UndefinedVar", 0, "FROM a\nCOPY <<'E' /x\n$NAME\nE\n", NULL},
    {"UndefinedVar", 0, "FROM a\nEXPOSE $P\nRUN $X\nCMD $Y\n", NULL},
    {"MultipleInstructionsDisallowed", 1, "FROM a\nCMD [\"x\"]\nCMD [\"y\"]\n", "CMD [\"x\"]"},
    {"MultipleInstructionsDisallowed", 2,
     "FROM a\nHEALTHCHECK NONE\nHEALTHCHECK NONE\n"
     "HEALTHCHECK NONE\n",
     NULL},
    {"MultipleInstructionsDisallowed", 1, "FROM a\nENTRYPOINT [\"x\"]\nRUN y\nENTRYPOINT z\n",
     NULL},
    {"MultipleInstructionsDisallowed", 0, "FROM a AS b\nCMD [\"x\"]\nFROM b\nCMD [\"y\"]\n", NULL},
    {"MultipleInstructionsDisallowed", 0, "FROM a\nCMD [\"x\"]\nENTRYPOINT [\"y\"]\n", NULL},
    {"LegacyKeyValueFormat", 1, "FROM a\nENV A b\n", "A b"},
    {"LegacyKeyValueFormat", 1, "FROM a\nLABEL A b c\n", "A b c"},
    {"LegacyKeyValueFormat", 1, "FROM a AS x\nONBUILD ENV A b\nFROM x\n", NULL},
    {"LegacyKeyValueFormat", 0, "FROM a\nENV A=b\n", NULL},
    {"LegacyKeyValueFormat", 0, "FROM a\nARG A b\n", NULL},
    {"InvalidBaseImagePlatform", 1, "FROM arm\n", "arm"},
    {"InvalidBaseImagePlatform", 1, "FROM arm:latest\n", "arm:latest"},
    {"InvalidBaseImagePlatform", 1, "FROM --platform=arm64 shell\n", "shell"},
    {"InvalidBaseImagePlatform", 0, "FROM shell\n", NULL},
    {"InvalidBaseImagePlatform", 0, "FROM --platform=linux/arm64 arm\n", NULL},
    {"RedundantTargetPlatform", 1, "FROM --platform=$TARGETPLATFORM a\n",
     "--platform=$TARGETPLATFORM"},
    {"RedundantTargetPlatform", 1, "FROM --platform=${TARGETPLATFORM} a\n", NULL},
    {"RedundantTargetPlatform", 1, "FROM --platform=${TARGETPLATFORM:-x} a\n", NULL},
    {"RedundantTargetPlatform", 0, "FROM --platform=$BUILDPLATFORM a\n", NULL},
    {"RedundantTargetPlatform", 0, "FROM --platform=$TARGETPLATFORM/v2 a\n", NULL},
    {"SecretsUsedInArgOrEnv", 1, "FROM a\nARG API_KEY\n", "API_KEY"},
    {"SecretsUsedInArgOrEnv", 2, "FROM a\nENV auth=x my_Token_x=y\n", "auth"},
    {"SecretsUsedInArgOrEnv", 1, "FROM a\nENV N=PASSWORD\nENV $N=y\n", "$N"},
    {"SecretsUsedInArgOrEnv", 0, "ARG TOKEN\nFROM a\nENV KEYS=x SECRET_FILE=y\n", NULL},
    {"SecretsUsedInArgOrEnv", 0, "FROM a\nLABEL token=x\n", NULL},
    {"InvalidDefaultArgInFrom", 1, "ARG V\nFROM a:$V\n", "a:$V"},
    {"InvalidDefaultArgInFrom", 1, "ARG B\nFROM $B\n", "$B"},
    {"InvalidDefaultArgInFrom", 1, "FROM UPPER\n", "UPPER"},
    {"InvalidDefaultArgInFrom", 0, "ARG V=1\nFROM a:$V\n", NULL},
    {"InvalidDefaultArgInFrom", 0, "FROM a AS b\nFROM b\n", NULL},
    {"FromPlatformFlagConstDisallowed", 1, "FROM --platform=linux/amd64 a\n",
     "--platform=linux/amd64"},
    {"FromPlatformFlagConstDisallowed", 1, "FROM --platform=x86_64 a AS x86_64\n", NULL},
    {"FromPlatformFlagConstDisallowed", 1, "FROM --platform=arm a AS b\n", NULL},
    {"FromPlatformFlagConstDisallowed", 0, "FROM --platform=linux/amd64 a AS b-amd64\n", NULL},
    {"FromPlatformFlagConstDisallowed", 0, "ARG P=linux/amd64\nFROM --platform=$P a\n", NULL},
    {"InvalidDefinitionDescription", 1, "# check=experimental=all\n# x\nFROM a AS b\n", "x"},
    {"InvalidDefinitionDescription", 1,
     "# check=experimental=InvalidDefinitionDescription\n# y\nARG A B\nFROM a\n", "y"},
    {"InvalidDefinitionDescription", 1,
     "# check=experimental=all;skip=all\n# b\n\n#y\nFROM a AS b\n", "y"},
    {"InvalidDefinitionDescription", 0, "# x\nFROM a AS b\n", NULL},
    {"InvalidDefinitionDescription", 0, "# check=experimental=all\n# b is it\nFROM a AS b\n", NULL},
    {"InvalidDefinitionDescription", 0, "# check=experimental=all\n# x\n#\nFROM a AS b\n", NULL},
    {"ExposeProtoCasing", 1, "FROM a\nEXPOSE 80/TCP\n", "80/TCP"},
    {"ExposeProtoCasing", 2, "FROM a\nEXPOSE 80/Udp 81/tcp 82/sCTP\n", "80/Udp"},
    {"ExposeProtoCasing", 1, "FROM a\nENV P=80/TCP\nEXPOSE $P\n", "$P"},
    {"ExposeProtoCasing", 0, "FROM a\nEXPOSE 80/tcp\n", NULL},
    {"ExposeProtoCasing", 0, "FROM a\nEXPOSE 80/XYZ\n", NULL},
    {"ExposeInvalidFormat", 1, "FROM a\nEXPOSE 8080:80\n", "8080:80"},
    {"ExposeInvalidFormat", 1, "FROM a\nEXPOSE 127.0.0.1::80\n", NULL},
    {"ExposeInvalidFormat", 1, "FROM a\nEXPOSE [::1]:80:80/tcp\n", NULL},
    {"ExposeInvalidFormat", 0, "FROM a\nEXPOSE 80\n", NULL},
    {"ExposeInvalidFormat", 0, "FROM a\nEXPOSE :80\n", NULL},
};

static void check_about(const checked *c, const example *e) {
    dfl_str source = dfl_doc_source(c->doc);
    for (size_t i = 0; i < dfl_lint_count(c->lint); i++) {
        dfl_finding finding = finding_at(c, i);
        if (strcmp(finding.rule, e->rule) != 0) continue;
        assert_int_equal(finding.range.end - finding.range.start, strlen(e->about));
        assert_memory_equal(source.ptr + finding.range.start, e->about, strlen(e->about));
        return;
    }
    fail_msg("no %s", e->rule);
}

static void rules_find_what_they_should(void **state) {
    dfl_lint_options options = DFL_LINT_OPTIONS_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const example *e = &examples[i];
        checked c;
        assert_int_equal(check_with(e->source, &options, NULL, 0, &c), DFL_OK);
        uint32_t count = count_of(&c, e->rule, DFL_SEVERITY_WARNING);
        if (count != e->count) fail_msg("%s: %u in %s", e->rule, (unsigned)count, e->source);
        if (e->about != NULL) check_about(&c, e);
        done(&c);
    }
}

/* The fixes of one rule applied together leave nothing for it to find, and no error. */
static void check_fixes(const char *rule, const char *source, const char *after) {
    dfl_lint_options options = DFL_LINT_OPTIONS_INIT;
    checked c;
    dfl_edits *edits = NULL;
    dfl_doc *fixed = NULL;
    uint32_t count = 0;
    assert_int_equal(check_with(source, &options, NULL, 0, &c), DFL_OK);
    assert_int_equal(dfl_edits_new(c.doc, &edits), DFL_OK);
    for (size_t i = 0; i < dfl_lint_count(c.lint); i++) {
        dfl_finding finding = finding_at(&c, i);
        dfl_edit edit;
        if (strcmp(finding.rule, rule) != 0) continue;
        for (uint32_t e = 0; e < finding.edits; e++, count++) {
            assert_int_equal(dfl_lint_edit(c.lint, i, e, &edit), DFL_OK);
            assert_int_equal(dfl_edits_replace(edits, edit.range, edit.text), DFL_OK);
        }
        assert_int_equal(dfl_lint_edit(c.lint, i, finding.edits, &edit), DFL_E_ARG);
    }
    if (after == NULL) {
        assert_int_equal(count, 0);
    } else {
        assert_int_equal(dfl_edits_apply(edits, &fixed), DFL_OK);
        dfl_str text = dfl_doc_source(fixed);
        assert_int_equal(text.len, strlen(after));
        assert_memory_equal(text.ptr, after, text.len);
        dfl_doc_unref(fixed);
    }
    dfl_edits_free(edits);
    done(&c);
}

static void fixes_remove_findings(void **state) {
    (void)state;
    check_fixes("StageNameCasing", "FROM a AS Build\n", "FROM a AS build\n");
    check_fixes("StageNameCasing", "FROM a AS Bu\\\nild\n", NULL);
    check_fixes("FromAsCasing", "from a AS b\n", "from a as b\n");
    check_fixes("NoEmptyContinuation", "FROM a\nRUN b \\\n\n \t\n  c \\\n\n d\n",
                "FROM a\nRUN b \\\n  c \\\n d\n");
    check_fixes("ConsistentInstructionCasing", "FROM a\nRUN b\nrun c\n", "FROM a\nRUN b\nRUN c\n");
    check_fixes("RedundantTargetPlatform", "FROM --platform=$TARGETPLATFORM  a\n", "FROM a\n");
    check_fixes("LegacyKeyValueFormat", "FROM a\nENV A b c\nLABEL x $y\n",
                "FROM a\nENV A=\"b c\"\nLABEL x=$y\n");
    check_fixes("LegacyKeyValueFormat", "FROM a\nENV A b\"c\"\n", NULL);
    check_fixes("ExposeProtoCasing", "FROM a\nEXPOSE 80/TCP\n", "FROM a\nEXPOSE 80/tcp\n");
    check_fixes("ExposeProtoCasing", "FROM a\nENV P=1/TCP\nEXPOSE $P\n", NULL);
    check_fixes("ExposeInvalidFormat", "FROM a\nEXPOSE 1.2.3.4:1:80/udp\n",
                "FROM a\nEXPOSE 80/udp\n");
    check_fixes("MultipleInstructionsDisallowed", "FROM a\nCMD [\"x\"]\nCMD [\"y\"]\n",
                "FROM a\nCMD [\"y\"]\n");
    check_fixes("MultipleInstructionsDisallowed", "FROM a\n# c\nCMD [\"x\"]\nCMD [\"y\"]\n", NULL);
}

static void expect_counts(const char *source, const char *rules, const char *rule,
                          uint32_t warnings, uint32_t notes, const char *note) {
    dfl_lint_options options = DFL_LINT_OPTIONS_INIT;
    checked c;
    if (rules != NULL) options.options = text_of(rules);
    assert_int_equal(check_with(source, &options, NULL, 0, &c), DFL_OK);
    assert_int_equal(count_of(&c, rule, DFL_SEVERITY_WARNING), warnings);
    assert_int_equal(count_of(&c, note, DFL_SEVERITY_NOTE), notes);
    done(&c);
}

static void suppressions_count(void **state) {
    static const char unused[] = "UnusedSuppression", rule[] = "StageNameCasing";
    (void)state;
    expect_counts("# check=skip=StageNameCasing\nFROM a AS B\n", NULL, rule, 0, 0, unused);
    expect_counts("# check=skip=all\nFROM a AS B\n", NULL, rule, 0, 0, unused);
    expect_counts("# check=skip=ALL\nFROM a AS B\n", NULL, rule, 1, 1, "UnknownRule");
    expect_counts("# check=skip=FromAsCasing, StageNameCasing\nFROM a AS B\n", NULL, rule, 1, 1,
                  unused);
    expect_counts("# check=skip=all\nFROM a\n", NULL, rule, 0, 1, unused);
    expect_counts("# check=skip=all\nFROM a AS B\n", "", rule, 1, 0, unused);
    expect_counts("FROM a AS B\n", "skip=StageNameCasing", rule, 0, 0, unused);
    expect_counts("#\n# check=skip=StageNameCasing\n\n# more\nFROM a AS B\nFROM c AS D\n", NULL,
                  rule, 1, 0, unused);
    expect_counts("#\n  # check=skip=StageNameCasing\nFROM a AS B\n", NULL, rule, 1, 0, unused);
    expect_counts("#\n# check=skip\nFROM a AS B\n", NULL, rule, 1, 0, unused);
    expect_counts("#\n# check=skip=StageNameCasing\nFROM a AS b\n", NULL, rule, 0, 1, unused);
    expect_counts("FROM a AS scratch\n", "skip=ReservedStageName", "ReservedStageName", 0, 0,
                  unused);
    expect_counts("#\n# check=skip=ReservedStageName\nFROM a AS scratch\n", NULL,
                  "ReservedStageName", 1, 1, unused);
}

static void errors_are_asked_for(void **state) {
    dfl_lint_options options = DFL_LINT_OPTIONS_INIT;
    dfl_model_options build = DFL_MODEL_OPTIONS_INIT;
    checked c;
    (void)state;
    assert_int_equal(check_with("# check=error=true\nFROM a AS B\n", &options, NULL, 0, &c), 0);
    assert_int_equal(dfl_lint_failed(c.lint), 1);
    done(&c);
    assert_int_equal(check_with("# check=error=true\nFROM a AS b\n", &options, NULL, 0, &c), 0);
    assert_int_equal(dfl_lint_failed(c.lint), 0);
    done(&c);
    options.options = text_of("error=maybe");
    assert_int_equal(check_with("FROM a\n", &options, NULL, 0, &c), DFL_E_FORMAT);
    done(&c);
    build.target = text_of("nope");
    assert_int_equal(check_build("FROM a\n", NULL, build, 1, &c), DFL_E_ARG);
    done(&c);
    options.options = text_of("");
    options.size--;
    assert_int_equal(check_with("FROM a\n", &options, NULL, 0, &c), DFL_E_ABI);
    done(&c);
}

static void ignored_sources_are_found(void **state) {
    static const struct {
        const char *ignore, *source;
        uint32_t warnings, notes;
    } cases[] = {
        {"secret\n", "FROM a\nCOPY secret /x\n", 1, 0},
        {"secret\n", "FROM a\nADD ./secret/y a /x\n", 1, 0},
        {"*\n", "FROM a\nCOPY . /x\n", 1, 0},
        {"*.md\n", "FROM a\nENV F=b.md\nCOPY $F /x\n", 1, 0},
        {"secret\n", "FROM a\nCOPY /secret ../../secret/y /x\n", 0, 2},
        {"secret\n", "FROM a\nCOPY /public ../public /x\n", 0, 0},
        {"secret\n", "FROM a\nCOPY --from=b secret /x\n", 0, 0},
        {"secret\n!secret/y\n", "FROM a\nCOPY secret /x\n", 0, 0},
        {"secret\n", "FROM a\nCOPY . /x\n", 0, 0},
        {"secret\n", "FROM a\nADD https://h/secret /x\n", 0, 0},
        {"**\n", "FROM a\nADD HTTPS://h/a%2Egit /x\n", 0, 0},
        {"**\n", "FROM a\nADD ssh://[h/a /x\n", 1, 0},
        {"**\n", "FROM a\nADD git@h:a /x\n", 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dfl_lint_options options = DFL_LINT_OPTIONS_INIT;
        dfl_ignore *ignore = NULL;
        checked c;
        assert_int_equal(dfl_ignore_new(cases[i].ignore, strlen(cases[i].ignore), NULL, &ignore),
                         DFL_OK);
        options.ignore = ignore;
        assert_int_equal(check_with(cases[i].source, &options, NULL, 0, &c), DFL_OK);
        if (count_of(&c, "CopyIgnoredFile", DFL_SEVERITY_WARNING) != cases[i].warnings ||
            count_of(&c, "CopyIgnoredFile", DFL_SEVERITY_NOTE) != cases[i].notes)
            fail_msg("%s", cases[i].source);
        done(&c);
        dfl_ignore_free(ignore);
    }
}

static void unknown_images_leave_notes(void **state) {
    checked c;
    (void)state;
    dfl_model_options build = DFL_MODEL_OPTIONS_INIT;
    assert_int_equal(check_build("FROM who/knows\nENV A=$B\n", NULL, build, 0, &c), DFL_OK);
    assert_int_equal(count_of(&c, "UndefinedVar", DFL_SEVERITY_WARNING), 0);
    assert_int_equal(count_of(&c, "UndefinedVar", DFL_SEVERITY_NOTE), 1);
    done(&c);
    assert_int_equal(check_build("FROM scratch\nENV A=$B\n", NULL, build, 0, &c), DFL_OK);
    assert_int_equal(count_of(&c, "UndefinedVar", DFL_SEVERITY_WARNING), 1);
    done(&c);
    /* what the catalog knows of an image is set; more may be */
    const char *source = "FROM golang:1.25\nENV A=$GOPATH\nENV C=$B\n";
    build.catalog = dfl_catalog_builtin();
    assert_int_equal(check_build(source, NULL, build, 0, &c), DFL_OK);
    assert_int_equal(count_of(&c, "UndefinedVar", DFL_SEVERITY_NOTE), 1);
    done(&c);
    build.catalog = NULL;
    assert_int_equal(check_build(source, NULL, build, 0, &c), DFL_OK);
    assert_int_equal(count_of(&c, "UndefinedVar", DFL_SEVERITY_NOTE), 2);
    done(&c);
}

static void arguments_and_targets_matter(void **state) {
    dfl_binding arg = {{"W", 1}, {"x", 1}};
    const char *source = "FROM a AS b\nARG W=/y\nWORKDIR $W\nFROM c AS d\nWORKDIR z\n";
    checked c;
    (void)state;
    assert_int_equal(check_with(source, NULL, &arg, 1, &c), DFL_OK);
    assert_int_equal(count_of(&c, "WorkdirRelativePath", DFL_SEVERITY_WARNING), 2);
    done(&c);
    dfl_model_options build = DFL_MODEL_OPTIONS_INIT;
    build.target = text_of("b");
    assert_int_equal(check_build(source, NULL, build, 1, &c), DFL_OK);
    assert_int_equal(count_of(&c, "WorkdirRelativePath", DFL_SEVERITY_WARNING), 0);
    done(&c);
}

/* An allocator that fails at call `left`. */
typedef struct {
    long left;
    size_t bytes; /* asked for */
} counter;

static void *resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    counter *c = ctx;
    c->bytes += new_size > old_size ? new_size - old_size : 0;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    if (c->left-- <= 0) return NULL;
    return realloc(ptr, new_size);
}

static void memory_may_run_out(void **state) {
    static const char source[] =
        "# check=skip=Nope\nARG V=1\nFROM a$V AS B\n# check=skip=all\nENV K $x\nONBUILD CMD y\n"
        "RUN --mount=target=$t x \\\n\n y\nCOPY <<E $d /z\n$q\nE\nFROM b\nEXPOSE 1:80/TCP\nCMD z\n";
    dfl_lint_options options = DFL_LINT_OPTIONS_INIT;
    counter c = {0};
    dfl_alloc alloc = {resize, &c};
    dfl_status status = DFL_E_NOMEM;
    (void)state;
    options.alloc = &alloc;
    for (long n = 0; status == DFL_E_NOMEM; n++) {
        checked run;
        c.left = n;
        status = check_with(source, &options, NULL, 0, &run);
        assert_true(status == DFL_E_NOMEM || status == DFL_OK);
        assert_true((run.lint != NULL) == (status == DFL_OK));
        done(&run);
        assert_true(n < 100000);
    }
}

static void limits_are_kept(void **state) {
    dfl_limits limits = DFL_LIMITS_INIT;
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    const char *source = "FROM a AS X\nFROM b AS Y\nFROM c AS Z\n";
    dfl_doc *doc = NULL;
    dfl_model *model = NULL;
    dfl_lint *lint = NULL;
    (void)state;
    limits.max_diags = 2;
    options.limits = &limits;
    assert_int_equal(dfl_parse(source, strlen(source), &options, &doc), DFL_OK);
    assert_int_equal(dfl_model_new(doc, NULL, &model), DFL_OK);
    assert_int_equal(dfl_lint_run(model, NULL, &lint), DFL_OK);
    assert_int_equal(dfl_lint_count(lint), 2);
    assert_int_equal(dfl_lint_dropped(lint), 1);
    dfl_lint_free(lint);
    dfl_model_free(model);
    dfl_doc_unref(doc);
}

/* Bytes that checking a stage of `n` hidden variables and `n` stages built on it asks for. */
static size_t cost_of_hidden(int n) {
    dfl_lint_options options = DFL_LINT_OPTIONS_INIT;
    counter c = {.left = 100000};
    dfl_alloc alloc = {resize, &c};
    size_t size = (size_t)n * 64 + 64, len = 0;
    char *source = malloc(size);
    dfl_doc *doc = NULL;
    dfl_model *model = NULL;
    dfl_lint *lint = NULL;
    assert_non_null(source);
    options.alloc = &alloc;
    len += (size_t)snprintf(source, size, "FROM scratch AS s\n");
    for (int i = 0; i < n; i++)
        len += (size_t)snprintf(source + len, size - len, "ENV A%d=b\nARG A%d=c\n", i, i);
    for (int i = 0; i < n; i++)
        len += (size_t)snprintf(source + len, size - len, "FROM s\n");
    assert_int_equal(dfl_parse(source, len, NULL, &doc), DFL_OK);
    assert_int_equal(dfl_model_new(doc, NULL, &model), DFL_OK);
    assert_int_equal(dfl_lint_run(model, &options, &lint), DFL_OK);
    dfl_lint_free(lint);
    dfl_model_free(model);
    dfl_doc_unref(doc);
    free(source);
    return c.bytes;
}

/* What the ARGs of a stage hide counts again in the stages built on it: found once for all. */
static void hidden_variables_cost_once(void **state) {
    size_t one = cost_of_hidden(200), two = cost_of_hidden(400);
    (void)state;
    assert_true(two < 3 * one);
}

static void bad_calls_are_refused(void **state) {
    dfl_finding finding = {.size = sizeof finding};
    dfl_edit edit;
    dfl_lint *lint = NULL;
    checked c;
    (void)state;
    assert_int_equal(dfl_lint_run(NULL, NULL, &lint), DFL_E_ARG);
    assert_int_equal(check_with("FROM a AS B\n", NULL, NULL, 0, &c), DFL_OK);
    assert_int_equal(dfl_lint_finding(c.lint, 1, &finding), DFL_E_ARG);
    assert_int_equal(dfl_lint_edit(c.lint, 1, 0, &edit), DFL_E_ARG);
    finding.size = 1;
    assert_int_equal(dfl_lint_finding(c.lint, 0, &finding), DFL_E_ABI);
    done(&c);
    dfl_lint_free(NULL);
    assert_int_equal(dfl_lint_count(NULL), 0);
    assert_int_equal(dfl_lint_failed(NULL), 0);
    assert_int_equal(dfl_lint_dropped(NULL), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_find_what_they_should),
        cmocka_unit_test(fixes_remove_findings),
        cmocka_unit_test(suppressions_count),
        cmocka_unit_test(errors_are_asked_for),
        cmocka_unit_test(ignored_sources_are_found),
        cmocka_unit_test(unknown_images_leave_notes),
        cmocka_unit_test(arguments_and_targets_matter),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(hidden_variables_cost_once),
        cmocka_unit_test(bad_calls_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
