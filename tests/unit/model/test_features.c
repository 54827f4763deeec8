/* test_features.c -- which frontend a document needs, and which one it names.
 * Relies on cmocka.
 * Never checks that the table is true: that is the history of the frontend's releases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dockerfile/dockerfile.h"
#include "model/features.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define V DFL__VERSION

_Static_assert(offsetof(dfl_frontend, feature) == 40 + sizeof(dfl_str), "frozen");

static dfl_doc *parse(const char *text, const dfl_alloc *alloc) {
    dfl_parse_options options = DFL_PARSE_OPTIONS_INIT;
    dfl_doc *doc = NULL;
    options.alloc = alloc;
    assert_int_equal(dfl_parse(text, strlen(text), &options, &doc), DFL_OK);
    return doc;
}

/* --- the table */

static void test_table(void **state) {
    (void)state;
    for (uint32_t i = 0; i < DFL__FEATURE_COUNT; i++) {
        dfl__feature feature = (dfl__feature)i;
        const char *name = dfl__feature_name(feature);
        assert_non_null(name);
        assert_true(name[0] != '\0');
        uint32_t stable = dfl__feature_version(feature, 0), labs = dfl__feature_version(feature, 1);
        assert_true(labs >= V(1, 0, 0) && labs <= stable);
        assert_true(stable > V(1, 0, 0));
        /* In the order of stable versions, so that a gap is seen; what never was comes anywhere. */
        for (uint32_t j = 0; j < i; j++) {
            uint32_t before = dfl__feature_version((dfl__feature)j, 0);
            assert_true(before <= stable || before == DFL_FRONTEND_NEVER);
            assert_string_not_equal(dfl__feature_name((dfl__feature)j), name);
        }
    }
    assert_int_equal(dfl__feature_version(DFL__FEATURE_HEREDOC, 0), V(1, 4, 0));
    assert_int_equal(dfl__feature_version(DFL__FEATURE_HEREDOC, 1), V(1, 3, 0));
    assert_int_equal(dfl__feature_version(DFL__FEATURE_PARENTS, 0), V(1, 20, 0));
    assert_int_equal(dfl__feature_version(DFL__FEATURE_PARENTS, 1), V(1, 7, 0));
    assert_int_equal(dfl__feature_version(DFL__FEATURE_DEVICE, 0), DFL_FRONTEND_NEVER);
}

/* --- words */

static const struct {
    const char *text, *traits; /* v r u p t o, heredoc bodies behind `<` */
} traits_of_words[] = {
    {"", ""},
    {"plain", ""},
    {"$", ""},
    {"$.", ""},
    {"\\$a", ""},
    {"'$a'", ""},
    {"$a", "v"},
    {"\"$a\"", "v"},
    {"$1", "v"},
    {"$$", "v"},
    {"${a}", "v"},
    {"${+x}", "vu"},
    {"${a:-b}${a:+b}", "v"},
    {"${a-b}", "vu"},
    {"${a+b}", "vu"},
    {"${a?b}", "vr"},
    {"${a:?b}", "vr"},
    {"${a#b}", "vp"},
    {"${a%%b}", "vp"},
    {"${a/b/c}", "vp"},
    {"${a//b/c}", "vp"},
    {"${a:#b}", "v"},
    {"${a:-${b#c}}", "vp"},
    {"${a:-'${b#c}'}", "v"},
    {"\"${a:-'${b#c}'}\"", "v"},
    {"\"'${b#c}'\"", "vp"},
    {"${a:-\"${b?c}\"}", "vr"},
    {"${a:-\\${b#c}}", "v"},
    {"${a", "v"},
    {"${", "v"},
    {"'${a#b}", ""},
    {"${a:-\"}${b#c}", "vp"},
    {"$TARGETSTAGE", "vt"},
    {"${TARGETOSVERSION}", "vo"},
    {"$BUILDOSVERSION/$TARGETSTAGE", "vto"},
    {"$TARGETSTAGEX", "v"},
    {"<'${a#b}'", "vp"},
    {"<\\${a#b}", ""},
};

