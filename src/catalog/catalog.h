/* catalog.h -- the shape of the knowledge and how to look it up.
 * Relies on base; the YAML files beside this header are the content, schema.c describes them.
 * Never holds mechanism: what a rewrite does with a fact is in src/rewrite.
 *
 * Places. A list of places names a path by the first entry that resolves:
 *   "{--cache-dir}"   value of that option of the command, unresolved when absent
 *   "{--user?}"       empty when the command has that flag, unresolved when absent
 *   "{$GOPATH}"       value of the environment variable, unresolved when unset or unknown
 *   "{$PIP_USER?}"    empty when that variable switches something on, else unresolved
 *   "~/.npm"          below the home directory of the user in force
 *   "{#}"             the command's last operand, unresolved when it has none
 *   "/abs", "rel"     as they stand; relative ones are joined to the working directory
 * Several parts may be combined: "{$XDG_CACHE_HOME}/pip".
 *
 * Commands. "npm run build" matches a simple command whose first words are these; each word may
 * hold `*` and `?`. Options between the words are skipped, unless the pattern itself has an option
 * there: "python -m pip". The program is compared by its last path part unless the pattern gives a
 * path. */
#ifndef DFL_CATALOG_CATALOG_H
#define DFL_CATALOG_CATALOG_H

#include "base/memory.h"
#include "base/text.h"
#include "dockerfile/catalog.h"

/* A list of texts. */
typedef struct {
    const char *const *items;
    uint32_t count;
} dfl__names;

/* A directory that a tool fills and reuses between builds. tools.yaml, `caches`. */
typedef struct {
    dfl__names places;    /* where it is */
    const char *sharing;  /* shared, locked or private */
    const char *reason;   /* why that sharing */
    dfl__names filled_by; /* mount only where the same RUN runs one of these sub-commands first */
    int32_t holds_output; /* build results that later steps read lie inside */
    int32_t needed_later; /* later commands look here first, and fetch again what is not there */
    const char *prepared; /* what the tool's `prepare` does for it: needed (the cache is emptied
                             without), helps (more is kept), nothing; empty = helps */
    dfl__names since;     /* first releases, one a family, whose tool has the cache here; empty =
                             all. Tools of other families have it elsewhere */
    dfl__names until;     /* last ones; tools of other families have it here */
    const char *per;      /* what its files depend on: release, libc; empty = on neither */
    int32_t in_tool;      /* inside the tool's own installation, which a mount would be in the way
                             of: mounted only where the base image is known to bring the tool */
    dfl__names only_with; /* mounted only where the environment holds one: NAME=value, with `*` */
    const char *left; /* why it is left alone, or left alone without `only_with`: "..., as it" */
} dfl__cache;
typedef struct {
    const dfl__cache *items;
    uint32_t count;
} dfl__caches;

/* A program with caches: a package manager, a build tool. tools.yaml, `tools`. */
typedef struct {
    const char *name;
    dfl__names commands;    /* how it is called */
    dfl__names except;      /* calls that are another tool's all the same */
    dfl__names subcommands; /* those that use the caches, "" = none given; empty = every call. Two
                               words: with that operand. An option, which may hold `*`, where the
                               tool has options for sub-commands */
    dfl__caches caches;
    const char *prepare;      /* command that must run before the first use for the cache to last */
    const char *prepared_by;  /* text of this RUN or an earlier one that makes `prepare` needless */
    dfl__names families;      /* of releases that have the tool; empty = all */
    dfl__names drop_commands; /* commands that only empty the caches */
    dfl__names drop_flags;    /* flags that switch the caches off or empty them */
    dfl__names drop_env;      /* environment variables that do */
    dfl__names offline;       /* flags with which it takes only what its caches hold already */
    dfl__names install;       /* sub-commands whose operands are OS packages; empty = none */
    const char *install_line; /* command that installs "{packages}" and leaves no cache behind */
    const char *source;       /* where the facts come from */
    dfl__names idle;          /* options before a sub-command with which it uses no cache */
    dfl__names elsewhere;     /* words of a call that move its caches; may hold `*` */
    dfl__names moved_by;      /* commands after which its caches lie elsewhere */
    dfl__names runs;          /* sub-commands, as above, whose next operand is a program to run */
    dfl__names settings;      /* paths of its own settings, which no other program reads */
} dfl__tool;

