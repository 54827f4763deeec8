/* svg_text.c -- what stands in the boxes of the picture.
 * Relies on svg.h and on a fixed-width font: widths are counted, not measured.
 * Never writes a character that XML forbids, or one that hides or turns the text around it. */
#include "print/svg.h"

#define NAME_MAX 28u   /* columns, of the first line */
#define DETAIL_MAX 26u /* of the second one */
#define IMAGE_MAX 30u
#define WIDTH_LEAST 96
/* Width of a column in tenths of a pixel: 0.6 em, and a little more for bold letters. */
#define NAME_TENTHS 84u
#define IMAGE_TENTHS 75u
#define DETAIL_TENTHS 68u

typedef struct {
    uint32_t first, last;
} runes;

static int is_in(const runes *table, size_t count, uint32_t rune) {
    for (size_t i = 0; i < count; i++)
        if (rune >= table[i].first && rune <= table[i].last) return 1;
    return 0;
}

#define IS_IN(table, rune) is_in(table, sizeof(table) / sizeof(table)[0], rune)

/* Controls, marks that turn the direction, invisible spaces, and what XML has no place for. */
static const runes replaced[] = {
    {0x00, 0x1F},       {0x7F, 0x9F},       {0xAD, 0xAD},       {0x061C, 0x061C}, {0x200B, 0x200F},
    {0x2028, 0x202E},   {0x2060, 0x206F},   {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB}, {0xFFFE, 0xFFFF},
    {0x1FFFE, 0x1FFFF}, {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF}};

/* East Asian wide characters and pictures. */
static const runes wide[] = {{0x1100, 0x115F},   {0x2E80, 0xA4CF},  {0xA960, 0xA97F},
                             {0xAC00, 0xD7FF},   {0xF900, 0xFAFF},  {0xFE30, 0xFE6F},
                             {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},  {0x1B000, 0x1B2FF},
                             {0x1F000, 0x1FAFF}, {0x20000, 0x3FFFD}};

static uint32_t columns_of(uint32_t rune) {
    return rune >= 0x1100 && IS_IN(wide, rune) ? 2 : 1;
}

uint32_t dfl__svg_columns(dfl_str s) {
    uint32_t columns = 0;
    for (size_t at = 0; at < s.len;)
        columns += columns_of(dfl__next_rune(s, &at));
    return columns;
}

static void write_rune(dfl__out *out, uint32_t rune) {
    switch (rune) {
    case '&': dfl__out_z(out, "&amp;"); return;
    case '<': dfl__out_z(out, "&lt;"); return;
    case '>': dfl__out_z(out, "&gt;"); return;
    case '"': dfl__out_z(out, "&quot;"); return;
    default: dfl__out_rune(out, IS_IN(replaced, rune) ? DFL__RUNE_ERROR : rune);
    }
}

/* At most `head` columns of the start, an ellipsis, at most `tail` of the end. */
static void write_cut(dfl__out *out, dfl_str s, uint32_t head, uint32_t tail) {
    uint32_t total = dfl__svg_columns(s), column = 0;
    int cut = 0;
    for (size_t at = 0; at < s.len;) {
        uint32_t rune = dfl__next_rune(s, &at), width = columns_of(rune);
        if ((!cut && column + width <= head) || column >= total - tail) {
            write_rune(out, rune);
        } else if (!cut) {
            cut = 1;
            dfl__out_z(out, "…");
        }
        column += width;
    }
}

/* What tells references apart is the end of the name and the tag, so the middle goes; of a digest
 * the end. */
void dfl__svg_text(dfl__out *out, dfl_str s, uint32_t max) {
    dfl_str name = dfl__sub(s, 0, dfl__find(s, '@', 0));
    if (dfl__svg_columns(s) <= max) {
        write_cut(out, s, UINT32_MAX, 0);
    } else if (name.len == s.len) {
        write_cut(out, s, max * 2 / 5, max - max * 2 / 5 - 1);
    } else if (dfl__svg_columns(name) + 2 <= max) {
        write_cut(out, s, max - 1, 0);
    } else {
        write_cut(out, name, max * 2 / 5, max - max * 2 / 5 - 3);
        dfl__out_z(out, "@…");
    }
}

void dfl__svg_int(dfl__out *out, int32_t number) {
    if (number < 0) dfl__out_c(out, '-');
    dfl__out_u(out, number < 0 ? 0u - (uint32_t)number : (uint32_t)number);
}

/* --- labels */

static dfl__svg_label image_label(const dfl__drawing *d, uint32_t node) {
    uint8_t flags = d->image_flags[node - d->stage_count];
    dfl__svg_label label = {dfl__drawing_image(d, node), DFL__SVG_NONE, NULL, {"", 0}, ""};
    if ((flags & DFL__IMAGE_CONTEXT) != 0)
        label.prefix = "named context";
    else if ((flags & DFL__IMAGE_UNKNOWN) != 0)
        label.prefix = "value not given";
    return label;
}

