/* image_plan.c -- see image.h: a reference is changed part by part, each where it is held.
 * Relies on the pieces of a reference: what is typed can be replaced, the rest must stay.
 * Never guesses which of several texts a change belongs to: separators decide, or it is refused. */
#include "edit/image.h"

#include <stdarg.h>

dfl_status dfl__image_refuse(dfl__buf *reason, const char *format, ...) {
    va_list args;
    reason->len = 0;
    va_start(args, format);
    dfl__buf_vfmt(reason, format, args);
    va_end(args);
    return reason->failed != DFL_OK ? DFL_E_NOMEM : DFL_E_REFUSED;
}

uint32_t dfl__image_line(const dfl_images *images, const dfl_image *image) {
    return dfl_doc_pos(images->model->doc, image->range.start).line + 1;
}

/* An image on its way from one reference to another. */
typedef struct {
    dfl__image_plan *plan;
    const dfl__image_ref *image;
    dfl_str old;
} change;

/* A run of a part that one piece gives. */
typedef struct {
    const dfl_piece *piece;
    size_t from, to; /* in the reference */
    dfl_str text;    /* what it is to become */
} run;

/* --- refusing */

/* What decides instead of the file, by DFL_PLACE_*. */
static const char *const reasons[] = {
    [DFL_PLACE_UNKNOWN] = "line %u: which image this is depends on a value that is not given%S",
    [DFL_PLACE_BUILD_ARG] =
        "line %u: the build argument %S decides, not its default: change it where the build is "
        "started",
    [DFL_PLACE_AUTOMATIC] = "line %u: the builder sets %S: no text of the file holds it",
    [DFL_PLACE_CHANGED] = "line %u: a pattern takes this from the value of %S: what to write there "
                          "is not certain",
    [DFL_PLACE_NUMBER] = "line %u: a number means the image here: change the one it stands for%S",
    [DFL_PLACE_TRIGGER] =
        "line %u: an ONBUILD of what the stage is built on names the image, not this line%S",
    [DFL_PLACE_ESCAPED] = "line %u: escapes stand inside of what is to be changed%S",
    [DFL_PLACE_LIMIT] = "line %u: finding what holds the image would exceed the limits%S",
    [DFL_PLACE_SPLIT] = "line %u: several places make up \"%S\": which of them to change is not "
                        "certain",
};

static dfl_status refuse(const change *c, uint32_t place, dfl_str detail) {
    uint32_t line = dfl__image_line(c->plan->images, &c->image->shown);
    return dfl__image_refuse(c->plan->reason, reasons[place], line, &detail);
}

static dfl_status refuse_piece(const change *c, const dfl_piece *piece) {
    const dfl_model *model = c->plan->images->model;
    uint32_t place = dfl__piece_place(model, piece);
    dfl_str name = dfl__str("");
    int names =
        place == DFL_PLACE_BUILD_ARG || place == DFL_PLACE_AUTOMATIC || place == DFL_PLACE_CHANGED;
    if (names && piece->definition < model->definitions.count)
        name = model->definitions.items[piece->definition].name;
    return refuse(c, place, name);
}

/* --- replacing bytes */

/* Whether the bytes [from, to) of the reference, all of one piece, can be replaced. */
static int is_editable(const change *c, const dfl_piece *piece, size_t from, size_t to) {
    uint32_t place = dfl__piece_place(c->plan->images->model, piece);
    if (place == DFL_PLACE_TYPED) return 1;
    return place == DFL_PLACE_ESCAPED && from == piece->start && to == piece->end;
}

static dfl_status add_edit(const change *c, dfl_range range, dfl_str text) {
    dfl_edit edit = {range, text};
    return DFL__PUSH(&c->plan->arena->alloc, &c->plan->list, edit) ? DFL_OK : DFL_E_NOMEM;
}

static dfl_range source_of(const dfl_piece *piece, size_t from, size_t to) {
    dfl_range range = piece->source;
    if ((piece->flags & DFL_PIECE_F_EXACT) == 0) return range;
    range.end = range.start + (uint32_t)(to - piece->start);
    range.start += (uint32_t)(from - piece->start);
    return range;
}

