/* test_config.c -- the configuration of images.
 * Relies on cmocka and the public config.h.
 * Never asks BuildKit itself: that is tests/conformance. */
#include "model/models.h"

static dfl_config *config_of(const dfl_model *model, uint32_t stage) {
    dfl_config *config = NULL;
    assert_int_equal(dfl_model_config(model, stage, &config), DFL_OK);
    return config;
}

/* A list as its items joined by '|'; "-" for none. */
static void check_list(const dfl_str *items, size_t count, const char *want) {
    dfl__buf got;
    dfl__buf_init(&got, NULL, 0);
    if (items == NULL) dfl__buf_addc(&got, '-');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) dfl__buf_addc(&got, '|');
        dfl__buf_add(&got, items[i]);
    }
    assert_text(dfl__buf_str(&got), want);
    dfl__buf_free(&got);
}

static void check_pairs(const dfl_binding *items, size_t count, const char *want) {
    dfl__buf got;
    dfl__buf_init(&got, NULL, 0);
    for (size_t i = 0; i < count; i++)
        dfl__buf_fmt(&got, "%s%S=%S", i > 0 ? "|" : "", &items[i].name, &items[i].value);
    assert_text(dfl__buf_str(&got), want);
    dfl__buf_free(&got);
}

/* A stage with every setting there is, and one that is built on it. */
static const char every_setting[] =
    "FROM scratch AS a\nENV B=1 A=2\nENV B=3\nARG A=arg\nLABEL z=$B y=\"q r\"\n"
    "EXPOSE 90/udp 80 81-82\nEXPOSE 80\nVOLUME /v /u\nUSER u:$B\nWORKDIR w\nWORKDIR x/..\n"
    "STOPSIGNAL 9\nMAINTAINER me\nSHELL [\"/bin/zsh\", \"-c\"]\nCMD echo  $B\n"
    "ENTRYPOINT [\"e\", \"$B\"]\nHEALTHCHECK --interval=3s --retries=2 CMD x y\nONBUILD RUN t\n"
    "FROM a\nENTRYPOINT run\n";

