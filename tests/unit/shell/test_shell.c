/* test_shell.c -- what the scanner makes of shell text: structure, words, redirections, refusals.
 * Relies on cmocka.
 * Never runs a shell: that is tests/property and tests/conformance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shell/shell.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static dfl__shell scan(const char *text) {
    dfl__shell shell;
    if (dfl__shell_scan(dfl__str(text), 0, NULL, &shell) != DFL_OK) fail_msg("%s: no scan", text);
    return shell;
}

/* A picture of the commands: each operator as written (a newline as \n), then for the command
 * letters (! negated, ? conditional, | in a pipeline, & in the background, $ in a substitution),
 * a colon when there were some, and its shape: words in '' as written, {} group, () subshell,
 * <> compound, f<> function, # opaque. Commands inside the words of one stand after it in []. */

static void draw_list(const dfl__shell *shell, uint32_t index, dfl__buf *out);

static void draw_text(const dfl__shell *shell, uint32_t start, uint32_t end, dfl__buf *out) {
    for (uint32_t i = start; i < end; i++) {
        if (shell->text.ptr[i] == '\n')
            dfl__buf_addz(out, "\\n");
        else
            dfl__buf_addc(out, shell->text.ptr[i]);
    }
}

static void draw_flags(const dfl__sh_cmd *cmd, dfl__buf *out) {
    size_t before = out->len;
    if (cmd->negated) dfl__buf_addc(out, '!');
    if (cmd->conditional) dfl__buf_addc(out, '?');
    if (cmd->in_pipe) dfl__buf_addc(out, '|');
    if (cmd->background) dfl__buf_addc(out, '&');
    if (cmd->in_subst) dfl__buf_addc(out, '$');
    if (out->len != before) dfl__buf_addc(out, ':');
}

static void draw_command(const dfl__shell *shell, uint32_t index, dfl__buf *out) {
    static const char *const open[] = {"", "'", "{", "(", "<", "#"};
    static const char *const close[] = {"", "'", "}", ")", ">", "#"};
    const dfl__sh_cmd *cmd = &shell->cmds[index];
    int simple = cmd->kind == DFL__CMD_SIMPLE || cmd->kind == DFL__CMD_OPAQUE;
    uint32_t child = index + 1;
    int parent = child < shell->cmd_count && shell->cmds[child].parent == index;
    draw_flags(cmd, out);
    dfl__buf_addz(out, cmd->function ? "f" : "");
    dfl__buf_addz(out, open[cmd->kind]);
    if (simple) draw_text(shell, cmd->start, cmd->end, out);
    if (!simple && parent) draw_list(shell, child, out);
    dfl__buf_addz(out, close[cmd->kind]);
    if (!simple || !parent) return;
    dfl__buf_addc(out, '[');
    draw_list(shell, child, out);
    dfl__buf_addc(out, ']');
}

static void draw_list(const dfl__shell *shell, uint32_t index, dfl__buf *out) {
    for (int first = 1; index != UINT32_MAX; index = shell->cmds[index].next, first = 0) {
        const dfl__sh_cmd *cmd = &shell->cmds[index];
        if (!first) dfl__buf_addc(out, ' ');
        draw_text(shell, cmd->op_start, cmd->op_end, out);
        if (cmd->op_start != cmd->op_end) dfl__buf_addc(out, ' ');
        draw_command(shell, index, out);
    }
}

static void check_drawing(const char *text, const char *want) {
    dfl__shell shell = scan(text);
    dfl__buf out;
    dfl__buf_init(&out, NULL, 0);
    if (shell.cmd_count > 0) draw_list(&shell, 0, &out);
    dfl_str got = dfl__buf_str(&out);
    if (!dfl__eqz(got, want))
        fail_msg("%s\n  got  %.*s\n  want %s", text, (int)got.len, got.ptr, want);
    dfl__buf_free(&out);
    dfl__shell_free(&shell);
}

typedef struct {
    const char *text, *drawing;
} drawing_case;