static dfl_status replace_run(const change *c, const run *r) {
    if (dfl__eq(dfl__sub(c->old, r->from, r->to), r->text)) return DFL_OK;
    if (!is_editable(c, r->piece, r->from, r->to)) return refuse_piece(c, r->piece);
    return add_edit(c, source_of(r->piece, r->from, r->to), r->text);
}

/* --- a part that gets another text */

static int is_separator(char ch) {
    static const char separators[] = "-._:/@+";
    return dfl__find(DFL__LIT(separators), ch, 0) < sizeof separators - 1;
}

/* What follows at `at`: a separator is itself, all else is alike; 0 at the end. */
static char class_at(dfl_str s, size_t at) {
    if (at >= s.len) return 0;
    return is_separator(s.ptr[at]) ? s.ptr[at] : 'a';
}

static int same_boundary(char a, char b, int loose) {
    if (a == b) return 1;
    return loose && (a == 0 || b == 0) && a != 'a' && b != 'a';
}

/* A part of the reference and what is to become of it. */
typedef struct {
    dfl_str old, new;
    size_t start; /* of `old` in the reference */
    run *runs;
    uint32_t count;
    uint32_t left, right; /* runs before `left` and from `right` on stay as they are */
    size_t from, to;      /* of `new`: what is between them */
} part;

static dfl_str run_text(const part *p, uint32_t index) {
    const run *r = &p->runs[index];
    return dfl__sub(p->old, r->from - p->start, r->to - p->start);
}

/* Keep what begins and what ends both texts, run by run. `loose`: a text may end where a separator
 * was. */
static void keep_ends(part *p, int loose) {
    p->left = 0;
    p->right = p->count;
    p->from = 0;
    p->to = p->new.len;
    for (; p->left < p->count; p->left++) {
        dfl_str text = run_text(p, p->left);
        size_t end = p->from + text.len, was = p->runs[p->left].to - p->start;
        if (end > p->new.len || !dfl__eq(dfl__sub(p->new, p->from, end), text)) break;
        if (!same_boundary(class_at(p->old, was), class_at(p->new, end), loose)) break;
        p->from = end;
    }
    for (; p->right > p->left; p->right--) {
        dfl_str text = run_text(p, p->right - 1);
        size_t was = p->runs[p->right - 1].from - p->start;
        if (text.len > p->to - p->from) break;
        size_t start = p->to - text.len;
        char before = was > 0 ? class_at(p->old, was - 1) : 0;
        char now = start > 0 ? class_at(p->new, start - 1) : 0;
        if (!dfl__eq(dfl__sub(p->new, start, p->to), text)) break;
        if (!same_boundary(before, now, loose)) break;
        p->to = start;
    }
}

static size_t count_separators(dfl_str s) {
    size_t count = 0;
    for (size_t i = 0; i < s.len; i++)
        count += (size_t)is_separator(s.ptr[i]);
    return count;
}

/* Where the separator after `skip` others stands. */
static size_t find_separator(dfl_str s, size_t skip) {
    size_t at = 0;
    while (at < s.len && (!is_separator(s.ptr[at]) || skip-- > 0))
        at++;
    return at;
}

/* Divide the new text among the runs between, at the separators where the old one is divided.
 * 0 when the separators do not tell. */
static int align(part *p) {
    size_t first = p->runs[p->left].from - p->start, last = p->runs[p->right - 1].to - p->start;
    dfl_str old = dfl__sub(p->old, first, last), new = dfl__sub(p->new, p->from, p->to);
    if (count_separators(old) != count_separators(new)) return 0;
    size_t from = 0;
    for (uint32_t i = p->left; i < p->right; i++) {
        size_t end = p->runs[i].to - p->start - first, to = new.len;
        size_t before = count_separators(dfl__sub(old, 0, end));
        if (end < old.len && is_separator(old.ptr[end]))
            to = find_separator(new, before);
        else if (end < old.len && is_separator(old.ptr[end - 1]))
            to = find_separator(new, before - 1) + 1;
        else if (end < old.len)
            return 0;
        p->runs[i].text = dfl__sub(new, from, to);
        from = to;
    }
    return 1;
}

/* All runs stay, but something new stands between two of them: to the one that is typed in the
 * instruction itself. */