/* A distribution release and its C library. releases.yaml, `releases`. */
typedef struct {
    const char *name;      /* as in tags: bookworm, noble, alpine3.20 */
    dfl__names aliases;    /* other spellings in tags: "12"; may hold `*` */
    const char *family;    /* debian, ubuntu, alpine, rhel, windows, ... */
    uint32_t order;        /* within the family: larger is newer */
    const char *libc;      /* glibc, musl, none; empty = not known */
    uint32_t libc_version; /* major * 1000 + minor, 0 = not known */
    const char *source;
} dfl__release;

/* A release that tags of a version mean when they name none. images.yaml, `defaults`. */
typedef struct {
    const char *version; /* prefix by components: "3" matches 3 and 3.12; "*" matches all */
    const char *release;
} dfl__default;
typedef struct {
    const dfl__default *items;
    uint32_t count;
} dfl__defaults;

/* An image that can stand in for another at run time, most wanted first. images.yaml. */
typedef struct {
    const char *to;    /* word after --to: slim, distroless, alpine, scratch, ... */
    const char *image; /* {version} {major} {release} and {-release} are filled in, {version} being
                          the language's where `version_after` is given; without a tag but with a
                          flavour the tag is composed of version, flavour and named release */
    const char *flavour; /* tag part between version and release */
    const char *linkage; /* static or dynamic: only for such artifacts; empty = any */
    const char *libc;    /* only from a stage with this C library; empty = any */
    dfl__names
        versions; /* language versions (major, or major.minor) for which it exists; empty = all */
    const char *note; /* a sentence for the reader; may be empty */
} dfl__counterpart;
typedef struct {
    const dfl__counterpart *items;
    uint32_t count;
} dfl__counterparts;

/* An image family. images.yaml, `images`. */
typedef struct {
    const char *name;
    dfl__names repositories;     /* familiar names: golang, gcr.io/distroless/static-debian13;
                                    may hold `*` */
    dfl__names tags;             /* only these tags, which may hold `*`; empty = all. Where several
                                    entries have the repository, the one that spells more of the
                                    tag counts */
    const char *language;        /* go, rust, java, node, python, ... or empty */
    const char *version_after;   /* tag part after which the language version stands: "temurin"; it
                                    may lead the same part (jdk21); several are blank-separated */
    const char *role;            /* build, runtime, both, os, service */
    dfl__names runtime_flavours; /* tag parts that make it a runtime image: slim, jre */
    const char *release;         /* release of every tag; empty: named by the tag or `defaults` */
    dfl__defaults defaults;
    const char *libc;         /* when the release does not say: "none" for static images */
    const char *user;         /* "" = root */
    uint32_t uid, gid;        /* of `user` */
    const char *nonroot_tag;  /* tag that runs as a nonroot user; empty = none */
    const char *nonroot_user; /* user of that tag, or one that the image has: "node"; a number
                                 where it has no names */
    uint32_t nonroot_uid;
    const char *workdir;         /* "" = / */
    const char *nonroot_workdir; /* of nonroot_tag, when it differs */
    dfl__names env;              /* NAME=value */
    dfl__names entrypoint;
    dfl__names cmd;
    dfl__names shell;        /* that SHELL names; empty = the operating system's default */
    int32_t no_shell;        /* 1 = no /bin/sh */
    dfl__names interpreters; /* names by which the program of `entrypoint` is called: node */
    dfl__names provides;     /* programs that start commands may name: npm, java */
    dfl__names sizes;        /* TAG=MB: compressed, linux/amd64 */
    dfl__counterparts counterparts;
    const char *source;
    const char *version; /* of the language, in every tag; empty: the tag names it */
    const char *abi;     /* of a language's images: what another one must have for programs made on
                            this one: "major" or "minor" (the same version that far), "newer" (no
                            older major version); empty = anything */
    int32_t execs_command; /* 1 = the script of `entrypoint` only starts what CMD names */
    dfl__names entry_env;  /* variables with which that script does more */
    int32_t no_packages;   /* 1 = has a shell, and no package manager */
} dfl__image;

