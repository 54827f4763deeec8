/* catalog.c -- what a catalog holds, as a table or JSON.
 * Relies on writer.h and the public functions of catalog.h.
 * Never shows an entry whole: that needs the schema, which libdockerfile-io has. */
#include "dockerfile/catalog.h"
#include "print/writer.h"

#define NAME_COLUMN 10u

static void text_entry(dfl__out *out, const dfl_catalog_entry *entry) {
    dfl_str kind = dfl__str(dfl_catalog_kind_name(entry->kind));
    dfl__out_str(out, kind);
    dfl__out_indent(out, NAME_COLUMN - (uint32_t)kind.len);
    dfl__out_shown(out, entry->name);
    if (entry->family.len > 0) {
        dfl__out_z(out, " (");
        dfl__out_shown(out, entry->family);
        dfl__out_c(out, ')');
    }
    dfl__out_c(out, '\n');
}

static void json_entry(dfl__out *out, const dfl_catalog_entry *entry) {
    dfl__js_open(out, '{');
    dfl__js_key(out, "kind");
    dfl__js_str(out, dfl__str(dfl_catalog_kind_name(entry->kind)));
    dfl__js_key(out, "name");
    dfl__js_str(out, entry->name);
    dfl__js_key(out, "family");
    dfl__js_name(out, entry->family);
    dfl__js_key(out, "sources");
    dfl__js_name(out, entry->sources);
    dfl__js_close(out, '}');
}

static dfl_status print_kind(dfl__out *out, const dfl_catalog *catalog, uint32_t kind,
                             uint32_t format) {
    size_t count = dfl_catalog_count(catalog, kind);
    for (size_t i = 0; i < count; i++) {
        dfl_catalog_entry entry = {.size = sizeof entry};
        dfl_status status = dfl_catalog_get(catalog, kind, i, &entry);
        if (status != DFL_OK) return status;
        if (format == DFL_LISTING_JSON) {
            json_entry(out, &entry);
        } else {
            text_entry(out, &entry);
        }
    }
    return DFL_OK;
}

dfl_status dfl_print_catalog(const dfl_catalog *catalog, uint32_t kind, uint32_t format,
                             const dfl_sink *sink) {
    dfl__out out;
    dfl_status status = dfl__out_init(&out, sink);
    if (status != DFL_OK) return status;
    if (kind != 0 && dfl_catalog_kind_name(kind) == NULL) return DFL_E_ARG;
    if (format != DFL_LISTING_TEXT && format != DFL_LISTING_JSON) return DFL_E_ARG;
    if (format == DFL_LISTING_JSON) {
        dfl__js_begin(&out);
        dfl__js_key(&out, "entries");
        dfl__js_open(&out, '[');
    }
    for (uint32_t k = 1; dfl_catalog_kind_name(k) != NULL && status == DFL_OK; k++) {
        if (kind == 0 || kind == k) status = print_kind(&out, catalog, k, format);
    }
    if (format == DFL_LISTING_JSON) {
        dfl__js_close(&out, ']');
        dfl__js_end(&out);
    }
    return status == DFL_OK ? dfl__out_done(&out) : status;
}
