/* explain.c -- what codes mean.
 * Relies on cli.h and dockerfile/explain.h.
 * Never knows a code itself: the library lists them. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static const char *code_name(const void *ctx, size_t n) {
    dfl_code_info info = {.size = sizeof info};
    (void)ctx;
    return dfl_code_at(n, &info) == DFL_OK ? info.name : NULL;
}

static const char *kind_name(uint32_t kinds) {
    switch (kinds) {
    case DFL_CODE_DIAGNOSTIC: return "a diagnostic of the file";
    case DFL_CODE_CHECK: return "a build check";
    case DFL_CODE_STEP: return "a step of a rewrite";
    case DFL_CODE_REFUSAL: return "a refusal of a rewrite";
    default: return "a step or a refusal of a rewrite";
    }
}

static int unknown_code(const char *name) {
    const char *near = nearest(name, code_name, NULL);
    if (near != NULL)
        say("dockerfile: there is no code \"%s\"; did you mean %s?", name, near);
    else
        say("dockerfile: there is no code \"%s\"; `dockerfile explain` lists them", name);
    return STATUS_USAGE;
}

static int explain_one(const char *name) {
    dfl_code_info info = {.size = sizeof info};
    dfl_str wanted = {name, strlen(name)};
    if (dfl_code_explain(wanted, &info) != DFL_OK) return unknown_code(name);
    printf("%s: %s\n  meaning: %s\n  remedy:  %s\n", info.name, kind_name(info.kinds), info.meaning,
           info.remedy);
    if (info.url[0] != '\0') printf("  see:     %s\n", info.url);
    return STATUS_DONE;
}

int run_explain(int argc, char **argv) {
    dfl_code_info info = {.size = sizeof info};
    int worst = STATUS_DONE;
    for (size_t i = 0; argc == 0 && dfl_code_at(i, &info) == DFL_OK; i++)
        printf("%-31s %s\n", info.name, info.meaning);
    for (int i = 0; i < argc; i++) {
        int status = explain_one(argv[i]);
        if (status > worst) worst = status;
    }
    return worst;
}
