/* remote.h -- what kind of thing a source of ADD or COPY is: a path, a URL, a Git repository.
 * Relies on base. Follows frontend/dockerfile/dfgitutil and util/gitutil (specification 2.2.2).
 * Never resolves anything. */
#ifndef DFL_MODEL_REMOTE_H
#define DFL_MODEL_REMOTE_H

#include "base/memory.h"
#include "base/text.h"

typedef enum { DFL__SOURCE_LOCAL, DFL__SOURCE_HTTP, DFL__SOURCE_GIT } dfl__source_kind;

typedef struct {
    dfl__source_kind kind;
    int is_git;       /* it reads as Git: `github.com/...` does, too, but is a path all the same */
    int bad_query;    /* what reads as Git has a query that BuildKit rejects */
    int keep_git_dir; /* of the query: 0, 1, or -1 when it does not say */
    dfl_str checksum; /* of the query; empty */
} dfl__source;

/* Classify `text`, expanded. DFL_E_NOMEM. */
dfl_status dfl__source_read(dfl_str text, dfl__arena *arena, dfl__source *out);

/* Of `user@host:path`: where the path begins; 0 when the text is none. */
size_t dfl__scp_path(dfl_str text);
/* What stands before "://"; empty when it is not made of letters and digits. */
dfl_str dfl__url_scheme(dfl_str text);

#endif