static void give_between(const change *c, part *p) {
    uint32_t after = p->left, before = p->left - 1;
    int to_after = p->left == 0;
    if (p->left > 0 && p->left < p->count)
        to_after = p->runs[after].piece->definition == DFL_NO_DEFINITION &&
                   is_editable(c, p->runs[after].piece, p->runs[after].from, p->runs[after].to);
    if (to_after)
        p->runs[after].text = dfl__sub(p->new, p->from, p->to + run_text(p, after).len);
    else
        p->runs[before].text = dfl__sub(p->new, p->from - run_text(p, before).len, p->to);
}

/* Decide what each run becomes. 0 when that is not certain. */
static int divide(const change *c, part *p) {
    for (int loose = 0; loose < 2; loose++) {
        keep_ends(p, loose);
        if (p->left == p->right) {
            if (p->from != p->to) give_between(c, p);
            return 1;
        }
        if (p->right - p->left == 1) {
            p->runs[p->left].text = dfl__sub(p->new, p->from, p->to);
            return 1;
        }
        if (align(p)) return 1;
    }
    return 0;
}

/* The runs of [start, end) of the reference. */
static dfl_status find_runs(const change *c, part *p) {
    const dfl__pieces *leaves = &c->image->leaves;
    size_t end = p->start + p->old.len;
    p->runs = dfl__arena_get(c->plan->arena, leaves->count * sizeof *p->runs);
    if (p->runs == NULL) return DFL_E_NOMEM;
    for (uint32_t i = 0; i < leaves->count; i++) {
        const dfl_piece *piece = &leaves->items[i];
        run r = {piece,
                 piece->start > p->start ? piece->start : p->start,
                 piece->end < end ? piece->end : end,
                 {"", 0}};
        if (r.from >= r.to) continue;
        r.text = dfl__sub(c->old, r.from, r.to);
        p->runs[p->count++] = r;
    }
    return DFL_OK;
}

static dfl_status change_text(const change *c, size_t start, size_t end, dfl_str text) {
    part p = {dfl__sub(c->old, start, end), text, start, NULL, 0, 0, 0, 0, 0};
    if (dfl__eq(p.old, text)) return DFL_OK;
    dfl_status status = find_runs(c, &p);
    if (status != DFL_OK) return status;
    if (p.count == 0 || !divide(c, &p)) return refuse(c, DFL_PLACE_SPLIT, p.old);
    for (uint32_t i = 0; i < p.count && status == DFL_OK; i++)
        status = replace_run(c, &p.runs[i]);
    return status;
}

/* --- a part that comes or goes */

/* The piece that holds the byte before `at`. */
static const dfl_piece *piece_before(const dfl__pieces *pieces, size_t at) {
    for (uint32_t i = 0; i < pieces->count; i++)
        if (pieces->items[i].start < at && at <= pieces->items[i].end) return &pieces->items[i];
    return NULL;
}

static dfl_status insert_in(const change *c, const dfl_piece *piece, size_t at, dfl_str text) {
    uint32_t offset = piece->source.end;
    if (at < piece->end) {
        if (!is_editable(c, piece, at, at)) return refuse_piece(c, piece);
        offset = piece->source.start + (uint32_t)(at - piece->start);
    }
    return add_edit(c, (dfl_range){offset, offset}, text);
}

/* Behind a value that is not all of the reference, the text goes into the instruction. */
static dfl_status insert(const change *c, size_t at, dfl_str text) {
    const dfl_model *model = c->plan->images->model;
    const dfl_piece *top = piece_before(&c->image->tops, at);
    if (top == NULL) return refuse(c, DFL_PLACE_SPLIT, c->old);
    if (!dfl__piece_is_value(model, top)) return insert_in(c, top, at, text);
    int whole = top->start == 0 && top->end == c->old.len;
    if (whole) return refuse_piece(c, top);
    if (at == top->end) return insert_in(c, top, at, text);
    const dfl_piece *leaf = piece_before(&c->image->leaves, at);
    if (leaf == NULL || dfl__piece_is_value(model, leaf)) return refuse_piece(c, top);
    return insert_in(c, leaf, at, text);
}

static dfl_status remove_typed(const change *c, const dfl_piece *outer, size_t start, size_t end) {
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < c->image->leaves.count && status == DFL_OK; i++) {
        const dfl_piece *leaf = &c->image->leaves.items[i];
        if (leaf->start < outer->start || leaf->end > outer->end) continue;
        run r = {leaf,
                 leaf->start > start ? leaf->start : start,
                 leaf->end < end ? leaf->end : end,
                 {"", 0}};
        if (r.from < r.to) status = replace_run(c, &r);
    }
    return status;
}

