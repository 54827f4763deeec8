/* remote.c -- see remote.h.
 * Relies on values.h for addresses and number.h for truth values. URLs are read as Go's net/url
 * does, as far as it decides what a source is.
 * Never keeps more of a URL than is asked of it. */
#include "model/remote.h"

#include <string.h>

#include "model/values.h"
#include "model/winpath.h"
#include "syntax/number.h"

/* --- percent encoding */

static int is_encoded(dfl_str s) {
    for (size_t at = dfl__find(s, '%', 0); at < s.len; at = dfl__find(s, '%', at + 3)) {
        if (s.len - at < 3 || dfl__hex_value((unsigned char)s.ptr[at + 1]) < 0 ||
            dfl__hex_value((unsigned char)s.ptr[at + 2]) < 0)
            return 0;
    }
    return 1;
}

/* The decoded text; NULL ptr without memory. A `+` is a blank in queries only. */
static dfl_str decode(dfl_str s, int query, dfl__arena *arena) {
    char *out = dfl__arena_get(arena, s.len + 1);
    dfl_str result = {out, 0};
    for (size_t at = 0; out != NULL && at < s.len; at++) {
        char c = s.ptr[at];
        if (c == '%') {
            c = (char)(dfl__hex_value((unsigned char)s.ptr[at + 1]) * 16 +
                       dfl__hex_value((unsigned char)s.ptr[at + 2]));
            at += 2;
        } else if (c == '+' && query) {
            c = ' ';
        }
        out[result.len++] = c;
    }
    return result;
}

/* --- hosts */

/* In a host, only bytes beyond ASCII (and `%` itself) may be encoded. */
static int is_host_text(dfl_str s) {
    if (!is_encoded(s)) return 0;
    for (size_t at = 0; at < s.len; at++) {
        unsigned char c = (unsigned char)s.ptr[at];
        if (c == '%') {
            int high = dfl__hex_value((unsigned char)s.ptr[at + 1]);
            if (high < 8 && !(high == 2 && s.ptr[at + 2] == '5')) return 0;
            at += 2;
        } else if (c < 0x80 && !dfl__is_alpha(c) && !dfl__is_digit(c) &&
                   !dfl__is_any_of(c, "!\"$&'()*+,-.:;<=>[]_~")) {
            return 0;
        }
    }
    return 1;
}

static int is_port(dfl_str s) {
    if (s.len == 0) return 1;
    for (size_t i = 1; i < s.len; i++)
        if (!dfl__is_digit((unsigned char)s.ptr[i])) return 0;
    return s.ptr[0] == ':';
}

static size_t last_of(dfl_str s, char c) {
    size_t at = s.len;
    while (at > 0 && s.ptr[at - 1] != c)
        at--;
    return at > 0 ? at - 1 : s.len;
}

/* "[address]:port"; a zone may follow the address. */
static int is_literal_host(dfl_str host) {
    size_t close = last_of(host, ']');
    if (close == host.len || !is_port(dfl__sub(host, close + 1, host.len))) return 0;
    dfl_str name = dfl__sub(host, 1, close);
    size_t zone = dfl__find_str(name, "%25");
    dfl_str address = dfl__sub(name, 0, zone);
    if (zone < name.len && (zone + 3 == name.len || !is_encoded(name))) return 0;
    return dfl__find(address, ':', 0) < address.len && dfl__is_ip(address);
}

static int is_host(dfl_str host, int strict) {
    size_t open = last_of(host, '[');
    if (open < host.len) return open == 0 && is_literal_host(host);
    size_t first = dfl__find(host, ':', 0), last = last_of(host, ':');
    size_t colon = strict ? first : last;
    return is_port(dfl__sub(host, colon, host.len)) && is_host_text(host);
}

static int is_userinfo(dfl_str s) {
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (dfl__is_alpha(c) || dfl__is_digit(c)) continue;
        if (!dfl__is_any_of(c, "-._:~!$&'()*+,;=%@")) return 0;
    }
    return is_encoded(s);
}

static int is_authority(dfl_str s, int strict) {
    size_t at = last_of(s, '@');
    if (at == s.len) return is_host(s, strict);
    return is_userinfo(dfl__sub(s, 0, at)) && is_host(dfl__sub(s, at + 1, s.len), strict);
}

/* --- URLs */

typedef struct {
    dfl_str scheme;                /* as written; empty */
    dfl_str path, query, fragment; /* encoded */
} url;

static int has_control(dfl_str s) {
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7F) return 1;
    return 0;
}

/* `rest` behind the scheme. 0 when Go would not read it. */
static int read_url(dfl_str rest, dfl_str scheme, url *out) {
    size_t hash = dfl__find(rest, '#', 0);
    out->scheme = scheme;
    out->fragment = hash < rest.len ? dfl__sub(rest, hash + 1, rest.len) : DFL__LIT("");
    rest = dfl__sub(rest, 0, hash);
    if (has_control(rest) || !is_encoded(out->fragment)) return 0;
    size_t mark = dfl__find(rest, '?', 0);
    out->query = mark < rest.len ? dfl__sub(rest, mark + 1, rest.len) : DFL__LIT("");
    rest = dfl__sub(rest, 0, mark);
    if (dfl__starts(rest, "//") && scheme.len > 0) {
        size_t slash = dfl__find(rest, '/', 2);
        int strict = dfl__ieqz(scheme, "http") || dfl__ieqz(scheme, "https");
        if (!is_authority(dfl__sub(rest, 2, slash), strict)) return 0;
        rest = dfl__sub(rest, slash, rest.len);
    }
    out->path = rest;
    return is_encoded(rest);
}

