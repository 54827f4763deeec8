/* features.c -- see features.h: the table of versions, and the frontend a document names.
 * Relies on reference.h for image references.
 * Never guesses the version of the builder's own frontend. */
#include "model/features.h"

#include "diag/codes.h"
#include "model/model.h"
#include "syntax/reference.h"
#include "syntax/parser.h"

#define NEVER DFL_FRONTEND_NEVER
#define V(minor) DFL__VERSION(1, minor, 0)
#define P(minor, patch) DFL__VERSION(1, minor, patch)

/* `labs` counts from the first version of that channel, which was called experimental before 1.2;
 * a feature that was never held back there has the version in which it was stable. */
static const struct {
    const char *name;
    uint32_t stable, labs;
} features[] = {
    [DFL__FEATURE_CHOWN_VARIABLE] = {"chown-variable", V(1), V(1)},
    [DFL__FEATURE_REQUIRED_VARIABLE] = {"required-variable", P(1, 6), P(1, 6)},
    [DFL__FEATURE_ADD_CHOWN_VARIABLE] = {"add-chown-variable", V(2), V(2)},
    [DFL__FEATURE_ESCAPED_LINE_END] = {"escaped-line-end", V(2), V(2)},
    [DFL__FEATURE_MOUNT] = {"mount", V(2), V(0)},
    [DFL__FEATURE_CHMOD] = {"chmod", V(2), V(2)},
    [DFL__FEATURE_SEVERAL_ARGS] = {"several-args", V(2), V(2)},
    [DFL__FEATURE_NETWORK] = {"network", V(3), P(1, 6)},
    [DFL__FEATURE_MOUNT_VARIABLE] = {"mount-variable", V(3), V(3)},
    [DFL__FEATURE_HEREDOC] = {"heredoc", V(4), V(3)},
    [DFL__FEATURE_LINK] = {"link", V(4), V(4)},
    [DFL__FEATURE_TMPFS_SIZE] = {"tmpfs-size", V(4), V(4)},
    [DFL__FEATURE_HEALTH_ZERO] = {"health-zero", V(5), V(5)},
    [DFL__FEATURE_SBOM_ARG] = {"sbom-arg", V(5), V(5)},
    [DFL__FEATURE_ADD_GIT] = {"add-git", V(6), V(5)},
    [DFL__FEATURE_KEEP_GIT_DIR] = {"keep-git-dir", V(6), V(5)},
    [DFL__FEATURE_ADD_CHECKSUM] = {"add-checksum", V(6), V(5)},
    [DFL__FEATURE_UNSET_DEFAULT] = {"unset-default", V(6), V(6)},
    [DFL__FEATURE_START_INTERVAL] = {"start-interval", V(6), V(6)},
    [DFL__FEATURE_PATTERN] = {"pattern", V(7), V(7)},
    [DFL__FEATURE_CHECK] = {"check", V(8), V(8)},
    [DFL__FEATURE_CHMOD_VARIABLE] = {"chmod-variable", V(10), V(10)},
    [DFL__FEATURE_SECRET_ENV] = {"secret-env", V(10), V(10)},
    [DFL__FEATURE_CHECK_EXPERIMENTAL] = {"check-experimental", V(10), V(10)},
    [DFL__FEATURE_ONBUILD_FROM] = {"onbuild-from", V(11), V(11)},
    [DFL__FEATURE_TARGET_STAGE] = {"target-stage", V(11), V(11)},
    [DFL__FEATURE_OS_VERSION] = {"os-version", V(13), V(13)},
    [DFL__FEATURE_SYMBOLIC_CHMOD] = {"symbolic-chmod", V(14), V(13)},
    [DFL__FEATURE_DEVICE] = {"device", NEVER, V(14)},
    [DFL__FEATURE_HEREDOC_BLANK] = {"heredoc-blank", V(16), V(16)},
    [DFL__FEATURE_GIT_CHECKSUM] = {"git-checksum", V(16), V(16)},
    [DFL__FEATURE_UNPACK] = {"unpack", V(17), V(17)},
    [DFL__FEATURE_GIT_QUERY] = {"git-query", V(18), V(18)},
    [DFL__FEATURE_EXCLUDE] = {"exclude", V(19), V(7)},
    [DFL__FEATURE_PARENTS] = {"parents", V(20), V(7)},
    [DFL__FEATURE_SECURITY] = {"security", V(20), P(1, 2)},
    [DFL__FEATURE_INSTRUCTION_CHECK] = {"instruction-check", V(21), V(21)},
    [DFL__FEATURE_EPOCH_DEFAULT] = {"epoch-default", V(23), V(23)},
    [DFL__FEATURE_GIT_MTIME] = {"git-mtime", V(23), V(23)},
    [DFL__FEATURE_EPOCH_SOURCE] = {"epoch-source", V(24), V(24)},
    [DFL__FEATURE_GIT_FETCH] = {"git-fetch-by-commit", V(24), V(24)},
};