static const drawing_case lists[] = {
    {"", ""},
    {" \t ", ""},
    {"\n\n", ""},
    {"# only a comment", ""},
    {"\\\n", ""},
    {"a", "'a'"},
    {"  a b  c ", "'a b  c'"},
    {"a;", "'a'"},
    {"a; b", "'a' ; 'b'"},
    {"a ;b;c;", "'a' ; 'b' ; 'c'"},
    {"a\nb", "'a' \\n 'b'"},
    {"a\n\n\tb\n", "'a' \\n 'b'"},
    {"a;\n b", "'a' ; 'b'"},
    {"a && b", "'a' && 'b'"},
    {"a||b", "'a' || ?:'b'"},
    {"a && b || c && d; e", "'a' && 'b' || ?:'c' && ?:'d' ; 'e'"},
    {"a || b\nc", "'a' || ?:'b' \\n 'c'"},
    {"a &&\n\n# why\n b", "'a' && 'b'"},
    {"a && \\\n  b", "'a' && 'b'"},
    {"a &\\\n& b", "'a' &\\\\n& 'b'"},
    {"a | b", "|:'a' | |:'b'"},
    {"a |\nb | c", "|:'a' | |:'b' | |:'c'"},
    {"a || b | c", "'a' || ?|:'b' | ?|:'c'"},
    {"a | b && c", "|:'a' | |:'b' && 'c'"},
    {"! a", "!:'a'"},
    {"! a | b && c", "!|:'a' | !|:'b' && 'c'"},
    {"a && ! b || c", "'a' && !:'b' || ?:'c'"},
    {"! a; b", "!:'a' ; 'b'"},
    {"a & b", "?&:'a' & 'b'"},
    {"a &", "?&:'a'"},
    {"a && b & c", "?&:'a' && ?&:'b' & 'c'"},
    {"x; a && b & c", "'x' ; ?&:'a' && ?&:'b' & 'c'"},
    {"a # b; c", "'a'"},
    {"a#b # c\nd", "'a#b' \\n 'd'"},
    {"a ;# b\nc", "'a' ; 'c'"},
    {"a # b \\\nc", "'a' \\n 'c'"},
    {"!a", "'!a'"},
    {"a !", "'a !'"},
    {"if! a", "'if! a'"},
};

static const drawing_case groups[] = {
    {"{ a; }", "{'a'}"},
    {"{ a\n}", "{'a'}"},
    {"{ a; b; } && c", "{'a' ; 'b'} && 'c'"},
    {"a || { b; c; }", "'a' || ?:{?:'b' ; ?:'c'}"},
    {"a || (b || c); d", "'a' || ?:(?:'b' || ?:'c') ; 'd'"},
    {"(a || b) && c", "('a' || ?:'b') && 'c'"},
    {"(a)", "('a')"},
    {"( (a); b )", "(('a') ; 'b')"},
    {"((a); b)", "(('a') ; 'b')"},
    {"{ { a; } }", "{{'a'}}"},
    {"(a; b) &", "?&:(?&:'a' ; ?&:'b')"},
    {"{ a & } ", "{?&:'a'}"},
    {"{ a; } | (b)", "|:{'a'} | |:('b')"},
    {"! { a; }", "!:{'a'}"},
    {"{a;}", "#{a;}#"},
    {"{a", "'{a'"},
    {"a { }", "'a { }'"},
    {"a }", "'a }'"},
};

