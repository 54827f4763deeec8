/* rules.c -- the table of rules.
 * Relies on lint.h. Follows frontend/dockerfile/linter/ruleset.go (specification 8.2).
 * Never changes a name: they are BuildKit's, and comments in users' files hold them. */
#include "lint/lint.h"

#define PAGE(name) "https://docs.docker.com/go/dockerfile/rule/" name "/"

const dfl__rule dfl__rules[DFL__RULE_END] = {
    [DFL__RULE_STAGE_NAME_CASING] = {"StageNameCasing", PAGE("stage-name-casing"), 0,
                                     "stage name \"%S\" has upper-case letters"},
    [DFL__RULE_FROM_AS_CASING] = {"FromAsCasing", PAGE("from-as-casing"), 0,
                                  "\"%S\" is not written in the case of \"%S\""},
    [DFL__RULE_NO_EMPTY_CONTINUATION] = {"NoEmptyContinuation", PAGE("no-empty-continuation"),
                                         DFL__RULE_F_FILE,
                                         "empty line inside a continued instruction"},
    [DFL__RULE_CONSISTENT_CASING] = {"ConsistentInstructionCasing",
                                     PAGE("consistent-instruction-casing"), DFL__RULE_F_FILE,
                                     "\"%S\" is not %S, as most instructions of the file are"},
    [DFL__RULE_DUPLICATE_STAGE] = {"DuplicateStageName", PAGE("duplicate-stage-name"),
                                   DFL__RULE_F_FILE, "an earlier stage is called \"%S\" as well"},
    [DFL__RULE_RESERVED_STAGE] = {"ReservedStageName", PAGE("reserved-stage-name"),
                                  DFL__RULE_F_FILE, "\"%S\" has a meaning of its own in FROM"},
    [DFL__RULE_JSON_ARGS] = {"JSONArgsRecommended", PAGE("json-args-recommended"), 0,
                             "%S in shell form: signals go to the shell, not to the program; use "
                             "the JSON form"},
    [DFL__RULE_MAINTAINER] = {"MaintainerDeprecated", PAGE("maintainer-deprecated"), 0,
                              "MAINTAINER is deprecated: use LABEL "
                              "org.opencontainers.image.authors"},
    [DFL__RULE_UNDEFINED_FROM_ARG] = {"UndefinedArgInFrom", PAGE("undefined-arg-in-from"), 0,
                                      "no ARG before the first FROM declares \"%S\""},
    [DFL__RULE_WORKDIR_RELATIVE] = {"WorkdirRelativePath", PAGE("workdir-relative-path"), 0,
                                    "\"%S\" depends on the base image's working directory: no "
                                    "absolute one is set before"},
    [DFL__RULE_UNDEFINED_VAR] = {"UndefinedVar", PAGE("undefined-var"), 0,
                                 "variable \"%S\" is not defined here"},
    [DFL__RULE_MULTIPLE] = {"MultipleInstructionsDisallowed",
                            PAGE("multiple-instructions-disallowed"), 0,
                            "a later %S of the stage takes the place of this one"},
    [DFL__RULE_LEGACY_PAIR] = {"LegacyKeyValueFormat", PAGE("legacy-key-value-format"), 0,
                               "%S: name and value stand apart; write name=value"},
    [DFL__RULE_BASE_PLATFORM] = {"InvalidBaseImagePlatform", "", DFL__RULE_F_FILE,
                                 "the base image is of platform %S, the stage of %S"},
    [DFL__RULE_REDUNDANT_PLATFORM] = {"RedundantTargetPlatform", PAGE("redundant-target-platform"),
                                      0, "--platform=%S is what FROM does anyway"},
    [DFL__RULE_SECRETS] = {"SecretsUsedInArgOrEnv", PAGE("secrets-used-in-arg-or-env"), 0,
                           "%S \"%S\" looks like a secret, and stays in the image; use a secret "
                           "mount"},
    [DFL__RULE_DEFAULT_FROM_ARG] = {"InvalidDefaultArgInFrom", PAGE("invalid-default-arg-in-from"),
                                    DFL__RULE_F_FILE,
                                    "without build arguments, \"%S\" gives no image name"},
    [DFL__RULE_CONST_PLATFORM] = {"FromPlatformFlagConstDisallowed",
                                  PAGE("from-platform-flag-const-disallowed"), 0,
                                  "--platform is always \"%S\", and the stage's name does not say "
                                  "so"},
    [DFL__RULE_COPY_IGNORED] = {"CopyIgnoredFile", PAGE("copy-ignored-file"), 0,
                                "%S: the ignore file keeps \"%S\" out of the build context"},
    [DFL__RULE_DESCRIPTION] = {"InvalidDefinitionDescription",
                               PAGE("invalid-definition-description"), DFL__RULE_F_EXPERIMENTAL,
                               "the comment above %S does not begin with \"%S\""},
    [DFL__RULE_EXPOSE_CASING] = {"ExposeProtoCasing", PAGE("expose-proto-casing"), 0,
                                 "the protocol of \"%S\" has upper-case letters"},
    [DFL__RULE_EXPOSE_FORMAT] = {"ExposeInvalidFormat", PAGE("expose-invalid-format"), 0,
                                 "\"%S\" names an address or a port of the host"},
    [DFL__RULE_UNUSED] = {"UnusedSuppression", "", DFL__RULE_F_FILE,
                          "skip=%S suppresses nothing here"},
    [DFL__RULE_UNKNOWN] = {"UnknownRule", "", DFL__RULE_F_FILE, "there is no check \"%S\""},
};

#define EXPLAIN(id, meaning, remedy) [DFL__RULE_##id] = {meaning, remedy},
const dfl__explanation dfl__rule_explanations[DFL__RULE_END] = {
#include "lint/explain.def"
};
#undef EXPLAIN

uint32_t dfl__rule_named(dfl_str name) {
    uint32_t rule = 0;
    while (rule < DFL__RULE_COUNT && !dfl__eqz(name, dfl__rules[rule].name))
        rule++;
    return rule;
}