uint32_t dfl__feature_version(dfl__feature feature, int labs) {
    return labs ? features[feature].labs : features[feature].stable;
}

const char *dfl__feature_name(dfl__feature feature) {
    return features[feature].name;
}

/* --- tags */

/* Up to three numbers, and what follows them. The parts left out are 0 in `oldest`, 255 in
 * `newest`. 0 when the tag does not begin with a number, or one is too large. */
static int take_version(dfl_str tag, size_t *at, uint32_t *oldest, uint32_t *newest) {
    int parts = 0;
    *oldest = 0;
    *newest = DFL__VERSION(255, 255, 255);
    while (parts < 3) {
        uint32_t number = 0, shift = 16u - 8u * (uint32_t)parts;
        size_t start = *at;
        for (; *at < tag.len && dfl__is_digit((unsigned char)tag.ptr[*at]); ++*at) {
            number = number * 10 + (uint32_t)(tag.ptr[*at] - '0');
            if (number > 254) return 0;
        }
        if (*at == start) return 0;
        *oldest |= number << shift;
        *newest = (*newest & ~(0xFFu << shift)) | number << shift;
        parts++;
        if (*at == tag.len || tag.ptr[*at] != '.') break;
        ++*at;
    }
    return tag.len == *at || tag.ptr[*at] == '-';
}

/* A tag is a version, with "-labs" behind it for that channel, or a channel's name alone. Anything
 * else, such as "1.5.0-rc1", is no release and stays unknown. */
static void read_release(dfl_str tag, dfl__frontend *frontend) {
    size_t at = 0;
    uint32_t oldest = 0, newest = DFL__VERSION(255, 255, 255);
    int numbered = tag.len != 0 && dfl__is_digit((unsigned char)tag.ptr[0]);
    if (numbered && !take_version(tag, &at, &oldest, &newest)) return;
    int plain = at == tag.len || dfl__eqz(tag, "latest");
    dfl_str suffix = dfl__sub(tag, numbered && !plain ? at + 1 : 0, tag.len);
    int labs = dfl__eqz(suffix, "labs") || dfl__eqz(suffix, "experimental");
    if (!plain && !labs) return;
    frontend->channel = plain ? DFL_FRONTEND_STABLE : DFL_FRONTEND_LABS;
    frontend->oldest = oldest;
    frontend->newest = newest;
}

/* The repository of what is not released yet: its two branches are newer than all versions. */
static void read_upstream(dfl_str tag, dfl__frontend *frontend) {
    int labs = dfl__eqz(tag, "master-labs");
    if (!labs && !dfl__eqz(tag, "master")) return;
    frontend->channel = labs ? DFL_FRONTEND_LABS : DFL_FRONTEND_STABLE;
    frontend->newest = DFL__VERSION(255, 255, 255);
}

dfl__frontend dfl__frontend_of(dfl_str reference) {
    dfl__frontend frontend = {DFL_FRONTEND_OTHER, 0, 0, reference};
    dfl__reference ref;
    if (dfl__reference_parse(reference, &ref) != DFL__REF_OK) return frontend;
    if (!dfl__eqz(ref.domain, "docker.io")) return frontend;
    int bare = ref.tag.len == 0 && ref.digest.len != 0;
    if (bare) return frontend;
    if (dfl__eqz(ref.path, "docker/dockerfile"))
        read_release(ref.tag, &frontend);
    else if (dfl__eqz(ref.path, "docker/dockerfile-upstream"))
        read_upstream(ref.tag, &frontend);
    if (ref.digest.len == 0) frontend.oldest = frontend.newest;
    return frontend;
}

dfl_status dfl__frontend_of_doc(const dfl_doc *doc, dfl__frontend *out) {
    dfl__frontend found = {DFL_FRONTEND_BUILDER, 0, 0, DFL__LIT("")};
    dfl__detected syntax;
    dfl__buf scratch;
    dfl__buf_init(&scratch, &doc->alloc, 0);
    if (dfl__detect_syntax(doc->source, &scratch, &syntax)) {
        found = dfl__frontend_of(syntax.value);
        /* What was decoded from JSON does not stand in the source as it is. */
        if (scratch.len != 0)
            found.reference = dfl__sub(doc->source, syntax.range.start, syntax.range.end);
    }
    dfl_status status = scratch.failed;
    if (status == DFL_OK) *out = found;
    dfl__buf_free(&scratch);
    return status;
}

int dfl__frontend_has(const dfl__frontend *frontend, dfl__feature feature) {
    if (frontend->channel == DFL_FRONTEND_BUILDER || frontend->channel == DFL_FRONTEND_OTHER)
        return -1;
    uint32_t version = dfl__feature_version(feature, frontend->channel == DFL_FRONTEND_LABS);
    if (version == NEVER || frontend->newest < version) return 0;
    return frontend->oldest >= version ? 1 : -1;
}