static const drawing_case compounds[] = {
    {"if a; then b; fi", "<?:'a' ?:'b'>"},
    {"if a\nthen\nb\nfi", "<?:'a' ?:'b'>"},
    {"if a && b; then c; elif d; then e; else f; g; fi",
     "<?:'a' && ?:'b' ?:'c' ?:'d' ?:'e' ?:'f' ; ?:'g'>"},
    {"if (a) then b; fi", "<?:(?:'a') ?:'b'>"},
    {"if a; then if b; then c; fi fi", "<?:'a' ?:<?:'b' ?:'c'>>"},
    {"x && if a; then b; fi && y", "'x' && <?:'a' ?:'b'> && 'y'"},
    {"while a; do b; done", "<?:'a' ?:'b'>"},
    {"until a; do b; done | c", "|:<?:'a' ?:'b'> | |:'c'"},
    {"for x in a b; do c $x; done", "<?:'c $x'>"},
    {"for x\ndo a; done", "<?:'a'>"},
    {"for x; do a; done", "<?:'a'>"},
    {"for x do a; done", "<?:'a'>"},
    {"for x\n\nin a\n\ndo a; done", "<?:'a'>"},
    {"for x in; do a; done", "<?:'a'>"},
    {"for x in if then; do a; done", "<?:'a'>"},
    {"for x in $(a); do b; done", "<?$:'a' ?:'b'>"},
    {"case x in esac", "<>"},
    {"case x in a) b;; c|d) e; f;; *) g; esac", "<?:'b' ?:'e' ; ?:'f' ?:'g'>"},
    {"case $(a) in (b) c ;; esac", "<?$:'a' ?:'c'>"},
    {"case x\nin\na)\n;;\nb) esac", "<>"},
    {"case x in a) b\n;;\nesac; c", "<?:'b'> ; 'c'"},
    {"case in in a) in2;; esac", "<?:'in2'>"},
    {"f() { a; }", "f<?:{?:'a'}>"},
    {"f () (a)", "f<?:(?:'a')>"},
    {"f()\n\n{ a; }; f", "f<?:{?:'a'}> ; 'f'"},
    {"f() { a; } >x; b", "f<?:{?:'a'}> ; 'b'"},
    {"f() { a; } && b", "f<?:{?:'a'}> && 'b'"},
    {"f() if a; then b; fi", "f<?:<?:'a' ?:'b'>>"},
    {"g() { f() { a; }; }", "f<?:{?:f<?:{?:'a'}>}>"},
    {"a; if b; then c; fi & d", "'a' ; ?&:<?&:'b' ?&:'c'> & 'd'"},
    {"[[ -f x && $a == b ]] && c", "<> && 'c'"},
    {"[[ $(a) =~ ^(b|c d)$ ]]", "<?$:'a'>"},
    {"[[ ! ( a || b < c ) ]]", "<>"},
    {"[[ a != @(b|c d) ]]", "<>"},
    {"((a + (b))) && c", "<> && 'c'"},
    {"(( $(a) ))", "<?$:'a'>"},
    {"for ((i = 0; i < $(n); i++)); do a; done", "<?$:'n' ?:'a'>"},
    {"for ((;;))\ndo a; done", "<?:'a'>"},
    {"select x in a b; do c; done", "<?:'c'>"},
    {"function f { a; }", "f<?:{?:'a'}>"},
    {"function f() { a; }", "f<?:{?:'a'}>"},
};

static const drawing_case substitutions[] = {
    {"a $(b)", "'a $(b)'[$:'b']"},
    {"a $(b; c) d `e f` && g", "'a $(b; c) d `e f`'[$:'b' ; $:'c' $:'e f'] && 'g'"},
    {"a \"$(b \"$(c)\")\"", "'a \"$(b \"$(c)\")\"'[$:'b \"$(c)\"'[$:'c']]"},
    {"a $(case x in y) b;; esac)", "'a $(case x in y) b;; esac)'[$:<?$:'b'>]"},
    {"a $( (b) )", "'a $( (b) )'[$:($:'b')]"},
    {"a ${x:-$(b)}", "'a ${x:-$(b)}'[?$:'b']"},
    {"a || b $(c)", "'a' || ?:'b $(c)'[?$:'c']"},
    {"x=$(a) b", "'x=$(a) b'[$:'a']"},
    {"$(a) b", "'$(a) b'[$:'a']"},
    {"a >$(b)", "'a >$(b)'[$:'b']"},
    {"{ a; } >$(b)", "{'a' $:'b'}"},
    {"a $(\n# )\nb)", "'a $(\\n# )\\nb)'[$:'b']"},
    {"a $()", "'a $()'"},
    {"a `b \\`c\\``", "'a `b \\`c\\``'"},
    {"a $((1 + $(b)))", "'a $((1 + $(b)))'[$:'b']"},
    {"a <(b) >(c)", "'a <(b) >(c)'[$:'b' $:'c']"},
    {"a=(b $(c)\nd) e", "'a=(b $(c)\\nd) e'[$:'c']"},
    {"a $(cat <<E\n)\nE\n)", "'a $(cat <<E\\n)\\nE\\n)'[$:'cat <<E']"},
    {"coproc a; b", "#coproc a# ; 'b'"},
};

static void check_drawings(const drawing_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++)
        check_drawing(cases[i].text, cases[i].drawing);
}

static void draws_lists(void **state) {
    (void)state;
    check_drawings(lists, COUNT(lists));
}

static void draws_groups(void **state) {
    (void)state;
    check_drawings(groups, COUNT(groups));
}

static void draws_compounds(void **state) {
    (void)state;
    check_drawings(compounds, COUNT(compounds));
}

static void draws_substitutions(void **state) {
    (void)state;
    check_drawings(substitutions, COUNT(substitutions));
}

