/* test_argv.c -- the program behind wrappers, and start commands as arguments.
 * Relies on cmocka.
 * Never looks a program up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shell/shell.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* NULL: not known. */
static const struct {
    const char *text, *program;
} programs[] = {
    {"a b", "a"},
    {"'a b' c", "a b"},
    {"x=1 a", "a"},
    {">x a b", "a"},
    {"$a b", NULL},
    {"a* b", NULL},
    {"~/a", NULL},
    {"x=1", NULL},
    {">x", NULL},
    {"(a)", NULL},
    {"{ a; }", NULL},
    {"if a; then b; fi", NULL},
    {"coproc a", NULL},
    {"a (", NULL},
    {"env a", "a"},
    {"/usr/bin/env a", "a"},
    {"env -i a b", "a"},
    {"env - a", "a"},
    {"env -u A B=1 a", "a"},
    {"env -uA -i a", "a"},
    {"env -iu A a", "a"},
    {"env -C /x a", "a"},
    {"env A=1 B=\"2 3\" a", "a"},
    {"env -- A=1 a", "a"},
    {"env A=1 -i", "-i"},
    {"env", "env"},
    {"env -i", "env"},
    {"env A=1", "env"},
    {"env -S 'a b'", NULL},
    {"env --ignore-environment a", NULL},
    {"env A=$x a", NULL},
    {"env -u $x a", NULL},
    {"env -u", NULL},
    {"env $a", NULL},
    {"exec a b", "a"},
    {"exec", "exec"},
    {"exec -a name a", "a"},
    {"exec -cl a", "a"},
    {"exec -x a", NULL},
    {"exec A=1", "A=1"},
    {"sudo a", "a"},
    {"sudo -E -H -n a", "a"},
    {"sudo -EHn a", "a"},
    {"sudo -u root a", "a"},
    {"sudo -Eu root a", "a"},
    {"sudo A=1 a", "a"},
    {"sudo -- a", "a"},
    {"sudo -i", NULL},
    {"sudo -", NULL},
    {"time a", "a"},
    {"time -p a", "a"},
    {"time ! a", NULL},
    {"time A=1 a", NULL},
    {"time", "time"},
    {"nice a", "a"},
    {"nice -n 10 a", "a"},
    {"nice -n10 a", "a"},
    {"nice -10 a", NULL},
    {"nohup a", "a"},
    {"command a", "a"},
    {"command -p a", "a"},
    {"command -v a", NULL},
    {"exec env -i sudo -u x nice -n 1 nohup a", "a"},
    {"exec $a", NULL},
    {"envy a", "envy"},
    {"/opt/time/a b", "/opt/time/a"},
    {"\\exec a", "a"},
};

static void finds_programs(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(programs); i++) {
        dfl__shell shell;
        assert_int_equal(dfl__shell_scan(dfl__str(programs[i].text), 0, NULL, &shell), DFL_OK);
        const dfl__sh_cmd *cmd = &shell.cmds[0];
        uint32_t at = dfl__shell_program(cmd);
        const char *want = programs[i].program;
        int same = want == NULL ? at == UINT32_MAX
                                : at < cmd->word_count && dfl__eqz(cmd->words[at].value, want);
        if (!same) fail_msg("%s: word %d", programs[i].text, (int)at);
        dfl__shell_free(&shell);
    }
}

/* Arguments joined by '|', or NULL. */
static const struct {
    const char *text, *argv;
} commands[] = {
    {"node app.js", "node|app.js"},
    {"  node \\\n  app.js  \n", "node|app.js"},
    {"node app.js # the server", "node|app.js"},
    {"exec node 'a b' \"c\"d \\$e", "node|a b|cd|$e"},
    {"./run --port=80 --name \"\"", "./run|--port=80|--name|"},
    {"a=1=2 b", NULL},
    {"1=2 b", "1=2|b"},
    {"env A=1 node", "env|A=1|node"},
    {"[ a ]", "[|a|]"},
    {"", NULL},
    {"# a", NULL},
    {"node $x", NULL},
    {"node \"$x\"", NULL},
    {"node *.js", NULL},
    {"node {a,b}", NULL},
    {"node ~/a", NULL},
    {"node $(a)", NULL},
    {"node `a`", NULL},
    {"node $'a'", NULL},
    {"A=1 node", NULL},
    {"node >x", NULL},
    {"node 2>&1", NULL},
    {"node <<E\nE\n", NULL},
    {"node; ", NULL},
    {"node;", NULL},
    {"node &", NULL},
    {"node && a", NULL},
    {"node | a", NULL},
    {"node\na", NULL},
    {"! node", NULL},
    {"(node)", NULL},
    {"{ node; }", NULL},
    {"if a; then b; fi", NULL},
    {"f() { a; }", NULL},
    {"coproc a", NULL},
    {"node (", NULL},
    {"exec", NULL},
    {"exec -a x node", NULL},
    {"'' a", NULL},
    {"exec exec a", "exec|a"},
    {"cd /x", NULL},
    {". /x", NULL},
    {"time node", NULL},
    {"\"exec\" node", "node"},
};

static void splits_arguments(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(commands); i++) {
        dfl__shell shell;
        dfl_str *argv = NULL;
        uint32_t argc = 77;
        assert_int_equal(dfl__shell_scan(dfl__str(commands[i].text), 0, NULL, &shell), DFL_OK);
        int split = dfl__shell_argv(&shell, &argv, &argc);
        if (split != (commands[i].argv != NULL)) fail_msg("%s: %d", commands[i].text, split);
        if (!split) assert_true(argv == NULL && argc == 77);
        dfl__buf out;
        dfl__buf_init(&out, NULL, 0);
        for (uint32_t k = 0; split && k < argc; k++) {
            if (k > 0) dfl__buf_addc(&out, '|');
            dfl__buf_add(&out, argv[k]);
        }
        if (split && !dfl__eqz(dfl__buf_str(&out), commands[i].argv))
            fail_msg("%s: %.*s", commands[i].text, (int)out.len, out.ptr);
        dfl__buf_free(&out);
        dfl__shell_free(&shell);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_programs),
        cmocka_unit_test(splits_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