static void test_word_traits(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(traits_of_words); i++) {
        char got[8] = "";
        int heredoc = traits_of_words[i].text[0] == '<';
        dfl_str text = dfl__str(traits_of_words[i].text + heredoc);
        dfl__word_traits t = dfl__word_traits_of(text, heredoc ? '`' : '\\', heredoc);
        if (t.variables) strcat(got, "v");
        if (t.required) strcat(got, "r");
        if (t.unset) strcat(got, "u");
        if (t.pattern) strcat(got, "p");
        if (t.target_stage) strcat(got, "t");
        if (t.os_version) strcat(got, "o");
        if (strcmp(got, traits_of_words[i].traits) != 0)
            fail_msg("%s: \"%s\", want \"%s\"", traits_of_words[i].text, got,
                     traits_of_words[i].traits);
    }
    dfl__word_traits t = dfl__word_traits_of(DFL__LIT("`${a#b}\\${c?d}"), '`', 0);
    assert_true(t.required && !t.pattern);
}

/* Openers without closers: as deep as expansion goes, and no deeper. */
static void test_word_depth(void **state) {
    (void)state;
    for (size_t depth = 62; depth <= 65; depth++) {
        char text[400] = "";
        for (size_t i = 0; i < depth; i++)
            strcat(text, "${a:-");
        strcat(text, "${b#c}");
        assert_int_equal(dfl__word_traits_of(dfl__str(text), '\\', 0).pattern, depth < 64);
    }
}