/* Text that a shell rejects, and text that shells read in different ways. */
static const char *const refused[] = {
    "&& a",
    "a &&",
    "a ||",
    "a |",
    "| a",
    ";",
    "; a",
    "a ;; b",
    "a ; ; b",
    "a & & b",
    "a &; b",
    "& a",
    "a &&; b",
    "!",
    "! ! a",
    "a | ! b",
    "a && && b",
    "(",
    ")",
    "()",
    "( )",
    "(a",
    "a)",
    "(a) b",
    "(a) >x b",
    "{ }",
    "{ a",
    "{ a }",
    "}",
    "{ a; }; }",
    "{ a; } b",
    "{ a; } >x }",
    "if",
    "if a",
    "if a; then",
    "if a; then fi",
    "if a; fi",
    "then",
    "if ; then b; fi",
    "if a; then b; else fi",
    "if a then b; fi",
    "if a; then b; fi c",
    "while a; do done",
    "while a; done",
    "do a; done",
    "done",
    "for",
    "for 1x in a; do b; done",
    "for \"x\" in a; do b; done",
    "for x in a do b; done",
    "for x in a; b",
    "for x in a && b; do c; done",
    "for x\n; do b; done",
    "for x in a; do b",
    "case",
    "case x",
    "case x in",
    "case x in a",
    "case x in a) b",
    "case x in a b) c;; esac",
    "case x in ) b;; esac",
    "case x in a|) b;; esac",
    "case x in (esac) a;; esac",
    "esac",
    "in",
    "f(",
    "f() ",
    "f() a",
    "f( a )",
    "f() { a",
    "a-b c() { d; }",
    "\"f\"() { a; }",
    "x=1 f() { a; }",
    ">x f() { a; }",
    "if() { a; }",
    "eval() { a; }",
    "time() { a; }",
    "'a",
    "\"a",
    "`a",
    "$(a",
    "${a",
    "$((a",
    "a \\",
    "$(a `b)",
    "$((1)",
    "$((a) )",
    "$(if)",
    "`if`",
    "`echo \\`if\\``",
    "a $(;)",
    "\"${a:-'}\"",
    "${}",
    "${a b}",
    "${-x y",
    "$[1]",
    "$(( ' ))",
    "a (b)",
    "a b(c)",
    "a=(1 2)b",
    "a=(",
    "echo a=(1)",
    "a=([x y)",
    "a >",
    "a > ; b",
    "a >> >",
    "a <",
    ">",
    "a >2>b",
    "10>x",
    "a {fd}>x",
    "a 2>(b)",
    "a >&-b",
    "<<",
    "<<E\na",
    "<<E\n",
    "<<$x\n$x\n",
    "<<E\n$(if)\nE",
    "<<E\n${\nE",
    "<<E\n`\nE",
    "<<E\nE \n",
    "<<EOF\nE\\\nOF\nEOF\n",
    "<<E\na\\\nE\nE\n",
    "for x in a <<E\nb\nE\n",
    "a $(<<E)\nE\n",
    "[[",
    "[[ a",
    "[[ ]]",
    "[[ a b ]]",
    "[[ ! ]]",
    "[[ -f ]]",
    "[[ a == ]]",
    "[[ ( a ]]",
    "[[ a ) ]]",
    "[[ a =~ ) ]]",
    "[[ a && ]]",
    "]]",
    "[[ a == x(b) ]]",
    "((a)\nb)",
    "(( ' ))",
    "for ((a)); do b; done",
    "for ((;;;)); do b; done",
    "function",
    "function f",
    "function f a",
    "select",
    "coproc { a; }",
    "time | a",
    "time &",
    "(time)",
    "time -p && a",
    "time if",
    "a[1 2]=x",
    "a[b",
    "echo \"a`\"",
};

static void refuses(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        dfl__shell shell = scan(refused[i]);
        const dfl__sh_cmd *cmd = shell.cmds;
        int whole = shell.opaque && shell.cmd_count == 1 && cmd->kind == DFL__CMD_OPAQUE &&
                    cmd->start == 0 && cmd->end == shell.text.len;
        if (!whole) fail_msg("not refused: %s", refused[i]);
        assert_int_equal(cmd->op, DFL__OP_NONE);
        assert_int_equal(cmd->parent, UINT32_MAX);
        assert_int_equal(cmd->next, UINT32_MAX);
        assert_int_equal(cmd->word_count + cmd->assign_count + cmd->redir_count, 0);
        dfl__shell_free(&shell);
    }
}

static void refuses_nul(void **state) {
    (void)state;
    dfl__shell shell;
    assert_int_equal(dfl__shell_scan((dfl_str){"a\0b", 3}, 0, NULL, &shell), DFL_OK);
    assert_true(shell.opaque);
    assert_int_equal(shell.cmds[0].end, 3);
    dfl__shell_free(&shell);
}