/* --- what a document asks for */

typedef struct {
    const dfl_doc *doc;
    int labs; /* which channel the node is about */
    uint32_t stable, labs_version;
    dfl__feature_use most;
    int found;
} summary;

static int comes_first(const summary *s, const dfl__feature_use *use) {
    uint32_t version = dfl__feature_version(use->feature, s->labs);
    if (version == V(0)) return 0;
    if (!s->found) return 1;
    uint32_t most = dfl__feature_version(s->most.feature, s->labs);
    return version > most || (version == most && dfl__node_range(s->doc, use->node).start <
                                                     dfl__node_range(s->doc, s->most.node).start);
}

static void sum_up(void *ctx, const dfl__feature_use *use) {
    summary *s = ctx;
    uint32_t stable = dfl__feature_version(use->feature, 0);
    uint32_t labs = dfl__feature_version(use->feature, 1);
    if (stable > s->stable) s->stable = stable;
    if (labs > s->labs_version) s->labs_version = labs;
    if (!comes_first(s, use)) return;
    s->most = *use;
    s->found = 1;
}

dfl_status dfl_model_frontend(const dfl_model *model, dfl_frontend *out) {
    if (model == NULL || out == NULL) return DFL_E_ARG;
    if (out->size != sizeof *out) return DFL_E_ABI;
    const dfl_doc *doc = dfl_model_doc(model);
    dfl__frontend frontend;
    dfl_status status = dfl__frontend_of_doc(doc, &frontend);
    if (status != DFL_OK) return status;
    summary s = {.doc = doc,
                 .labs = frontend.channel == DFL_FRONTEND_LABS,
                 .stable = V(0),
                 .labs_version = V(0)};
    status = dfl__features_scan(doc, sum_up, &s);
    if (status != DFL_OK) return status;
    *out = (dfl_frontend){.size = sizeof *out,
                          .channel = frontend.channel,
                          .reference = frontend.reference,
                          .oldest = frontend.oldest,
                          .newest = frontend.newest,
                          .stable = s.stable,
                          .labs = s.labs_version,
                          .enough = 1,
                          .feature = ""};
    if (!s.found) return DFL_OK;
    out->node = s.most.node;
    out->range = dfl__node_range(doc, s.most.node);
    out->feature = dfl__feature_name(s.most.feature);
    out->enough = dfl__frontend_has(&frontend, s.most.feature);
    return DFL_OK;
}

/* --- what the named frontend lacks */

typedef struct {
    dfl_model *model;
    dfl__frontend frontend;
    uint8_t told[DFL__FEATURE_COUNT];
    dfl_status status;
} lack;

/* `heredoc: needs docker/dockerfile 1.4`. */
static void write_need(const lack *l, dfl__feature feature, dfl__buf *out) {
    int labs = l->frontend.channel == DFL_FRONTEND_LABS;
    if (dfl__feature_version(feature, labs) == NEVER) labs = !labs;
    uint32_t version = dfl__feature_version(feature, labs);
    dfl__buf_fmt(out, "%s: needs docker/dockerfile %u.%u", dfl__feature_name(feature),
                 version >> 16, version >> 8 & 0xFF);
    if ((version & 0xFF) != 0) dfl__buf_fmt(out, ".%u", version & 0xFF);
    if (labs) dfl__buf_addz(out, "-labs");
}

static void tell_lack(void *ctx, const dfl__feature_use *use) {
    lack *l = ctx;
    if (l->status != DFL_OK || l->told[use->feature]) return;
    if (dfl__frontend_has(&l->frontend, use->feature) != 0) return;
    l->told[use->feature] = 1;
    dfl__buf need;
    dfl__buf_init(&need, &l->model->arena.alloc, 0);
    write_need(l, use->feature, &need);
    dfl__report_args args = {.code = DFL_D_FRONTEND_OLD,
                             .stage = DFL_NO_STAGE,
                             .range = dfl__node_range(l->model->doc, use->node),
                             .detail = dfl__buf_str(&need)};
    l->status = need.failed == DFL_OK ? dfl__model_report(l->model, &args) : DFL_E_NOMEM;
    dfl__buf_free(&need);
}

dfl_status dfl__frontend_lacks(dfl_model *model) {
    lack l = {.model = model, .status = DFL_OK};
    dfl_status status = dfl__frontend_of_doc(model->doc, &l.frontend);
    if (status != DFL_OK || l.frontend.channel == DFL_FRONTEND_BUILDER ||
        l.frontend.channel == DFL_FRONTEND_OTHER)
        return status;
    status = dfl__features_scan(model->doc, tell_lack, &l);
    return status == DFL_OK ? l.status : status;
}
