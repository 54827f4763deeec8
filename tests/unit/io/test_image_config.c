/* test_image_config.c -- configurations of images, and what is taken for none.
 * Relies on cmocka and the public io.h.
 * Never needs a file but for the errors of reading one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "dockerfile/io.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define assert_text(s, z) assert_true(dfl__eqz((s), (z)))

static dfl_io_image_config *config_of(const char *json) {
    dfl_io_image_config *config = NULL;
    dfl_io_error error = {0};
    dfl_str bytes = {json, strlen(json)};
    if (dfl_io_image_config_parse(bytes, "c.json", &config, &error) != DFL_OK)
        fail_msg("%s", error.message);
    return config;
}

static const char registry[] =
    "{\"architecture\":\"arm64\",\"variant\":\"v8\",\"os\":\"linux\",\"author\":\"me\","
    "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]},\"history\":[{\"created_by\":\"x\"}],"
    "\"config\":{\"User\":\"u\",\"Env\":[\"A=1=2\",\"B=\"],\"Entrypoint\":[\"e\"],\"Cmd\":[],"
    "\"Shell\":[\"s\",\"-c\"],\"OnBuild\":[\"RUN x\"],\"ExposedPorts\":{\"80/tcp\":{}},"
    "\"Volumes\":{\"/v\":{},\"/w\":{}},\"WorkingDir\":\"/w\",\"Labels\":{\"l\":\"\\u00e9\"},"
    "\"StopSignal\":\"SIGINT\",\"ArgsEscaped\":true,\"Healthcheck\":{\"Test\":[\"NONE\"],"
    "\"Interval\":9223372036854775807,\"Timeout\":2,\"StartPeriod\":3,\"StartInterval\":4,"
    "\"Retries\":2147483647}}}";

static void a_registry_keeps_it(void **state) {
    (void)state;
    dfl_io_image_config *config = config_of(registry);
    const dfl_image_config *c = dfl_io_image_config_values(config);
    assert_text(c->user, "u");
    assert_int_equal(c->env_count, 2);
    assert_text(c->env[0].name, "A");
    assert_text(c->env[0].value, "1=2");
    assert_text(c->env[1].value, "");
    assert_int_equal(c->entrypoint_count, 1);
    assert_non_null(c->cmd); /* an empty list is one */
    assert_int_equal(c->cmd_count, 0);
    assert_int_equal(c->shell_count, 2);
    assert_text(c->onbuild[0], "RUN x");
    assert_text(c->exposed_ports[0], "80/tcp");
    assert_int_equal(c->volumes_count, 2);
    assert_text(c->volumes[1], "/w");
    assert_text(c->working_dir, "/w");
    assert_text(c->labels[0].value, "\xC3\xA9");
    assert_text(c->stop_signal, "SIGINT");
    assert_text(c->health_test[0], "NONE");
    assert_true(c->health_interval == INT64_MAX);
    assert_int_equal(c->health_start_interval, 4);
    assert_int_equal(c->health_retries, INT32_MAX);
    assert_text(c->author, "me");
    assert_text(c->os, "linux");
    assert_text(c->architecture, "arm64");
    assert_text(c->variant, "v8");
    dfl_io_image_config_free(config);
}

static void docker_prints_it(void **state) {
    (void)state;
    dfl_io_image_config *config =
        config_of("[{\"Id\":\"x\",\"Architecture\":\"amd64\",\"Os\":\"windows\",\"Author\":\"a\","
                  "\"Config\":{\"Env\":null,\"Cmd\":null,\"Labels\":null,\"Healthcheck\":null,"
                  "\"User\":null,\"Hostname\":\"\"}}]");
    const dfl_image_config *c = dfl_io_image_config_values(config);
    assert_text(c->os, "windows");
    assert_text(c->architecture, "amd64");
    assert_text(c->author, "a");
    assert_null(c->cmd);
    assert_null(c->health_test);
    assert_int_equal(c->env_count + c->labels_count, 0);
    assert_text(c->user, "");
    dfl_io_image_config_free(config);
    config = config_of("{\"architecture\":\"amd64\",\"os\":\"linux\"}");
    assert_text(dfl_io_image_config_values(config)->working_dir, "");
    dfl_io_image_config_free(config);
}

/* Long lines are usual. */
static void a_line_may_be_long(void **state) {
    static char text[300000];
    size_t at = (size_t)snprintf(text, sizeof text, "{\"config\":{\"Cmd\":[\"");
    (void)state;
    memset(text + at, 'x', 200000);
    snprintf(text + at + 200000, 32, "\"]}}");
    dfl_io_image_config *config = config_of(text);
    assert_int_equal(dfl_io_image_config_values(config)->cmd[0].len, 200000);
    dfl_io_image_config_free(config);
}