static const struct {
    const char *text;
    int bash;
} dialects[] = {
    {"a && b", 0},
    {"a &> b", 1},
    {"a &>> b", 1},
    {"a |& b", 1},
    {"a <<< b", 1},
    {"a <(b)", 1},
    {"a=(1)", 1},
    {"a+=1", 1},
    {"a[1]=2", 1},
    {"echo a+=1", 0},
    {"echo a[1]=2", 0},
    {"declare a=(1)", 1},
    {"[[ a ]]", 1},
    {"((a))", 1},
    {"((a); b)", 0},
    {"$'a'", 1},
    {"$\"a\"", 1},
    {"\"$'a'\"", 0},
    {"${a/b/c}", 1},
    {"${a:1}", 1},
    {"${a:-1}", 0},
    {"${!a}", 1},
    {"${a[1]}", 1},
    {"${a^}", 1},
    {"${a@Q}", 1},
    {"${#a}${a%b}", 0},
    {"function f { a; }", 1},
    {"a-b() { c; }", 1},
    {"a_b() { c; }", 0},
    {"select x; do a; done", 1},
    {"for ((;;)); do a; done", 1},
    {"case a in b) c;& d) e;; esac", 1},
    {"case a in b) c;;& d) e;; esac", 1},
    {"{a,b}", 0},
    {"a >&2 2>&- <&3", 0},
};

static void notes_bash(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(dialects); i++) {
        dfl__shell shell = scan(dialects[i].text);
        if (shell.opaque || shell.bash != dialects[i].bash)
            fail_msg("%s: opaque %d, bash %d", dialects[i].text, shell.opaque, shell.bash);
        dfl__shell_free(&shell);
    }
}

/* The flags of the last word: = literal, * glob, $ variable, ( substitution, ~ tilde, " quoted. */
static const struct {
    const char *text, *flags, *value;
} words[] = {
    {"a", "=", "a"},
    {"a.b/c-d_e:f@g%h^i", "=", "a.b/c-d_e:f@g%h^i"},
    {"x \\a", "=\"", "a"},
    {"x a\\ b", "=\"", "a b"},
    {"x \\\\", "=\"", "\\"},
    {"x a\\\nb", "=", "ab"},
    {"x ab\\\n ", "=", "ab"},
    {"x 'a b'", "=\"", "a b"},
    {"x 'a\\b$c`d\"'", "=\"", "a\\b$c`d\""},
    {"x \"a b\"", "=\"", "a b"},
    {"x \"a'b\"", "=\"", "a'b"},
    {"x \"a\\\"b\\$c\\`d\\\\e\"", "=\"", "a\"b$c`d\\e"},
    {"x \"a\\b\\ c\"", "=\"", "a\\b\\ c"},
    {"x \"a\\\nb\"", "=\"", "ab"},
    {"x 'a\nb'", "=\"", "a\nb"},
    {"x ''", "=\"", ""},
    {"x \"\"", "=\"", ""},
    {"x a'b'\"c\"\\d", "=\"", "abcd"},
    {"x $", "=", "$"},
    {"x a$", "=", "a$"},
    {"x \"$\"", "=\"", "$"},
    {"x $%", "=", "$%"},
    {"x $a", "$", NULL},
    {"x $\\\na", "$", NULL},
    {"x a$1b", "$", NULL},
    {"x $@", "$", NULL},
    {"x $$", "$", NULL},
    {"x \"$a\"", "$\"", NULL},
    {"x ${a}", "$", NULL},
    {"x ${a:-b c}", "$", NULL},
    {"x ${a:-\"}\"}", "$\"", NULL},
    {"x ${a:-'}'}", "$\"", NULL},
    {"x ${a:-\\}}", "$", NULL},
    {"x \"${a%'}'}\"", "$\"", NULL},
    {"x \"${a:-'b'}\"", "$\"", NULL},
    {"x \"${a:-\"b c\"}\"", "$\"", NULL},
    {"x ${a#${b%c}}", "$", NULL},
    {"x ${#a}${#}${10}${?}", "$", NULL},
    {"x ${a[\"}\"]}${b[${c[0]}]}${#d[@]}", "$\"", NULL},
    {"x \"${a[$(b)]:-c}\"", "$(\"", NULL},
    {"x ${a:-$(b)}", "$(", NULL},
    {"x $(a)", "(", NULL},
    {"x `a`", "(", NULL},
    {"x \"`a \\\"b\\\"`\"", "(\"", NULL},
    {"x $((1 + (2)))", "(", NULL},
    {"x $(( $a ))", "$(", NULL},
    {"x $((\"1\" + \\a))", "(", NULL},
    {"x `a \\$b\\.\\\n\\\\c`", "(", NULL},
    {"x \"$(a \")\")\"", "(\"", NULL},
    {"x $(a ')')", "(", NULL},
    {"x $'a\\'b'", "\"", NULL},
    {"x $\"a\"", "\"", NULL},
    {"x \"$'a'\"", "=\"", "$'a'"},
    {"x *", "*", NULL},
    {"x a?", "*", NULL},
    {"x [a]", "*", NULL},
    {"x [!]]", "*", NULL},
    {"x [", "=", "["},
    {"x [[", "=", "[["},
    {"x ]", "=", "]"},
    {"x []", "=", "[]"},
    {"x \\*", "=\"", "*"},
    {"x '*'", "=\"", "*"},
    {"x \"[a]\"", "=\"", "[a]"},
    {"x [a'b'", "=\"", "[ab"},
    {"x {a,b}", "*", NULL},
    {"x a{b,c", "=", "a{b,c"},
    {"x {1..3}", "*", NULL},
    {"x {a.b}", "=", "{a.b}"},
    {"x {}", "=", "{}"},
    {"x {a}", "=", "{a}"},
    {"x \\{a,b}", "=\"", "{a,b}"},
    {"x a,b", "=", "a,b"},
    {"x ${a},}", "$", NULL},
    {"x ~", "~", NULL},
    {"x ~/a", "~", NULL},
    {"x \\\n~", "~", NULL},
    {"x a~", "=", "a~"},
    {"x \\~", "=\"", "~"},
    {"x '~'", "=\"", "~"},
    {"x a=~/b", "~", NULL},
    {"x a=b:~/c", "~", NULL},
    {"x --a=~/b", "=", "--a=~/b"},
    {"x a=b", "=", "a=b"},
    {"x #a", "=", "x"},
    {"x a#b", "=", "a#b"},
    {"x \\#a", "=\"", "#a"},
    {"x =", "=", "="},
    {"x 2", "=", "2"},
    {"x 10", "=", "10"},
    {"x \xc3\xa9\xff", "=", "\xc3\xa9\xff"},
    {"x a\rb", "=", "a\rb"},
};