/* End of the run of letters, digits and `also` at `at`. */
static size_t run_end(dfl_str s, size_t at, const char *also) {
    while (at < s.len &&
           (dfl__is_alpha((unsigned char)s.ptr[at]) || dfl__is_digit((unsigned char)s.ptr[at]) ||
            dfl__is_any_of((unsigned char)s.ptr[at], also)))
        at++;
    return at;
}

size_t dfl__scp_path(dfl_str s) {
    size_t at = run_end(s, 0, "-_");
    if (at == 0 || at == s.len || s.ptr[at] != '@') return 0;
    size_t host = at + 1, end = run_end(s, host, "-.");
    return end > host && end < s.len && s.ptr[end] == ':' ? end + 1 : 0;
}

dfl_str dfl__url_scheme(dfl_str s) {
    size_t end = run_end(s, 0, "");
    return dfl__starts(dfl__sub(s, end, s.len), "://") ? dfl__sub(s, 0, end) : DFL__LIT("");
}

/* user@host:path, with a query and a fragment. */
static int read_scp(dfl_str s, url *out) {
    size_t path = dfl__scp_path(s);
    dfl_str rest = dfl__sub(s, path, s.len);
    if (path == 0 || dfl__find(rest, '\n', 0) < rest.len) return 0;
    size_t hash = dfl__find(rest, '#', 0), mark = dfl__find(rest, '?', 0);
    out->scheme = DFL__LIT("ssh");
    out->fragment = hash < rest.len ? dfl__sub(rest, hash + 1, rest.len) : DFL__LIT("");
    out->query = mark < hash ? dfl__sub(rest, mark + 1, hash) : DFL__LIT("");
    out->path = dfl__sub(rest, 0, mark < hash ? mark : hash);
    return 1;
}

/* --- queries */

typedef enum {
    KEY_REF,
    KEY_TAG,
    KEY_BRANCH,
    KEY_SUBDIR,
    KEY_CHECKSUM,
    KEY_COMMIT,
    KEY_KEEP,
    KEY_SUBMODULES,
    KEY_MTIME,
    KEY_FETCH,
    KEYS
} query_key;

static const char *const query_keys[KEYS] = {
    "ref",    "tag",          "branch",     "subdir", "checksum",
    "commit", "keep-git-dir", "submodules", "mtime",  "fetch-by-commit",
};

typedef struct {
    dfl_str values[KEYS];
    unsigned given[KEYS];
    int bad;    /* an unknown key, a key given twice, or one without the value it needs */
    int unread; /* a part Go cannot decode */
} query;

static void add_value(query *q, dfl_str key, dfl_str value) {
    for (int i = 0; i < KEYS; i++) {
        if (!dfl__eqz(key, query_keys[i])) continue;
        q->values[i] = value;
        if (q->given[i]++ > 0) q->bad = 1;
        int switches = i == KEY_KEEP || i == KEY_SUBMODULES || i == KEY_FETCH;
        if (value.len == 0 && !switches) q->bad = 1;
        return;
    }
    q->bad = 1;
}

static dfl_status read_query(dfl_str text, dfl__arena *arena, query *out) {
    for (size_t at = 0, end; at < text.len; at = end + 1) {
        end = dfl__find(text, '&', at);
        dfl_str pair = dfl__sub(text, at, end);
        size_t equals = dfl__find(pair, '=', 0);
        if (pair.len == 0) continue;
        if (dfl__find(pair, ';', 0) < pair.len || !is_encoded(dfl__sub(pair, 0, equals)) ||
            !is_encoded(dfl__sub(pair, equals, pair.len))) {
            out->unread = 1;
            continue;
        }
        dfl_str value = dfl__sub(pair, equals < pair.len ? equals + 1 : equals, pair.len);
        dfl_str key = decode(dfl__sub(pair, 0, equals), 1, arena);
        value = decode(value, 1, arena);
        if (key.ptr == NULL || value.ptr == NULL) return DFL_E_NOMEM;
        add_value(out, key, value);
    }
    return DFL_OK;
}

static int is_truth(const query *q, query_key key, int *value) {
    *value = 1;
    return q->values[key].len == 0 || dfl__go_bool(q->values[key], value);
}

/* `name` and `other`, which may be without `prefix`, are the same, or one of them is not given. */
static int agrees(dfl_str name, dfl_str other, const char *prefix) {
    if (name.len == 0 || other.len == 0) return 1;
    if (dfl__starts(other, prefix)) return dfl__eq(name, other);
    size_t skip = dfl__starts(name, prefix) ? dfl__str(prefix).len : 0;
    return skip > 0 && dfl__eq(dfl__sub(name, skip, name.len), other);
}