/* A command that writes what runs. ecosystems.yaml, `build`. */
typedef struct {
    dfl__names commands;
    dfl__names outputs;  /* places of the results; the last path part may hold `*` */
    const char *assumes; /* assumption that this rule rests on; may be empty */
} dfl__build_rule;
typedef struct {
    const dfl__build_rule *items;
    uint32_t count;
} dfl__build_rules;

/* A command that installs dependencies. ecosystems.yaml, `install`. */
typedef struct {
    dfl__names commands;
    dfl__names into;        /* places of what it installs */
    const char *stage_flag; /* option added where no place of `into` resolves: --prefix=/install */
    const char *stage_path; /* ... and then it lies here in the builder */
    const char *runtime_path; /* ... and goes here in the runtime stage */
    dfl__names production; /* flags that leave development dependencies out; the first is added */
    dfl__names production_env; /* NAME=value that does the same */
    const char *prune;         /* command that removes development dependencies afterwards */
    dfl__names cannot;         /* words with which what it installs cannot be copied: --editable */
    int32_t environment;       /* it makes an environment of its own, used through PATH */
    int32_t bare_start;        /* it lies there only where the interpreter itself is started */
} dfl__install_rule;
typedef struct {
    const dfl__install_rule *items;
    uint32_t count;
} dfl__install_rules;

/* How programs of a language are built and started. ecosystems.yaml, `ecosystems`. */
typedef struct {
    const char *name;
    dfl__names languages; /* of images that start it */
    const char *shape;    /* binary: one executable; archive: a file an interpreter is given;
                             application: sources, dependencies and build results together;
                             packages: dependencies apart from sources */
    dfl__build_rules build;
    dfl__install_rules install;
    dfl__names interpreters;  /* start programs: java, node */
    const char *archive_flag; /* archive: option before the file: -jar */
    dfl__names archive_trees; /* archive names that need their whole directory: quarkus-run.jar */
    const char *static_env;   /* NAME=value that makes the executable static */
    dfl__names static_words;  /* words of the build command that make it static */
    dfl__names static_libcs;  /* C libraries of the builder that make it static */
    dfl__names dynamic_words; /* words of the build command that make it dynamic */
    dfl__names dynamic_env;   /* NAME=value that makes it dynamic */
    dfl__names dynamic_packages; /* OS packages that hint at linking a library */
    dfl__names dynamic_facts;    /* NAME=value of the context that make it dynamic */
    dfl__names static_facts;     /* NAME=value of the context that rule that out */
    dfl__names assets;           /* directories that programs of the language read at run time */
    const char *embed_fact;      /* fact that names directories which the build takes in */
    dfl__names build_env;        /* environment that only the build reads; `*` */
    dfl__names manifests;        /* files that name the dependencies */
    dfl__names tools;            /* dependencies that only the build needs: pip, setuptools */
    const char *script_fact;     /* fact with the command of a named script: npm.script. */
    dfl__names script_runners;   /* commands that run a named script: npm run, npm start */
    const char *source;
    dfl__names probe; /* words behind an interpreter that make it request {url}, or {path} at {host}
                         and {port}, follow no redirection, and fail where curl -f does */
    dfl__names probe_follow; /* the same with redirections followed, as wget does */
    const char *probe_since; /* first major version of the language that knows their words */
    dfl__names harmless;     /* commands that write nothing but dependencies, settings and caches */
} dfl__ecosystem;

/* A start command or program with a meaning for rewrites. programs.yaml, `programs`. */
typedef struct {
    const char *name;
    dfl__names commands;
    const char
        *refuse; /* split.dev-server, split.supervisor: a split is refused so; empty = none */
    const char *because; /* what would make the rewrite possible */
    int32_t wrapper;     /* the command it starts follows: tini --, dumb-init */
    int32_t needs_shell; /* a shell or a script with one */
    int32_t script;      /* a script of the file's own sources */
    dfl__names runners;  /* packages or images that hold it; may be empty */
    const char *source;
} dfl__program;