static void check_word(const char *text, const dfl__sh_word *word, const char *flags,
                       const char *value) {
    char got[8];
    size_t n = 0;
    if (word->literal) got[n++] = '=';
    if (word->has_glob) got[n++] = '*';
    if (word->has_var) got[n++] = '$';
    if (word->has_subst) got[n++] = '(';
    if (word->has_tilde) got[n++] = '~';
    if (word->quoted) got[n++] = '"';
    got[n] = '\0';
    if (strcmp(got, flags) != 0) fail_msg("%s: flags %s, not %s", text, got, flags);
    if (value != NULL && !dfl__eqz(word->value, value))
        fail_msg("%s: value %.*s", text, (int)word->value.len, word->value.ptr);
}

static void reads_words(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(words); i++) {
        dfl__shell shell = scan(words[i].text);
        assert_int_equal(shell.opaque, 0);
        assert_int_equal(shell.cmds[0].kind, DFL__CMD_SIMPLE);
        const dfl__sh_cmd *cmd = &shell.cmds[0];
        check_word(words[i].text, &cmd->words[cmd->word_count - 1], words[i].flags, words[i].value);
        dfl__shell_free(&shell);
    }
}

static const struct {
    const char *text;
    uint32_t assigns, words;
    const char *flags, *value; /* of the last assignment */
} assignments[] = {
    {"a=1", 1, 0, "=", "a=1"},
    {"a=1 b", 1, 1, "=", "a=1"},
    {"a=1 b= c=2", 3, 0, "=", "c=2"},
    {"a= b", 1, 1, "=", "a="},
    {"a=$b c", 1, 1, "$", NULL},
    {"a=* c", 1, 1, "=*", "a=*"},
    {"a={b,c} d", 1, 1, "=*", "a={b,c}"},
    {"a='b c' d", 1, 1, "=\"", "a=b c"},
    {"a=~ b", 1, 1, "~", NULL},
    {"a=b:~ c", 1, 1, "~", NULL},
    {"a=\"~\" b", 1, 1, "=\"", "a=~"},
    {"_A1=2 b", 1, 1, "=", "_A1=2"},
    {"a\\\nb=c d", 1, 1, "=", "ab=c"},
    {">x a=1 b", 1, 1, "=", "a=1"},
    {"a+=1 b", 1, 1, "=", "a+=1"},
    {"a[$i]=1 b", 1, 1, "*$", NULL},
    {"a=(b c) d", 1, 1, "", NULL},
    {"a=`b` c", 1, 1, "(", NULL},
};