static void every_setting_is_kept(void **state) {
    dfl_model_options options = closed();
    (void)state;
    dfl_model *model = model_under(every_setting, &options);
    dfl_config *config = config_of(model, 0);
    const dfl_image_config *c = dfl_config_values(config);
    assert_int_equal(dfl_config_unknown(config), 0);
    check_pairs(c->env, c->env_count,
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin|B=3|A=2");
    check_pairs(c->labels, c->labels_count, "y=q r|z=3");
    check_list(c->exposed_ports, c->exposed_ports_count, "80/tcp|81/tcp|82/tcp|90/udp");
    check_list(c->volumes, c->volumes_count, "/u|/v");
    check_list(c->cmd, c->cmd_count, "/bin/zsh|-c|echo  $B");
    check_list(c->entrypoint, c->entrypoint_count, "e|$B");
    check_list(c->shell, c->shell_count, "/bin/zsh|-c");
    check_list(c->health_test, c->health_test_count, "CMD-SHELL|x y");
    check_list(c->onbuild, c->onbuild_count, "RUN t");
    assert_true(c->health_interval == 3000000000);
    assert_int_equal(c->health_retries, 2);
    assert_text(c->user, "u:3");
    assert_text(c->working_dir, "/w");
    assert_text(c->stop_signal, "9");
    assert_text(c->author, "me");
    assert_text(c->os, "linux");
    assert_int_equal(dfl_config_node(config, DFL_CONFIG_USER),
                     node_with(model, DFL_NODE_USER, "USER u:$B").id);
    assert_int_equal(dfl_config_node(config, DFL_CONFIG_ENV), 0);
    dfl_config_free(config);
    dfl_model_free(model);
}

static void not_every_setting_is_inherited(void **state) {
    dfl_model_options options = closed();
    (void)state;
    dfl_model *model = model_under(every_setting, &options);
    dfl_config *config = config_of(model, 1);
    const dfl_image_config *c = dfl_config_values(config);
    check_list(c->cmd, c->cmd_count, "-"); /* ENTRYPOINT clears an inherited CMD */
    check_list(c->entrypoint, c->entrypoint_count, "/bin/zsh|-c|run");
    check_list(c->onbuild, c->onbuild_count, ""); /* triggers are not inherited */
    dfl_config_free(config);
    dfl_model_free(model);
}

static void a_known_base_is_built_on(void **state) {
    const dfl_binding env[] = {{{"A", 1}, {"1", 1}}}, labels[] = {{{"l", 1}, {"v", 1}}};
    const dfl_str cmd[] = {{"c", 1}}, ports[] = {{"80/tcp", 6}, {"53/udp", 6}},
                  shell[] = {{"sh", 2}}, triggers[] = {{"ENV T=$A", 8}, {"WORKDIR sub", 11}};
    const dfl_image_config config = {.env = env,
                                     .env_count = 1,
                                     .labels = labels,
                                     .labels_count = 1,
                                     .cmd = cmd,
                                     .cmd_count = 1,
                                     .exposed_ports = ports,
                                     .exposed_ports_count = 2,
                                     .shell = shell,
                                     .shell_count = 1,
                                     .onbuild = triggers,
                                     .onbuild_count = 2,
                                     .user = {"me", 2},
                                     .working_dir = {"/base", 5}};
    const dfl_base_image base = {{"img:1", 5}, &config};
    dfl_model_options options = closed();
    (void)state;
    options.bases = &base;
    options.bases_count = 1;
    dfl_model *model =
        model_under("FROM docker.io/library/img:1\nEXPOSE 81\nLABEL k=v\n", &options);
    dfl_config *made = config_of(model, 0);
    const dfl_image_config *c = dfl_config_values(made);
    assert_int_equal(dfl_config_unknown(made), 0);
    check_pairs(c->env, c->env_count,
                "A=1|PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin|T=1");
    check_pairs(c->labels, c->labels_count, "k=v|l=v");
    check_list(c->exposed_ports, c->exposed_ports_count, "53/udp|80/tcp|81/tcp");
    check_list(c->cmd, c->cmd_count, "c");
    check_list(c->onbuild, c->onbuild_count, "");
    assert_text(c->working_dir, "/base/sub");
    assert_text(c->user, "me");
    dfl_config_free(made);
    dfl_model_free(model);
}

static void what_an_unknown_base_says_is_unknown(void **state) {
    (void)state;
    dfl_model *model = model_of("ARG V\nFROM img\nENV A=1 B=$V\nWORKDIR sub\nENTRYPOINT [\"e\"]\n"
                                "CMD shell form\nLABEL a=$V\nUSER u\n");
    dfl_config *config = config_of(model, 0);
    const dfl_image_config *c = dfl_config_values(config);
    uint32_t unknown = dfl_config_unknown(config);
    assert_int_equal(unknown, DFL_CONFIG_CMD | DFL_CONFIG_SHELL | DFL_CONFIG_WORKING_DIR |
                                  DFL_CONFIG_HEALTHCHECK | DFL_CONFIG_STOP_SIGNAL |
                                  DFL_CONFIG_AUTHOR | DFL_CONFIG_ENV | DFL_CONFIG_LABELS |
                                  DFL_CONFIG_VOLUMES | DFL_CONFIG_EXPOSED_PORTS |
                                  DFL_CONFIG_ONBUILD);
    check_list(c->entrypoint, c->entrypoint_count, "e");
    check_list(c->cmd, c->cmd_count, "-"); /* the shell before it is the image's */
    check_pairs(c->env, c->env_count, "A=1|B=");
    assert_int_equal(dfl_config_env_known(config, 0), 1);
    assert_int_equal(dfl_config_env_known(config, 1), 0);
    assert_int_equal(dfl_config_env_known(config, 2), 0);
    assert_int_equal(dfl_config_label_known(config, 0), 0);
    assert_int_equal(dfl_config_env_definition(config, 9), DFL_NO_DEFINITION);
    assert_text(c->user, "u");
    dfl_config_free(config);
    dfl_model_free(model);
}

static void the_catalog_knows_bases_in_part(void **state) {
    dfl_model_options options = closed();
    (void)state;
    options.catalog = dfl_catalog_builtin();
    dfl_model *model =
        model_under("FROM golang:1.25\nWORKDIR sub\nCMD run\n"
                    "FROM node:20\nFROM node:22\nFROM golang@sha256:"
                    "0000000000000000000000000000000000000000000000000000000000000000"
                    "\nFROM node:8-onbuild\nFROM golang:1.25-windowsservercore\n"
                    "FROM some/image\n",
                    &options);
    const uint32_t rest = DFL_CONFIG_ENV | DFL_CONFIG_HEALTHCHECK | DFL_CONFIG_STOP_SIGNAL |
                          DFL_CONFIG_AUTHOR | DFL_CONFIG_LABELS | DFL_CONFIG_VOLUMES |
                          DFL_CONFIG_EXPOSED_PORTS;
    const uint32_t all = 0x1FFF;
    const uint32_t unknown[] = {rest | DFL_CONFIG_ENTRYPOINT,
                                rest | DFL_CONFIG_WORKING_DIR,
                                rest | DFL_CONFIG_WORKING_DIR,
                                all,
                                all,
                                all,
                                all};
    for (uint32_t i = 0; i < COUNT(unknown); i++) {
        dfl_config *config = config_of(model, i);
        assert_int_equal(dfl_config_unknown(config), unknown[i]);
        dfl_config_free(config);
    }
    dfl_config *config = config_of(model, 0);
    const dfl_image_config *c = dfl_config_values(config);
    assert_text(c->working_dir, "/go/sub");
    check_list(c->cmd, c->cmd_count, "/bin/sh|-c|run");
    assert_text(c->env[0].name, "GOPATH");
    assert_int_equal(dfl_config_env_known(config, 0), 1);
    dfl_config_free(config);
    dfl_model_free(model);
}

static void a_given_base_counts_more_than_the_catalog(void **state) {
    const dfl_image_config given = {.user = {"given", 5}};
    const dfl_base_image base = {{"node:20", 7}, &given};
    dfl_model_options options = closed();
    (void)state;
    options.catalog = dfl_catalog_builtin();
    options.bases = &base;
    options.bases_count = 1;
    dfl_model *model = model_under("FROM node:20\n", &options);
    dfl_config *config = config_of(model, 0);
    assert_int_equal(dfl_config_unknown(config), 0);
    assert_text(dfl_config_values(config)->user, "given");
    assert_text(dfl_config_values(config)->architecture, "amd64");
    dfl_config_free(config);
    dfl_model_free(model);
}

/* A stage on a base that has entries of its own. */
static dfl_model *model_with_entries(void) {
    static const dfl_binding labels[] = {{{"base", 4}, {"1", 1}}};
    static const dfl_str ports[] = {{"80/tcp", 6}}, volumes[] = {{"/base", 5}};
    static const dfl_image_config given = {.labels = labels,
                                           .labels_count = 1,
                                           .exposed_ports = ports,
                                           .exposed_ports_count = 1,
                                           .volumes = volumes,
                                           .volumes_count = 1};
    static const dfl_base_image base = {{"img", 3}, &given};
    dfl_model_options options = closed();
    options.bases = &base;
    options.bases_count = 1;
    return model_under("FROM img\nEXPOSE 81-83\nEXPOSE 82 80/udp\nVOLUME /v\n"
                       "LABEL a=1\nENV E=1 F=2\nONBUILD RUN x\n",
                       &options);
}

static void ports_know_their_instruction(void **state) {
    (void)state;
    dfl_model *model = model_with_entries();
    dfl_config *config = config_of(model, 0);
    const uint32_t first = node_with(model, DFL_NODE_EXPOSE, "EXPOSE 81-83").id,
                   second = node_with(model, DFL_NODE_EXPOSE, "EXPOSE 82 80/udp").id;
    const uint32_t exposed[] = {0, second, first, second, first}; /* 80, 80/udp, 81, 82, 83 */
    assert_int_equal(dfl_config_values(config)->exposed_ports_count, COUNT(exposed));
    for (size_t i = 0; i < COUNT(exposed); i++)
        assert_int_equal(dfl_config_entry_node(config, DFL_CONFIG_EXPOSED_PORTS, i), exposed[i]);
    dfl_config_free(config);
    dfl_model_free(model);
}

static void entries_know_their_instruction(void **state) {
    (void)state;
    dfl_model *model = model_with_entries();
    dfl_config *config = config_of(model, 0);
    assert_int_equal(dfl_config_entry_node(config, DFL_CONFIG_VOLUMES, 0), 0);
    assert_int_equal(dfl_config_entry_node(config, DFL_CONFIG_VOLUMES, 1),
                     node_with(model, DFL_NODE_VOLUME, "VOLUME /v").id);
    assert_int_equal(dfl_config_entry_node(config, DFL_CONFIG_LABELS, 0),
                     node_with(model, DFL_NODE_LABEL, "LABEL a=1").id);
    assert_int_equal(dfl_config_entry_node(config, DFL_CONFIG_LABELS, 1), 0);
    assert_int_equal(dfl_config_entry_node(config, DFL_CONFIG_ENV, 0), 0); /* PATH */
    assert_int_equal(dfl_config_entry_node(config, DFL_CONFIG_ENV, 2),
                     node_with(model, DFL_NODE_ENV, "ENV E=1 F=2").id);
    assert_int_equal(dfl_config_entry_node(config, DFL_CONFIG_ONBUILD, 0),
                     node_with(model, DFL_NODE_ONBUILD, "ONBUILD RUN x").id);
    assert_int_equal(dfl_config_entry_node(config, DFL_CONFIG_ONBUILD, 1), 0);
    assert_int_equal(dfl_config_entry_node(config, DFL_CONFIG_USER, 0), 0);
    assert_int_equal(dfl_config_entry_node(NULL, DFL_CONFIG_ENV, 0), 0);
    dfl_config_free(config);
    dfl_model_free(model);
}

static void windows_has_its_own_paths_and_shell(void **state) {
    dfl_model_options options = closed();
    (void)state;
    options.target_platform = dfl__str("windows/amd64");
    dfl_model *model =
        model_under("FROM scratch\nWORKDIR C:/a/b\nWORKDIR ../c\nCMD run it\n", &options);
    dfl_config *config = config_of(model, 0);
    const dfl_image_config *c = dfl_config_values(config);
    assert_text(c->working_dir, "\\a\\c");
    check_list(c->cmd, c->cmd_count, "cmd|/S|/C|run it");
    check_pairs(c->env, c->env_count, "");
    dfl_config_free(config);
    dfl_model_free(model);
}

static void bad_questions_are_told(void **state) {
    dfl_model_options options = closed();
    const dfl_image_config nothing = {.env_count = 0};
    const dfl_base_image bases[] = {{{"No Image", 8}, &nothing}, {{"a", 1}, NULL}};
    dfl_config *config = NULL;
    dfl_model *model = model_of("FROM a\n"), *other = NULL;
    const dfl_doc *doc = dfl_model_doc(model);
    (void)state;
    assert_int_equal(dfl_model_config(model, 1, &config), DFL_E_ARG);
    assert_int_equal(dfl_model_config(NULL, 0, &config), DFL_E_ARG);
    assert_null(config);
    dfl_config_free(NULL);
    options.bases = &bases[0];
    options.bases_count = 1;
    assert_int_equal(dfl_model_new(doc, &options, &other), DFL_E_FORMAT);
    options.bases = &bases[1];
    assert_int_equal(dfl_model_new(doc, &options, &other), DFL_E_ARG);
    options.bases = NULL;
    assert_int_equal(dfl_model_new(doc, &options, &other), DFL_E_ARG);
    options.bases_count = 0;
    options.flags = 2;
    assert_int_equal(dfl_model_new(doc, &options, &other), DFL_E_ARG);
    options.flags = 0;
    options.target_platform = dfl__str("no/such/platform/here");
    assert_int_equal(dfl_model_new(doc, &options, &other), DFL_E_FORMAT);
    assert_null(other);
    dfl_model_free(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting_is_kept),
        cmocka_unit_test(not_every_setting_is_inherited),
        cmocka_unit_test(a_known_base_is_built_on),
        cmocka_unit_test(what_an_unknown_base_says_is_unknown),
        cmocka_unit_test(the_catalog_knows_bases_in_part),
        cmocka_unit_test(a_given_base_counts_more_than_the_catalog),
        cmocka_unit_test(ports_know_their_instruction),
        cmocka_unit_test(entries_know_their_instruction),
        cmocka_unit_test(windows_has_its_own_paths_and_shell),
        cmocka_unit_test(bad_questions_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