/* A variable that is all of what goes is taken out of the instruction; its ARG stays. */
static dfl_status cut(const change *c, size_t start, size_t end) {
    const dfl_model *model = c->plan->images->model;
    dfl_status status = DFL_OK;
    for (uint32_t i = 0; i < c->image->tops.count && status == DFL_OK; i++) {
        const dfl_piece *top = &c->image->tops.items[i];
        size_t from = top->start > start ? top->start : start;
        size_t to = top->end < end ? top->end : end;
        run r = {top, from, to, {"", 0}};
        if (from >= to) continue;
        if (!dfl__piece_is_value(model, top))
            status = replace_run(c, &r);
        else if (from == top->start && to == top->end)
            status = add_edit(c, top->source, (dfl_str){"", 0});
        else
            status = remove_typed(c, top, start, end);
    }
    return status;
}

/* --- the whole */

/* Ends of the parts of a reference: name, tag with its colon, digest with its at sign. */
typedef struct {
    size_t name, tag, digest;
} ends;

static ends ends_of(dfl_str text, const dfl__reference *ref) {
    ends e = {ref->name.len, 0, text.len};
    e.tag = ref->tag.len > 0 ? e.name + 1 + ref->tag.len : e.name;
    return e;
}

/* A digest is that of one image, whatever else the reference says. */
static dfl_status check_digest(const change *c, size_t digest) {
    for (uint32_t i = 0; i < c->image->leaves.count; i++) {
        const dfl_piece *leaf = &c->image->leaves.items[i];
        if (leaf->start >= digest || leaf->start == leaf->end) continue;
        uint32_t place = dfl__piece_place(c->plan->images->model, leaf);
        if (place == DFL_PLACE_BUILD_ARG || place == DFL_PLACE_AUTOMATIC)
            return refuse_piece(c, leaf);
    }
    return DFL_OK;
}

/* A part with its separator, at [from, to) of the old reference, which may be empty. */
static dfl_status change_part(const change *c, size_t from, size_t to, dfl_str text) {
    if (dfl__eq(dfl__sub(c->old, from, to), text)) return DFL_OK;
    if (from == to) return insert(c, from, text);
    if (text.len == 0) return cut(c, from, to);
    return change_text(c, from + 1, to, dfl__sub(text, 1, text.len));
}

static dfl_status change_parts(const change *c, dfl_str text, const dfl__reference *old,
                               const dfl__reference *new) {
    ends was = ends_of(c->old, old), will = ends_of(text, new);
    int comes = was.name == was.digest; /* neither tag nor digest yet: they come as one */
    dfl_str digest = dfl__sub(text, will.tag, will.digest);
    dfl_status status = change_text(c, 0, was.name, dfl__sub(text, 0, will.name));
    if (status == DFL_OK && digest.len > 0 &&
        !dfl__eq(digest, dfl__sub(c->old, was.tag, was.digest)))
        status = check_digest(c, was.tag);
    if (status != DFL_OK) return status;
    if (comes) return change_part(c, was.name, was.name, dfl__sub(text, will.name, text.len));
    status = change_part(c, was.name, was.tag, dfl__sub(text, will.name, will.tag));
    return status == DFL_OK ? change_part(c, was.tag, was.digest, digest) : status;
}

dfl_status dfl__image_plan_add(dfl__image_plan *plan, uint32_t index, dfl_str reference) {
    const dfl__image_ref *image = &plan->images->list.items[index];
    change c = {plan, image, image->shown.reference};
    dfl__reference old, new;
    if (dfl__eq(c.old, reference) && image->shown.known) return DFL_OK;
    if (image->reason != 0) return refuse(&c, image->reason, dfl__str(""));
    if (!image->shown.known) return refuse(&c, DFL_PLACE_UNKNOWN, dfl__str(""));
    if (dfl__reference_parse(reference, &new) != DFL__REF_OK) return DFL_E_ARG;
    if (dfl__reference_parse(c.old, &old) != DFL__REF_OK)
        return change_text(&c, 0, c.old.len, reference);
    return change_parts(&c, reference, &old, &new);
}