static void reads_assignments(void **state) {
    (void)state;
    static const char *const none[] = {"1a=2",         "a b=1", "\"a\"=1", "a\\=1",
                                       "=1",           "a-b=1", "$a=1",    "echo a[1]?=2",
                                       "echo a[1]b=2", "a+b=1", "+=1",     "''a=1"};
    for (size_t i = 0; i < COUNT(assignments); i++) {
        dfl__shell shell = scan(assignments[i].text);
        const dfl__sh_cmd *cmd = &shell.cmds[0];
        if (cmd->assign_count != assignments[i].assigns || cmd->word_count != assignments[i].words)
            fail_msg("%s: %u, %u", assignments[i].text, cmd->assign_count, cmd->word_count);
        check_word(assignments[i].text, &cmd->assigns[cmd->assign_count - 1], assignments[i].flags,
                   assignments[i].value);
        dfl__shell_free(&shell);
    }
    for (size_t i = 0; i < COUNT(none); i++) {
        dfl__shell shell = scan(none[i]);
        if (shell.opaque || shell.cmds[0].assign_count != 0) fail_msg("%s", none[i]);
        dfl__shell_free(&shell);
    }
}

/* The last redirection of the first command. */
static const struct {
    const char *text, *op;
    uint32_t fd;
    const char *raw, *target, *body;
} redirections[] = {
    {"a >b", ">", UINT32_MAX, ">b", "b", ""},
    {"a > b", ">", UINT32_MAX, "> b", "b", ""},
    {"a 2>b", ">", 2, "2>b", "b", ""},
    {"a 2 >b", ">", UINT32_MAX, ">b", "b", ""},
    {"a 2\\\n>b", ">", 2, "2\\\n>b", "b", ""},
    {"a b2>c", ">", UINT32_MAX, ">c", "c", ""},
    {"a >>b", ">>", UINT32_MAX, ">>b", "b", ""},
    {"a <b", "<", UINT32_MAX, "<b", "b", ""},
    {"a >|b", ">|", UINT32_MAX, ">|b", "b", ""},
    {"a <>b", "<>", UINT32_MAX, "<>b", "b", ""},
    {"a 2>&1", ">&", 2, "2>&1", "1", ""},
    {"a >&-", ">&", UINT32_MAX, ">&-", "-", ""},
    {"a <&3", "<&", UINT32_MAX, "<&3", "3", ""},
    {"a &>b", "&>", UINT32_MAX, "&>b", "b", ""},
    {"a &>>b", "&>>", UINT32_MAX, "&>>b", "b", ""},
    {"a <<<'b c'", "<<<", UINT32_MAX, "<<<'b c'", "b c", ""},
    {">b a", ">", UINT32_MAX, ">b", "b", ""},
    {">b", ">", UINT32_MAX, ">b", "b", ""},
    {"{ a; } >b", ">", UINT32_MAX, ">b", "b", ""},
    {"if a; then b; fi <c 2>d", ">", 2, "2>d", "d", ""},
    {"a <<E", "<<", UINT32_MAX, "<<E", "E", ""},
    {"a <<E\nb\nE\n", "<<", UINT32_MAX, "<<E", "E", "b\nE\n"},
    {"a <<E\nE", "<<", UINT32_MAX, "<<E", "E", "E"},
    {"a << 'E F' && c\n$(\nE F\nd", "<<", UINT32_MAX, "<< 'E F'", "E F", "$(\nE F\n"},
    {"a <<-E\n\tb\n\t\tE\n", "<<-", UINT32_MAX, "<<-E", "E", "\tb\n\t\tE\n"},
    {"a <<\\E\n`\nE\n", "<<", UINT32_MAX, "<<\\E", "E", "`\nE\n"},
    {"a <<~*\nb\n~*\n", "<<", UINT32_MAX, "<<~*", "~*", "b\n~*\n"},
    {"a <<E 'b\nc'\nd\nE\n", "<<", UINT32_MAX, "<<E", "E", "d\nE\n"},
    {"a <<E $(b\nc)\nd\nE\n", "<<", UINT32_MAX, "<<E", "E", "d\nE\n"},
    {"a <<E\n\"'#\\`\\$(\nE\n", "<<", UINT32_MAX, "<<E", "E", "\"'#\\`\\$(\nE\n"},
    {"a <<E\n$x ${y:-\"z\"} $(b) `c` $((1))\nE\n", "<<", UINT32_MAX, "<<E", "E",
     "$x ${y:-\"z\"} $(b) `c` $((1))\nE\n"},
};