static void test_sources(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int git;
    } cases[] = {
        {"a", 0},
        {"", 0},
        {"./git@x:y", 0},
        {"../git@x:y", 0},
        {"github.com/a/b", 0},
        {"ftp://x/y.git", 0},
        {"s3://x", 0},
        {"HTTP://x/y", 0},
        {"http://x/y", 0},
        {"https://x/y.git.tar", 0},
        {"https://x/y?z.git", 0},
        {"https://x/y.git", 1},
        {"HTTPS://x/y.git", 1},
        {"https://x/y.git?tag=1", 1},
        {"https://x/y.git#v1:sub", 1},
        {"ssh://x/y", 1},
        {"git://x/y", 1},
        {"git@x.y:z", 1},
        {"a-b_c@x-1:z", 1},
        {"@x:z", 0},
        {"git@:z", 0},
        {"git@x", 0},
        {"git@x/y:z", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (dfl__is_git_source(dfl__str(cases[i].text)) != cases[i].git)
            fail_msg("%s: want %d", cases[i].text, cases[i].git);
}

/* --- documents */

static void add_use(void *ctx, const dfl__feature_use *use) {
    char *out = ctx;
    if (out[0] != '\0') strcat(out, " ");
    strcat(out, dfl__feature_name(use->feature));
}

static const struct {
    const char *text, *uses;
} documents[] = {
    {"", ""},
    {"FROM a\nRUN x\nCOPY a b\n", ""},
    {"FROM --platform=$BUILDPLATFORM a AS b\nFROM a\nCOPY --from=b --chown=a:b / /\n", ""},
    {"FROM ${a:-b}\nENV x=${a:+b}\n", ""},
    {"FROM a\nHEALTHCHECK --interval=1s --timeout=2s --start-period=3s --retries=4 CMD x\n", ""},
    /* flags */
    {"FROM a\nRUN --mount=type=cache,target=/x y\n", "mount"},
    {"FROM a\nRUN --network=none y\n", "network"},
    {"FROM a\nRUN --security=insecure y\n", "security"},
    {"FROM a\nRUN --device=x y\n", "device"},
    {"FROM a\nCOPY --link a b\nADD --link=false a b\n", "link link"},
    {"FROM a\nCOPY --parents a b\nCOPY --exclude=x a b\nADD --exclude=x a b\n",
     "parents exclude exclude"},
    {"FROM a\nADD --unpack a b\nADD --keep-git-dir=true a b\n", "unpack keep-git-dir"},
    {"FROM a\nHEALTHCHECK --start-interval=1s CMD x\n", "start-interval"},
    {"FROM a\nHEALTHCHECK --interval=0 --timeout=0s --retries=+0 CMD x\n",
     "health-zero health-zero health-zero"},
    {"FROM a\nHEALTHCHECK --interval= --retries=x CMD x\n", ""},
    {"FROM a\nLABEL --mount=x a=b\n", ""},
    /* values of flags */
    {"FROM a\nCOPY --chmod=644 a b\n", "chmod"},
    {"FROM a\nADD --chmod=u+x a b\n", "chmod symbolic-chmod"},
    {"FROM a\nADD --chmod=$m a b\n", "chmod chmod-variable"},
    {"FROM a\nADD --chmod= a b\n", "chmod"},
    {"FROM a\nCOPY --chown=$u a b\nADD --chown=$u a b\n", "chown-variable add-chown-variable"},
    {"FROM a\nRUN --mount=type=tmpfs,target=/x,size=1m y\n", "mount tmpfs-size"},
    {"FROM a\nRUN --mount=size=1m,type=TMPFS y\n", "mount tmpfs-size"},
    {"FROM a\nRUN --mount=type=cache,size=1m y\n", "mount"},
    {"FROM a\nRUN --mount=type=secret,id=a,env=B y\n", "mount secret-env"},
    {"FROM a\nRUN --mount=type=cache,env=B y\n", "mount"},
    {"FROM a\nRUN --mount=type=cache,target=$x/${y#z} y\n", "mount pattern mount-variable"},
    {"FROM a\nRUN --mount=type=cache,from=$x y\n", "mount"},
    {"FROM a\nRUN --mount=\"\" y\n", "mount"},
    {"FROM --platform=windows(10.0.1)/amd64 a\n", "os-version"},
    {"FROM --platform=linux/${TARGETARCH} a\n", ""},
    /* words */
    {"ARG a=${b?c}\nFROM ${d-e}\n", "required-variable unset-default"},
    {"FROM a\nENV ${a#b}=c d=${e%f}\nLABEL x ${y/z/w}\n", "pattern pattern pattern"},
    {"FROM a\nWORKDIR ${a#b}\nUSER ${a#b}\nSTOPSIGNAL ${a#b}\n", "pattern pattern pattern"},
    {"FROM a\nEXPOSE ${a#b}\nVOLUME ${a#b}\nVOLUME [\"${a#b}\"]\n", "pattern pattern pattern"},
    {"FROM a\nCOPY ${a#b} c\nADD [\"${a#b}\", \"c\"]\n", "pattern pattern"},
    {"FROM a\nADD --checksum=${a#b} c d\n", "add-checksum pattern"},
    {"FROM a\nRUN ${a#b}\nCMD ${a?b}\nENTRYPOINT ${a-b}\nHEALTHCHECK CMD ${a#b}\n", ""},
    /* ARG */
    {"ARG a b\nFROM c\nARG d e f\n", "several-args several-args"},
    {"FROM a\nARG BUILDKIT_SBOM_SCAN_STAGE\n", "sbom-arg"},
    {"FROM a\nARG TARGETSTAGE\nARG TARGETOSVERSION\n", "target-stage os-version"},
    {"FROM $TARGETSTAGE-$BUILDOSVERSION\n", "target-stage os-version"},
    {"ARG TARGETSTAGE=x TARGETOSVERSION=y\nFROM $TARGETSTAGE$TARGETOSVERSION\nARG TARGETSTAGE\n",
     "several-args"},
    {"FROM a\nARG TARGETSTAGE=x\nRUN echo $TARGETSTAGE\n", ""},
    {"ARG SOURCE_DATE_EPOCH\nFROM a\nARG SOURCE_DATE_EPOCH=1\n", ""},
    {"ARG SOURCE_DATE_EPOCH=\nFROM a\n", ""},
    {"ARG SOURCE_DATE_EPOCH=1\nFROM a\n", "epoch-default"},
    {"ARG SOURCE_DATE_EPOCH=$x\nFROM a\n", "epoch-default"},
    {"ARG SOURCE_DATE_EPOCH=context\nFROM a\n", "epoch-default epoch-source"},
    /* ADD from Git */
    {"FROM a\nADD https://x/y.git /z\n", "add-git"},
    {"FROM a\nADD https://x/y.tar /z\n", ""},
    {"FROM a\nADD z git@x:y\nCOPY git@x:y z\n", ""},
    {"FROM a\nADD --checksum=sha256:x https://x/y.tar /z\n", "add-checksum"},
    {"FROM a\nADD --checksum=x https://x/y.git /z\n", "add-checksum add-git git-checksum"},
    {"FROM a\nADD https://x/y.git?tag=1&subdir=z#a?mtime=b /z\n", "add-git git-query git-query"},
    {"FROM a\nADD https://x/y.git?mtime=commit&fetch-by-commit /z\n",
     "add-git git-mtime git-fetch-by-commit"},
    {"FROM a\nADD https://x/y.git? /z\n", "add-git"},
    /* heredocs */
    {"FROM a\nRUN <<E\n${x#y}\nE\n", "heredoc"},
    {"FROM a\nCOPY <<E /x\n'${x#y}'\nE\n", "heredoc pattern"},
    {"FROM a\nCOPY <<'E' /x\n${x#y}\nE\n", "heredoc"},
    {"FROM a\nRUN cat << E\nE\n", "heredoc heredoc-blank"},
    {"FROM a\nRUN cat <<E << F\nE\nF\n", "heredoc heredoc-blank"},
    {"FROM a\nRUN cat <<E '<< F'\nE\n", "heredoc"},
    {"FROM a\nRUN cat <<- E\nE\n", ""},
    /* triggers */
    {"FROM a\nONBUILD RUN --mount=type=cache,target=/x y\n", "mount"},
    {"FROM a\nONBUILD COPY --from=a b c\n", "onbuild-from"},
    {"FROM a\nONBUILD RUN --mount=from=a b c\n", "mount onbuild-from"},
    {"FROM a\nONBUILD RUN <<E\nE\n", "heredoc"},
    {"FROM a\nONBUILD ONBUILD COPY --from=a b c\n", "onbuild-from"},
    {"FROM a\nONBUILD\n", ""},
    /* checks */
    {"# check=skip=A\nFROM a\n", "check"},
    {"# check=experimental=all\nFROM a\n", "check check-experimental"},
    {"# check=skip=A experimental\nFROM a\n", "check"},
    {"FROM a\n# check=skip=A\nRUN b\n", "instruction-check"},
    {"FROM a\n# check=skip=A\n\n# c\nRUN b\n", "instruction-check"},
    {"FROM a\n# check=skip=A\n#\nRUN b\n", ""},
    {"FROM a\n # check=skip=A\nRUN b\n", ""},
    {"FROM a\n# check=skip=A\n", ""},
    {"FROM a\n# check=skip=A;experimental=B\n# check=skip=C\nRUN b\nRUN c\n",
     "instruction-check check-experimental"},
    {"FROM a\n# checks=skip=A\nRUN b\n", ""},
    {"#!/bin/sh\n# check=skip=A\nFROM a\n", "check instruction-check"},
    /* ends of lines */
    {"FROM a\nRUN b\\\\\nRUN c\\\\\\ \t\r\nRUN d\n", "escaped-line-end escaped-line-end"},
    {"FROM a\nRUN b \\\n c\n# d\\\\\nRUN <<E\ne\\\\\nE\n", "heredoc"},
    {"# escape=`\nFROM a\nRUN b\\\\\nRUN c``\n", "escaped-line-end"},
    {"FROM a\nRUN b\\\\", ""},
};

static void test_uses(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(documents); i++) {
        char got[400] = "";
        dfl_doc *doc = parse(documents[i].text, NULL);
        assert_int_equal(dfl__features_scan(doc, add_use, got), DFL_OK);
        if (strcmp(got, documents[i].uses) != 0)
            fail_msg("%s\n  \"%s\", want \"%s\"", documents[i].text, got, documents[i].uses);
        dfl_doc_unref(doc);
    }
}