static const struct {
    const char *json;
    const char *wanted; /* beginning of the message */
} malformed[] = {
    {"", "c.json:1:1: empty"},
    {"{", "c.json:"},
    {"FROM x", "c.json:1:1: not valid JSON"},
    {"\"text\"", "c.json:1:1: not an object"},
    {"[]", "c.json:1:1: 0 images"},
    {"[1]", "c.json:1:2: not an object"},
    {"[{\"Config\":{}},{\"Config\":{}}]", "c.json:1:1: 2 images"},
    {"{\"a\":1}", "c.json:1:1: no image configuration"},
    {"{\"schemaVersion\":2,\"config\":{\"digest\":\"x\"}}", "c.json:1:1: a manifest"},
    {"{\"schemaVersion\":2,\"manifests\":[]}", "c.json:1:1: an index"},
    {"[{\"State\":{},\"Config\":{}}]", "c.json:1:2: a container"},
    {"{\"config\":[]}", "c.json:1:11: `config` must be an object"},
    {"{\"Config\":1}", "c.json:1:11: `Config` must be an object"},
    {"{\"config\":{\"Env\":[\"A\"]}}", "c.json:1:19: `Env` entry \"A\" has no ="},
    {"{\"config\":\n{\"Env\":[\"A=1\",\n \"=1\"]}}", "c.json:3:2: `Env` entry has no name"},
    {"{\"config\":{\"Env\":{}}}", "c.json:1:18: `Env` must be a list"},
    {"{\"config\":{\"Env\":[1]}}", "c.json:1:19: `Env` must be a list"},
    {"{\"config\":{\"User\":1}}", "c.json:1:19: `User` must be a string"},
    {"{\"config\":{\"Cmd\":\"x\"}}", "c.json:1:18: `Cmd` must be a list of strings"},
    {"{\"config\":{\"Cmd\":[null]}}", "c.json:1:19: `Cmd` must be a list of strings"},
    {"{\"config\":{\"Volumes\":[\"/v\"]}}", "c.json:1:22: `Volumes` must be an object"},
    {"{\"config\":{\"Labels\":{\"a\":1}}}", "c.json:1:26: `Labels` must be an object"},
    {"{\"config\":{\"Labels\":[]}}", "c.json:1:21: `Labels` must be an object"},
    {"{\"config\":{\"Healthcheck\":[]}}", "c.json:1:26: `Healthcheck` must be an object"},
    {"{\"config\":{\"Healthcheck\":{\"Retries\":-1}}}", "c.json:1:37: `Retries` must be a whole"},
    {"{\"config\":{\"Healthcheck\":{\"Retries\":2147483648}}}", "c.json:1:37: `Retries` must be"},
    {"{\"config\":{\"Healthcheck\":{\"Interval\":\"30s\"}}}", "c.json:1:38: `Interval` must be"},
    {"{\"config\":{\"Healthcheck\":{\"Timeout\":9223372036854775808}}}", "c.json:1:37: `Timeout`"},
    {"{\"os\":1,\"config\":{}}", "c.json:1:7: `os` must be a string"},
    {"{\"config\":{\"User\":\"a\",\"User\":\"b\"}}", "c.json:1:23: key `User` is given twice"},
};

static void other_documents_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(malformed); i++) {
        dfl_io_image_config *config = NULL;
        dfl_io_error error = {0};
        dfl_str bytes = {malformed[i].json, strlen(malformed[i].json)};
        dfl_status status = dfl_io_image_config_parse(bytes, "c.json", &config, &error);
        if (status != DFL_E_FORMAT || !dfl__starts(dfl__str(error.message), malformed[i].wanted))
            fail_msg("%s: %s, not %s", malformed[i].json, error.message, malformed[i].wanted);
        assert_null(config);
        assert_int_equal(dfl_io_image_config_parse(bytes, "c.json", &config, NULL), DFL_E_FORMAT);
    }
}

static void bad_calls_are_refused(void **state) {
    dfl_io_image_config *config = NULL;
    dfl_io_error error = {0};
    dfl_str nothing = {NULL, 1}, empty = {"", 0};
    (void)state;
    assert_int_equal(dfl_io_image_config_read("/nonexistent/c.json", &config, &error), DFL_E_IO);
    assert_non_null(strstr(error.message, "/nonexistent/c.json"));
    assert_int_equal(dfl_io_image_config_read(NULL, &config, &error), DFL_E_ARG);
    assert_int_equal(dfl_io_image_config_read("x", NULL, &error), DFL_E_ARG);
    assert_int_equal(dfl_io_image_config_parse(nothing, "x", &config, NULL), DFL_E_ARG);
    assert_int_equal(dfl_io_image_config_parse(empty, NULL, &config, NULL), DFL_E_ARG);
    assert_int_equal(dfl_io_image_config_parse(empty, "x", NULL, NULL), DFL_E_ARG);
    assert_null(config);
    assert_null(dfl_io_image_config_values(NULL));
    dfl_io_image_config_free(NULL);
}

static void size_is_limited(void **state) {
    size_t most = (size_t)4 << 20;
    char *text = malloc(most + 1);
    dfl_io_image_config *config = NULL;
    static const char json[] = "{\"config\":{}}";
    (void)state;
    assert_non_null(text);
    memset(text, ' ', most + 1);
    memcpy(text, json, sizeof json - 1);
    dfl_str bytes = {text, most + 1};
    assert_int_equal(dfl_io_image_config_parse(bytes, "c.json", &config, NULL), DFL_E_LIMIT);
    assert_null(config);
    bytes.len = most;
    assert_int_equal(dfl_io_image_config_parse(bytes, "c.json", &config, NULL), DFL_OK);
    dfl_io_image_config_free(config);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_registry_keeps_it),         cmocka_unit_test(docker_prints_it),
        cmocka_unit_test(a_line_may_be_long),          cmocka_unit_test(size_is_limited),
        cmocka_unit_test(other_documents_are_refused), cmocka_unit_test(bad_calls_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