static void check_slice(const char *text, const dfl__shell *shell, uint32_t start, uint32_t end,
                        const char *want) {
    dfl_str got = dfl__sub(shell->text, start, end);
    if (!dfl__eqz(got, want)) fail_msg("%s: %.*s, not %s", text, (int)got.len, got.ptr, want);
}

static void reads_redirections(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(redirections); i++) {
        const char *text = redirections[i].text;
        dfl__shell shell = scan(text);
        const dfl__sh_cmd *cmd = &shell.cmds[0];
        if (shell.opaque || cmd->redir_count == 0) fail_msg("%s: none", text);
        const dfl__sh_redir *redir = &cmd->redirs[cmd->redir_count - 1];
        assert_string_equal(redir->op, redirections[i].op);
        assert_int_equal(redir->fd, redirections[i].fd);
        assert_true(redir->target.literal && redir->target.value.ptr != NULL);
        assert_true(dfl__eqz(redir->target.value, redirections[i].target));
        check_slice(text, &shell, redir->start, redir->end, redirections[i].raw);
        check_slice(text, &shell, redir->body_start, redir->body_end, redirections[i].body);
        dfl__shell_free(&shell);
    }
}

static void reads_several_bodies(void **state) {
    (void)state;
    dfl__shell shell = scan("a <<A | b <<'B'; c $(d <<C\nc\nC\n)\na\nA\nb\nB\ne\n");
    static const char *const bodies[] = {"a\nA\n", "b\nB\n", "", "c\nC\n", ""};
    assert_int_equal(shell.opaque, 0);
    assert_int_equal(shell.cmd_count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        if (shell.cmds[i].redir_count == 0) continue;
        const dfl__sh_redir *redir = &shell.cmds[i].redirs[0];
        check_slice("several", &shell, redir->body_start, redir->body_end, bodies[i]);
        assert_int_equal(redir->target.quoted, i == 1);
    }
    assert_int_equal(shell.cmds[4].op, DFL__OP_SEQ);
    dfl__shell_free(&shell);
}

/* What a rewrite does: take out a command together with the operator before it. */
static void removes_commands(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t index;
        const char *want;
    } cases[] = {
        {"a && b && c", 1, "a  && c"},
        {"a && b && c", 2, "a && b "},
        {"a; b", 1, "a"},
        {"a\nb\nc", 1, "a\nc"},
        {"a \\\n && b c \\\n && d", 1, "a \\\n  \\\n && d"},
        {"a && { b; } >x; c", 1, "a ; c"},
        {"a | b 2>&1 ; c", 2, "a | b 2>&1 "},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dfl__shell shell = scan(cases[i].text);
        const dfl__sh_cmd *cmd = &shell.cmds[cases[i].index];
        dfl__buf out;
        dfl__buf_init(&out, NULL, 0);
        dfl__buf_add(&out, dfl__sub(shell.text, 0, cmd->op_start));
        dfl__buf_add(&out, dfl__sub(shell.text, cmd->end, shell.text.len));
        assert_true(dfl__eqz(dfl__buf_str(&out), cases[i].want));
        dfl__buf_free(&out);
        dfl__shell_free(&shell);
    }
}

static void keeps_a_copy(void **state) {
    (void)state;
    char text[] = "echo one";
    dfl__shell shell;
    assert_int_equal(dfl__shell_scan((dfl_str){text, 8}, 0, NULL, &shell), DFL_OK);
    memset(text, 'x', 8);
    assert_true(dfl__eqz(shell.text, "echo one"));
    assert_true(dfl__eqz(shell.cmds[0].words[1].value, "one"));
    dfl__shell_free(&shell);
    dfl__shell_free(&shell);
    dfl__shell_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_lists),
        cmocka_unit_test(draws_groups),
        cmocka_unit_test(draws_compounds),
        cmocka_unit_test(draws_substitutions),
        cmocka_unit_test(refuses),
        cmocka_unit_test(refuses_nul),
        cmocka_unit_test(notes_bash),
        cmocka_unit_test(reads_words),
        cmocka_unit_test(reads_assignments),
        cmocka_unit_test(reads_redirections),
        cmocka_unit_test(reads_several_bodies),
        cmocka_unit_test(removes_commands),
        cmocka_unit_test(keeps_a_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