/* --- references */

static const struct {
    const char *reference;
    uint32_t channel, oldest, newest;
} references[] = {
    {"docker/dockerfile", DFL_FRONTEND_STABLE, V(255, 255, 255), V(255, 255, 255)},
    {"docker/dockerfile:latest", DFL_FRONTEND_STABLE, V(255, 255, 255), V(255, 255, 255)},
    {"docker/dockerfile:1", DFL_FRONTEND_STABLE, V(1, 255, 255), V(1, 255, 255)},
    {"docker.io/docker/dockerfile:1.4", DFL_FRONTEND_STABLE, V(1, 4, 255), V(1, 4, 255)},
    {"index.docker.io/docker/dockerfile:1.4.2", DFL_FRONTEND_STABLE, V(1, 4, 2), V(1, 4, 2)},
    {"docker/dockerfile:1-labs", DFL_FRONTEND_LABS, V(1, 255, 255), V(1, 255, 255)},
    {"docker/dockerfile:1.7-labs", DFL_FRONTEND_LABS, V(1, 7, 255), V(1, 7, 255)},
    {"docker/dockerfile:1.1.2-experimental", DFL_FRONTEND_LABS, V(1, 1, 2), V(1, 1, 2)},
    {"docker/dockerfile:labs", DFL_FRONTEND_LABS, V(255, 255, 255), V(255, 255, 255)},
    {"docker/dockerfile:experimental", DFL_FRONTEND_LABS, V(255, 255, 255), V(255, 255, 255)},
    {"docker/dockerfile-upstream:master", DFL_FRONTEND_STABLE, V(255, 255, 255), V(255, 255, 255)},
    {"docker/dockerfile-upstream:master-labs", DFL_FRONTEND_LABS, V(255, 255, 255),
     V(255, 255, 255)},
    {"docker/dockerfile:1.4@sha256:" /* digest appended below */, DFL_FRONTEND_STABLE, V(1, 4, 0),
     V(1, 4, 255)},
    {"docker/dockerfile:1@sha256:", DFL_FRONTEND_STABLE, V(1, 0, 0), V(1, 255, 255)},
    {"docker/dockerfile@sha256:", DFL_FRONTEND_OTHER, 0, 0},
    {"docker/dockerfile-upstream:1.4", DFL_FRONTEND_OTHER, 0, 0},
    {"docker/dockerfile-upstream", DFL_FRONTEND_OTHER, 0, 0},
    {"docker/dockerfile:1.4-rc1", DFL_FRONTEND_OTHER, 0, 0},
    {"docker/dockerfile:1-latest", DFL_FRONTEND_OTHER, 0, 0},
    {"docker/dockerfile:1-", DFL_FRONTEND_OTHER, 0, 0},
    {"docker/dockerfile:1.", DFL_FRONTEND_OTHER, 0, 0},
    {"docker/dockerfile:1.4.2.1", DFL_FRONTEND_OTHER, 0, 0},
    {"docker/dockerfile:1.300", DFL_FRONTEND_OTHER, 0, 0},
    {"docker/dockerfile:v1", DFL_FRONTEND_OTHER, 0, 0},
    {"docker/dockerfile:labs1", DFL_FRONTEND_OTHER, 0, 0},
    {"example.com/docker/dockerfile:1", DFL_FRONTEND_OTHER, 0, 0},
    {"dockerfile:1", DFL_FRONTEND_OTHER, 0, 0},
    {"docker/Dockerfile:1", DFL_FRONTEND_OTHER, 0, 0},
    {"docker/dockerfile/x:1", DFL_FRONTEND_OTHER, 0, 0},
    {"", DFL_FRONTEND_OTHER, 0, 0},
};