/* An OS package. packages.yaml, `packages`. */
typedef struct {
    const char *name;    /* may hold `*` */
    const char *family;  /* debian, alpine, rhel; empty = any */
    dfl__names releases; /* only there; empty = every release of the family */
    const char *role;    /* build, runtime, both */
    dfl__names runtime;  /* packages that take its place at run time */
    const char *source;
    dfl__names files;        /* all that a program needs of it: can be copied from another stage */
    int32_t files_on_demand; /* 1 = needed only where the package is asked for, or TZ is set */
    dfl__names elsewhere;    /* family=name: what it is called there */
} dfl__package;

/* One layer of facts. */
typedef struct {
    struct {
        const dfl__tool *items;
        uint32_t count;
    } tools;
    struct {
        const dfl__release *items;
        uint32_t count;
    } releases;
    struct {
        const dfl__image *items;
        uint32_t count;
    } images;
    struct {
        const dfl__ecosystem *items;
        uint32_t count;
    } ecosystems;
    struct {
        const dfl__program *items;
        uint32_t count;
    } programs;
    struct {
        const dfl__package *items;
        uint32_t count;
    } packages;
} dfl__facts;

struct dfl_catalog {
    const dfl__facts *facts; /* of all layers: an overlay's own, then what it does not replace */
    dfl__arena arena; /* holds an overlay, this struct included; unused by the built-in one */
};

/* The n-th entry over all layers, the top one first; an entry whose name (of a package: name and
 * family) stands in a layer above is skipped. NULL at the end, in constant time.
 * Iterate: for (i = 0; (t = dfl__catalog_tool(c, i)); i++). */
const dfl__tool *dfl__catalog_tool(const dfl_catalog *catalog, uint32_t n);
const dfl__release *dfl__catalog_release(const dfl_catalog *catalog, uint32_t n);
const dfl__image *dfl__catalog_image(const dfl_catalog *catalog, uint32_t n);
const dfl__ecosystem *dfl__catalog_ecosystem(const dfl_catalog *catalog, uint32_t n);
const dfl__program *dfl__catalog_program(const dfl_catalog *catalog, uint32_t n);
const dfl__package *dfl__catalog_package(const dfl_catalog *catalog, uint32_t n);

/* What is known of an image reference. */
typedef struct {
    const dfl__image *image;     /* NULL when no family holds the repository */
    const dfl__release *release; /* NULL when not known */
    int32_t release_named;       /* the tag itself names the release */
    dfl_str repository;          /* as written, without tag and digest */
    dfl_str tag;                 /* empty when none */
    dfl_str digest;              /* empty when none */
    dfl_str version;             /* of the image: "1.22", "lts"; empty */
    dfl_str language_version;    /* of the language: "21"; empty when not known */
    dfl_str release_part;        /* the tag part that names the release; empty */
    int32_t is_runtime;          /* role runtime, or a runtime flavour in the tag */
    const char *libc;            /* "glibc", "musl", "none" or "" when not known */
} dfl__image_info;

/* Look a reference up (familiar or full: docker.io/library/ is dropped). The strings are borrowed
 * from `reference` and the catalog. */
void dfl__catalog_describe(const dfl_catalog *catalog, dfl_str reference, dfl__image_info *out);

/* Fill a counterpart's template for `info` into `out`. 0 when it does not apply (versions, libc,
 * linkage: pass "static", "dynamic" or "" for not known), 1 when it does. */
int dfl__catalog_counterpart(const dfl_catalog *catalog, const dfl__image_info *info,
                             const dfl__counterpart *counterpart, const char *linkage,
                             dfl__buf *out);

/* Package entry for `name` under a release (may be NULL); the most specific name wins. */
const dfl__package *dfl__catalog_find_package(const dfl_catalog *catalog, dfl_str name,
                                              const dfl__release *release);
const dfl__release *dfl__catalog_find_release(const dfl_catalog *catalog, dfl_str name);

/* Whether `names` holds `s` (with `*` and `?` if `glob`). */
int dfl__names_has(dfl__names names, dfl_str s, int glob);

/* Whether the words of a simple command match a pattern as described above; `*matched_words` (may
 * be NULL) is then the number of leading words up to the last one that the pattern names. */
int dfl__command_matches(const char *pattern, const dfl_str *words, uint32_t count,
                         uint32_t *matched_words);

/* The built-in facts, made by the generator from the YAML files. */
extern const dfl__facts dfl__builtin_facts;

#endif