dfl__svg_label dfl__svg_label_of(const dfl__drawing *d, uint32_t node) {
    static const char *const tags[] = {
        [DFL_NEED_NO] = "unused", [DFL_NEED_YES] = "", [DFL_NEED_PERHAPS] = "perhaps"};
    if (node >= d->stage_count) return image_label(d, node);
    dfl_stage stage = dfl__drawing_stage(d, node);
    dfl__svg_label label = {stage.name, node, "FROM ", stage.base, tags[d->needs[node]]};
    if (node == d->target) label.tag = "target";
    if (dfl__drawing_replaced(d, node)) {
        label.prefix = "named context";
        label.detail = DFL__LIT("");
    }
    return label;
}

static uint32_t digits_of(uint32_t number) {
    uint32_t digits = 1;
    for (; number >= 10; number /= 10)
        digits++;
    return digits;
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static uint32_t length_of(const char *z) {
    return (uint32_t)dfl__str(z).len;
}

int32_t dfl__svg_label_width(const dfl__svg_label *label) {
    uint32_t name = 0, detail = 0;
    if (label->prefix != NULL)
        detail = length_of(label->prefix) + least(dfl__svg_columns(label->detail), DETAIL_MAX);
    if (label->stage == DFL__SVG_NONE) {
        name = least(dfl__svg_columns(label->name), IMAGE_MAX) * IMAGE_TENTHS;
    } else {
        uint32_t named = dfl__svg_columns(label->name);
        name = named != 0 ? least(named, NAME_MAX) : 6 + digits_of(label->stage);
        name = name * NAME_TENTHS + (3 + digits_of(label->stage)) * DETAIL_TENTHS;
        if (label->tag[0] != '\0') detail += 2 + length_of(label->tag);
    }
    detail *= DETAIL_TENTHS;
    int32_t width = (int32_t)((name > detail ? name : detail) / 10) + 2 * DFL__SVG_PAD;
    return width > WIDTH_LEAST ? (width + 1) / 2 * 2 : WIDTH_LEAST;
}

void dfl__svg_name(dfl__out *out, const dfl__drawing *d, uint32_t node) {
    dfl__svg_label label = dfl__svg_label_of(d, node);
    if (label.name.len != 0) {
        dfl__svg_text(out, label.name, UINT32_MAX);
        return;
    }
    dfl__out_z(out, "stage ");
    dfl__out_u(out, node);
}

/* How texts of a box look. */
static const char *const name_color[] = {"#6e7781", "#1f2328", "#1f2328"};
static const char *const tag_color[] = {"#6e7781", "#0969da", "#9a6700"};

static void open_text(dfl__out *out, int32_t x, int32_t y, const char *fill, const char *more) {
    dfl__out_z(out, "<text x=\"");
    dfl__svg_int(out, x);
    dfl__out_z(out, "\" y=\"");
    dfl__svg_int(out, y);
    dfl__out_z(out, "\" fill=\"");
    dfl__out_z(out, fill);
    dfl__out_z(out, "\"");
    dfl__out_z(out, more);
    dfl__out_z(out, ">");
}

static void write_image(dfl__out *out, const dfl__svg_label *label, int32_t x, int32_t y) {
    open_text(out, x, label->prefix != NULL ? y - 4 : y + 4, "#1f2328", " font-size=\"12\"");
    dfl__svg_text(out, label->name, IMAGE_MAX);
    dfl__out_z(out, "</text>");
    if (label->prefix == NULL) return;
    open_text(out, x, y + 13, "#57606a", "");
    dfl__out_z(out, label->prefix);
    dfl__out_z(out, "</text>");
}

void dfl__svg_label_write(dfl__out *out, const dfl__drawing *d, uint32_t node,
                          const dfl__svg_item *box) {
    static const char right[] = " text-anchor=\"end\"";
    dfl__svg_label label = dfl__svg_label_of(d, node);
    int32_t x = box->x + DFL__SVG_PAD, end = box->x + box->width - DFL__SVG_PAD, y = box->y;
    if (label.stage == DFL__SVG_NONE) {
        write_image(out, &label, x, y);
        return;
    }
    const char *muted = d->needs[node] == DFL_NEED_NO ? name_color[0] : "#57606a";
    open_text(out, x, y - 4, name_color[d->needs[node]], " font-size=\"13\" font-weight=\"600\"");
    if (label.name.len != 0)
        dfl__svg_text(out, label.name, NAME_MAX);
    else
        dfl__svg_name(out, d, node);
    dfl__out_z(out, "</text>");
    if (label.name.len != 0) {
        open_text(out, end, y - 4, muted, right);
        dfl__out_c(out, '#');
        dfl__out_u(out, node);
        dfl__out_z(out, "</text>");
    }
    open_text(out, x, y + 13, muted, "");
    dfl__out_z(out, label.prefix);
    dfl__svg_text(out, label.detail, DETAIL_MAX);
    dfl__out_z(out, "</text>");
    if (label.tag[0] == '\0') return;
    open_text(out, end, y + 13, tag_color[d->needs[node]], right);
    dfl__out_z(out, label.tag);
    dfl__out_z(out, "</text>");
}