static void test_references(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(references); i++) {
        char text[160];
        strcpy(text, references[i].reference);
        if (strchr(text, '@') != NULL)
            strcat(text, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
        dfl__frontend got = dfl__frontend_of(dfl__str(text));
        if (got.channel != references[i].channel || got.oldest != references[i].oldest ||
            got.newest != references[i].newest)
            fail_msg("%s: channel %u, %x to %x", text, (unsigned)got.channel, (unsigned)got.oldest,
                     (unsigned)got.newest);
        assert_true(dfl__eqz(got.reference, text));
    }
}

static void test_named_frontend(void **state) {
    (void)state;
    static const struct {
        const char *text, *reference;
        uint32_t channel;
    } cases[] = {
        {"FROM a\n", "", DFL_FRONTEND_BUILDER},
        {"# syntax=docker/dockerfile:1\nFROM a\n", "docker/dockerfile:1", DFL_FRONTEND_STABLE},
        {"#syntax = docker/dockerfile:1 x y\n", "docker/dockerfile:1", DFL_FRONTEND_STABLE},
        {"\xEF\xBB\xBF# SYNTAX=docker/dockerfile:1\r\n", "docker/dockerfile:1",
         DFL_FRONTEND_STABLE},
        {"#!/bin/sh\n# syntax=docker/dockerfile:1\n", "docker/dockerfile:1", DFL_FRONTEND_STABLE},
        {"# escape=`\n# syntax=docker/dockerfile:1\n", "docker/dockerfile:1", DFL_FRONTEND_STABLE},
        {"# c\n# syntax=docker/dockerfile:1\n", "", DFL_FRONTEND_BUILDER},
        {"\n# syntax=docker/dockerfile:1\n", "", DFL_FRONTEND_BUILDER},
        {" # syntax=docker/dockerfile:1\n", "", DFL_FRONTEND_BUILDER},
        {"// syntax=x/y\n", "x/y", DFL_FRONTEND_OTHER},
        {"{\"syntax\": \"docker\\/dockerfile:1\"}\n", "\"docker\\/dockerfile:1\"",
         DFL_FRONTEND_STABLE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_doc *doc = parse(cases[i].text, NULL);
        dfl__frontend got;
        assert_int_equal(dfl__frontend_of_doc(doc, &got), DFL_OK);
        assert_int_equal(got.channel, cases[i].channel);
        if (!dfl__eqz(got.reference, cases[i].reference))
            fail_msg("%s: \"%.*s\"", cases[i].text, (int)got.reference.len, got.reference.ptr);
        dfl_doc_unref(doc);
    }
}

static void test_has(void **state) {
    (void)state;
    static const struct {
        const char *reference;
        dfl__feature feature;
        int has;
    } cases[] = {
        {"docker/dockerfile:1.3", DFL__FEATURE_HEREDOC, 0},
        {"docker/dockerfile:1.3-labs", DFL__FEATURE_HEREDOC, 1},
        {"docker/dockerfile:1.4", DFL__FEATURE_HEREDOC, 1},
        {"docker/dockerfile:1.4.0", DFL__FEATURE_HEREDOC, 1},
        {"docker/dockerfile:1.3.9", DFL__FEATURE_HEREDOC, 0},
        {"docker/dockerfile:1", DFL__FEATURE_GIT_FETCH, 1},
        {"docker/dockerfile:1", DFL__FEATURE_DEVICE, 0},
        {"docker/dockerfile:1-labs", DFL__FEATURE_DEVICE, 1},
        {"docker/dockerfile:1.9", DFL__FEATURE_CHMOD_VARIABLE, 0},
        {"docker/dockerfile:1.10", DFL__FEATURE_CHMOD_VARIABLE, 1},
        {"docker/dockerfile:1.1", DFL__FEATURE_REQUIRED_VARIABLE, 1},
        {"docker/dockerfile:1.1.5", DFL__FEATURE_REQUIRED_VARIABLE, 0},
        {"docker/dockerfile:1.1.6", DFL__FEATURE_REQUIRED_VARIABLE, 1},
        {"example.com/x", DFL__FEATURE_MOUNT, -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl__frontend frontend = dfl__frontend_of(dfl__str(cases[i].reference));
        if (dfl__frontend_has(&frontend, cases[i].feature) != cases[i].has)
            fail_msg("%s has %s: want %d", cases[i].reference, dfl__feature_name(cases[i].feature),
                     cases[i].has);
    }
    /* Held by a digest at some release of 1.1: it may be one with it or one without. */
    dfl__frontend pinned = {DFL_FRONTEND_STABLE, V(1, 1, 0), V(1, 1, 255), {"", 0}};
    assert_int_equal(dfl__frontend_has(&pinned, DFL__FEATURE_REQUIRED_VARIABLE), -1);
    assert_int_equal(dfl__frontend_has(&pinned, DFL__FEATURE_CHOWN_VARIABLE), 1);
    assert_int_equal(dfl__frontend_has(&pinned, DFL__FEATURE_MOUNT), 0);
}

/* --- the public answer */

static dfl_model *model_of(const char *text, const dfl_alloc *alloc) {
    dfl_model *model = NULL;
    dfl_doc *doc = parse(text, alloc);
    assert_int_equal(dfl_model_new(doc, NULL, &model), DFL_OK);
    dfl_doc_unref(doc);
    return model;
}

static const struct {
    const char *text;
    uint32_t channel, stable, labs;
    const char *feature, *where;
    int32_t enough;
} frontends[] = {
    {"FROM a\n", DFL_FRONTEND_BUILDER, V(1, 0, 0), V(1, 0, 0), "", "", 1},
    {"FROM a\nRUN --mount=type=cache,target=/x y\n", DFL_FRONTEND_BUILDER, V(1, 2, 0), V(1, 0, 0),
     "mount", "--mount=type=cache,target=/x", -1},
    {"# syntax=docker/dockerfile:1\nFROM a\nCOPY --parents a b\n", DFL_FRONTEND_STABLE, V(1, 20, 0),
     V(1, 7, 0), "parents", "--parents", 1},
    {"# syntax=docker/dockerfile:1.19\nFROM a\nCOPY --exclude=x --parents a b\n",
     DFL_FRONTEND_STABLE, V(1, 20, 0), V(1, 7, 0), "parents", "--parents", 0},
    {"# syntax=docker/dockerfile:1.7-labs\nFROM a\nCOPY --exclude=x --parents a b\n",
     DFL_FRONTEND_LABS, V(1, 20, 0), V(1, 7, 0), "exclude", "--exclude=x", 1},
    {"# syntax=docker/dockerfile:1.7-labs\nFROM a\nRUN --mount=type=bind,target=/a b\n",
     DFL_FRONTEND_LABS, V(1, 2, 0), V(1, 0, 0), "", "", 1},
    {"# syntax=example.com/x\nFROM a\nADD --unpack a b\n", DFL_FRONTEND_OTHER, V(1, 17, 0),
     V(1, 17, 0), "unpack", "--unpack", -1},
    {"# syntax=example.com/x\nFROM a\n", DFL_FRONTEND_OTHER, V(1, 0, 0), V(1, 0, 0), "", "", 1},
    {"FROM a\nRUN --device=x y\n", DFL_FRONTEND_BUILDER, DFL_FRONTEND_NEVER, V(1, 14, 0), "device",
     "--device=x", -1},
    {"# syntax=docker/dockerfile:1\nFROM a\nRUN --device=x y\n", DFL_FRONTEND_STABLE,
     DFL_FRONTEND_NEVER, V(1, 14, 0), "device", "--device=x", 0},
    /* of equals, the first in the file, wherever it was found */
    {"FROM a\\\\\nRUN --mount=type=cache,target=/x y\n", DFL_FRONTEND_BUILDER, V(1, 2, 0),
     V(1, 2, 0), "escaped-line-end", "a\\\\", -1},
};

static void test_frontend(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(frontends); i++) {
        dfl_model *model = model_of(frontends[i].text, NULL);
        dfl_frontend got = {.size = sizeof got};
        assert_int_equal(dfl_model_frontend(model, &got), DFL_OK);
        assert_int_equal(got.channel, frontends[i].channel);
        if (got.stable != frontends[i].stable || got.labs != frontends[i].labs)
            fail_msg("%s: %x, %x", frontends[i].text, (unsigned)got.stable, (unsigned)got.labs);
        assert_string_equal(got.feature, frontends[i].feature);
        assert_int_equal(got.enough, frontends[i].enough);
        dfl_str where =
            dfl__sub(dfl_doc_source(dfl_model_doc(model)), got.range.start, got.range.end);
        if (!dfl__eqz(where, frontends[i].where))
            fail_msg("%s: at \"%.*s\"", frontends[i].text, (int)where.len, where.ptr);
        assert_int_equal(got.node == 0, frontends[i].feature[0] == '\0');
        dfl_model_free(model);
    }
}

static void test_arguments(void **state) {
    (void)state;
    dfl_model *model = model_of("FROM a\n", NULL);
    dfl_frontend got = {.size = sizeof got - 1};
    assert_int_equal(dfl_model_frontend(model, &got), DFL_E_ABI);
    assert_int_equal(dfl_model_frontend(model, NULL), DFL_E_ARG);
    assert_int_equal(dfl_model_frontend(NULL, &got), DFL_E_ARG);
    dfl_model_free(model);
}

/* --- diagnostics */

/* Each feature that the named frontend lacks is told once, at its first use. */
static void test_lacking(void **state) {
    static const struct {
        const char *text, *message, *at;
    } cases[] = {
        {"# syntax=docker/dockerfile:1.2\nFROM a\nRUN <<E\nE\nRUN <<E\nE\n",
         "heredoc: needs docker/dockerfile 1.4 or newer", "RUN <<E"},
        {"# syntax=docker/dockerfile:1.1.5\nFROM ${a?}\n",
         "required-variable: needs docker/dockerfile 1.1.6 or newer", "${a?}"},
        {"# syntax=docker/dockerfile:1\nFROM a\nRUN --device=x true\n",
         "device: needs docker/dockerfile 1.14-labs or newer", "--device=x"},
        {"# syntax=docker/dockerfile:1.6-labs\nFROM a\nCOPY --parents b /\n",
         "parents: needs docker/dockerfile 1.7-labs or newer", "--parents"},
        {"# syntax=docker/dockerfile:1.4\nFROM a\nRUN <<E\nE\n", NULL, NULL},
        {"# syntax=docker/dockerfile:1\nFROM a\nCOPY --parents b /\n", NULL, NULL},
        {"# syntax=docker/dockerfile:1.2@sha256:"
         "0123456789012345678901234567890123456789012345678901234567890123\nFROM a\nRUN <<E\nE\n",
         "heredoc: needs docker/dockerfile 1.4 or newer", "RUN <<E"},
        {"# syntax=example.com/mine:1.2\nFROM a\nRUN <<E\nE\n", NULL, NULL},
        {"FROM a\nRUN <<E\nE\n", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl_diag diag = {.size = sizeof diag};
        dfl_model *model = model_of(cases[i].text, NULL);
        size_t told = 0;
        for (size_t d = 0; dfl_model_diag(model, d, &diag) == DFL_OK; d++) {
            if (strcmp(diag.name, "frontend-old") != 0) continue;
            assert_non_null(cases[i].message);
            assert_int_equal(diag.severity, DFL_SEVERITY_WARNING);
            assert_true(dfl__starts(diag.message, cases[i].message));
            const char *at = cases[i].text + diag.range.start;
            assert_int_equal(strncmp(at, cases[i].at, strlen(cases[i].at)), 0);
            told++;
        }
        assert_int_equal(told, cases[i].message != NULL);
        dfl_model_free(model);
    }
}

/* --- memory */

typedef struct {
    size_t calls, fail_at; /* the call to fail, counted from 1; 0 = none */
} faulty;

static void *faulty_resize(void *ctx, void *ptr, size_t old_size, size_t new_size) {
    faulty *f = ctx;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    if (++f->calls == f->fail_at) return NULL;
    return realloc(ptr, new_size);
}

static void test_without_memory(void **state) {
    (void)state;
    static const char *const texts[] = {
        "FROM a\nRUN --mount=type=cache,target=/x cat << E\nE\n",
        "{\"syntax\": \"docker/dockerfile:1\"}",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        faulty f = {0, 0};
        dfl_alloc alloc = {faulty_resize, &f};
        dfl_model *model = model_of(texts[i], &alloc);
        dfl_status status = DFL_E_NOMEM;
        size_t k = 1;
        for (; status != DFL_OK; k++) {
            dfl_frontend got = {.size = sizeof got, .stable = 77};
            f = (faulty){0, k};
            status = dfl_model_frontend(model, &got);
            assert_true(status == DFL_OK || status == DFL_E_NOMEM);
            if (status != DFL_OK) assert_int_equal(got.stable, 77);
            assert_true(k < 100);
        }
        assert_true(k > 2);
        f.fail_at = 0;
        dfl_model_free(model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),          cmocka_unit_test(test_word_traits),
        cmocka_unit_test(test_word_depth),     cmocka_unit_test(test_sources),
        cmocka_unit_test(test_uses),           cmocka_unit_test(test_references),
        cmocka_unit_test(test_named_frontend), cmocka_unit_test(test_has),
        cmocka_unit_test(test_frontend),       cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_lacking),        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