/* `ref` and `subdir` are those of the fragment. */
static int is_consistent(const query *q, dfl_str ref, dfl_str subdir) {
    const dfl_str *v = q->values;
    int truth;
    if (ref.len > 0 && v[KEY_REF].len > 0 && !dfl__eq(ref, v[KEY_REF])) return 0;
    if (subdir.len > 0 && v[KEY_SUBDIR].len > 0 && !dfl__eq(subdir, v[KEY_SUBDIR])) return 0;
    if (ref.len == 0) ref = v[KEY_REF];
    if (v[KEY_TAG].len > 0 && v[KEY_BRANCH].len > 0) return 0;
    if (!agrees(ref, v[KEY_TAG], "refs/tags/") || !agrees(ref, v[KEY_BRANCH], "refs/heads/"))
        return 0;
    if (q->given[KEY_MTIME] && !dfl__eqz(v[KEY_MTIME], "checkout") &&
        !dfl__eqz(v[KEY_MTIME], "commit"))
        return 0;
    return is_truth(q, KEY_KEEP, &truth) && is_truth(q, KEY_SUBMODULES, &truth) &&
           is_truth(q, KEY_FETCH, &truth);
}

/* --- the whole */

static dfl_status read_git(const url *u, int scp, dfl__arena *arena, dfl__source *out) {
    query q = {0};
    dfl_status status = read_query(u->query, arena, &q);
    if (status != DFL_OK) return status;
    if (scp && q.unread) return DFL_OK; /* then it is no such URL */
    dfl_str fragment = scp ? u->fragment : decode(u->fragment, 0, arena);
    if (fragment.ptr == NULL) return DFL_E_NOMEM;
    size_t colon = dfl__find(fragment, ':', 0);
    dfl_str subdir = dfl__sub(fragment, colon < fragment.len ? colon + 1 : colon, fragment.len);
    char *rooted = dfl__arena_get(arena, subdir.len + 1);
    if (rooted == NULL) return DFL_E_NOMEM;
    rooted[0] = '/';
    for (size_t i = 0; i < subdir.len; i++)
        rooted[i + 1] = subdir.ptr[i];
    subdir = dfl__path_clean(arena, (dfl_str){rooted, subdir.len + 1});
    if (subdir.ptr == NULL) return DFL_E_NOMEM;
    out->kind = DFL__SOURCE_GIT;
    out->is_git = 1;
    out->bad_query =
        q.bad || !is_consistent(&q, dfl__sub(fragment, 0, colon), dfl__sub(subdir, 1, subdir.len));
    if (q.given[KEY_KEEP]) (void)is_truth(&q, KEY_KEEP, &out->keep_git_dir);
    out->checksum = q.given[KEY_COMMIT] ? q.values[KEY_COMMIT] : q.values[KEY_CHECKSUM];
    if (out->checksum.ptr == NULL) out->checksum = DFL__LIT("");
    return DFL_OK;
}

/* A URL with a scheme that Git knows. Go takes no scheme that begins with a digit, but neither is
 * any of these. */
static dfl_status read_schemed(dfl_str text, dfl_str scheme, dfl__arena *arena, dfl__source *out) {
    int http = dfl__ieqz(scheme, "http") || dfl__ieqz(scheme, "https");
    url u;
    if (!http && !dfl__ieqz(scheme, "ssh") && !dfl__ieqz(scheme, "git")) return DFL_OK;
    if (!read_url(dfl__sub(text, scheme.len + 1, text.len), scheme, &u)) return DFL_OK;
    dfl_str path = decode(u.path, 0, arena);
    if (path.ptr == NULL) return DFL_E_NOMEM;
    return !http || dfl__ends(path, ".git") ? read_git(&u, 0, arena, out) : DFL_OK;
}

/* `github.com/...` is a path, but its query is read all the same. */
static dfl_status read_short(dfl_str text, dfl__arena *arena, dfl__source *out) {
    url u;
    if (!read_url(text, DFL__LIT(""), &u)) return DFL_OK;
    dfl_status status = read_git(&u, 0, arena, out);
    out->kind = DFL__SOURCE_LOCAL;
    return status;
}

dfl_status dfl__source_read(dfl_str text, dfl__arena *arena, dfl__source *out) {
    dfl__source source = {DFL__SOURCE_LOCAL, 0, 0, -1, {"", 0}};
    dfl_status status = DFL_OK;
    url u;
    dfl_str scheme = dfl__url_scheme(text);
    if (dfl__starts(text, "./") || dfl__starts(text, "../"))
        source.kind = DFL__SOURCE_LOCAL;
    else if (dfl__starts(text, "github.com/"))
        status = read_short(text, arena, &source);
    else if (scheme.len > 0)
        status = read_schemed(text, scheme, arena, &source);
    else if (read_scp(text, &u))
        status = read_git(&u, 1, arena, &source);
    if (source.kind == DFL__SOURCE_LOCAL && !source.bad_query &&
        (dfl__starts(text, "http://") || dfl__starts(text, "https://")))
        source.kind = DFL__SOURCE_HTTP;
    if (status == DFL_OK) *out = source;
    return status;
}
