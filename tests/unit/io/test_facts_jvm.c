/* test_facts_jvm.c -- the jar of pom.xml and of Gradle's scripts, or silence.
 * Relies on facts_support.h.
 * Never needs Maven or Gradle. */
#include "io/facts_support.h"

#define POM(body) "<project>" body "</project>"
#define APP "<artifactId>app</artifactId><version>1.0</version>"
#define PLUGIN(name, configuration)                                                                \
    POM(APP "<build><plugins><plugin>" name "<configuration>" configuration                        \
            "</configuration></plugin></plugins></build>")
#define JAR_PLUGIN "<artifactId>maven-jar-plugin</artifactId>"

static const struct {
    const char *pom, *want; /* NULL = no fact */
} poms[] = {
    {"<?xml version=\"1.0\"?>\n<!-- <artifactId>no</artifactId> -->\n"
     "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"\n  a='>'>\n"
     "  <artifactId> app </artifactId>\n  <version>0.0.1-SNAPSHOT</version>\n"
     "  <dependencies><dependency><artifactId>dep</artifactId><version>9</version>"
     "<classifier>x</classifier></dependency></dependencies>\n</project>\n",
     "target/app-0.0.1-SNAPSHOT.jar"},
    {"<!DOCTYPE project [<!ENTITY a \">\">]>" POM(APP), "target/app-1.0.jar"},
    {POM(APP "<packaging>jar</packaging>"), "target/app-1.0.jar"},
    {POM(APP "<packaging>war</packaging>"), NULL},
    {POM(APP "<packaging>pom</packaging>"), NULL},
    {POM(APP "<build><finalName>it</finalName></build>"), "target/it.jar"},
    {POM(APP "<build><finalName>${project.artifactId}</finalName></build>"), "target/app.jar"},
    {POM(APP "<build><finalName>${artifactId}-${pom.version}-x</finalName></build>"),
     "target/app-1.0-x.jar"},
    {POM(APP "<build><finalName>${unknown}</finalName></build>"), NULL},
    {POM(APP "<build><finalName>${project.artifactId</finalName></build>"), NULL},
    {POM(APP "<build><finalName>a/b</finalName></build>"), NULL},
    {POM(APP "<build><finalName>a&amp;b</finalName></build>"), NULL},
    {POM(APP "<build><directory>out</directory></build>"), NULL},
    {POM("<artifactId>app</artifactId><version>${revision}</version>"
         "<properties><revision>2.1</revision></properties>"),
     "target/app-2.1.jar"},
    {POM("<artifactId>app</artifactId><version>${a}</version>"
         "<properties><a>${b}</a><b>3</b></properties>"),
     "target/app-3.jar"},
    {POM("<artifactId>app</artifactId><version>${a}</version>"
         "<properties><a>${a}</a></properties>"),
     NULL},
    {POM("<artifactId>app</artifactId><version>${a}</version><properties><a>1</a></properties>"
         "<profiles><profile><properties><a>2</a></properties></profile></profiles>"),
     NULL},
    {POM("<artifactId>app</artifactId>"), NULL},
    {POM("<version>1</version>"), NULL},
    {POM("<parent><groupId>org.springframework.boot</groupId>"
         "<artifactId>spring-boot-starter-parent</artifactId><version>3.3.0</version></"
         "parent>" APP),
     "target/app-1.0.jar"},
    {POM("<parent><groupId>org.springframework.boot</groupId>"
         "<artifactId>spring-boot-starter-parent</artifactId><version>3.3.0</version></parent>"
         "<artifactId>app</artifactId>"),
     "target/app-3.3.0.jar"},
    {POM("<parent><groupId>com.example</groupId><artifactId>parent</artifactId>"
         "<version>1</version></parent>" APP),
     NULL},
    {POM("<parent><groupId>com.example</groupId><artifactId>parent</artifactId>"
         "<version>1</version></parent>" APP "<build><finalName>it</finalName></build>"),
     "target/it.jar"},
    {PLUGIN(JAR_PLUGIN, "<archive><manifest/></archive>"), "target/app-1.0.jar"},
    {PLUGIN(JAR_PLUGIN, "<classifier>x</classifier>"), NULL},
    {PLUGIN(JAR_PLUGIN, "<outputDirectory>x</outputDirectory>"), NULL},
    {PLUGIN("<artifactId>maven-dependency-plugin</artifactId>",
            "<outputDirectory>x</outputDirectory>"),
     "target/app-1.0.jar"},
    {PLUGIN("<artifactId>maven-shade-plugin</artifactId>", "<finalName>x</finalName>"), NULL},
    {POM(APP "<profiles><profile><build><finalName>x</finalName></build></profile></profiles>"),
     NULL},
    {POM(APP "<build/>"), "target/app-1.0.jar"},
    {"<settings>" APP "</settings>", NULL},
};

static void names_the_jar_of_maven(void **state) {
    fixture *f = *state;
    for (size_t i = 0; i < sizeof poms / sizeof *poms; i++) {
        char want[100] = "";
        if (poms[i].want != NULL) snprintf(want, sizeof want, "maven.jar=%s\n", poms[i].want);
        put(f, "pom.xml", poms[i].pom);
        assert_facts(f, "maven.", want);
    }
}

static void tells_what_is_wrong_in_a_pom(void **state) {
    fixture *f = *state;
    static const malformed cases[] = {
        {"", 1, 1, "not XML"},
        {"text", 1, 1, "not XML"},
        {"<project>\n  <a></b>\n</project>", 2, 6, "end tag of another element"},
        {"<project>\n  <a>\n", 2, 3, "never closed"},
        {"<project>\n</project>\n</project>", 3, 1, "closes nothing"},
        {"<project>\n<!-- x", 2, 1, "comment that is never closed"},
        {"<project>\n<![CDATA[ x", 2, 1, "CDATA"},
        {"<?xml", 1, 1, "instruction that is never closed"},
        {"<!DOCTYPE a [ <!ENTITY x '>'>", 1, 1, "declaration that is never closed"},
        {"<project>\n 1 < 2</project>", 2, 4, "`<` without a name"},
        {"<project>\n <a b=\">", 2, 2, "without its `>`"},
    };
    ASSERT_MALFORMED(f, "pom.xml", cases);
}

static void limits_nesting_of_a_pom(void **state) {
    fixture *f = *state;
    for (int depth = 64; depth <= 65; depth++) {
        char text[65 * 7 + 1] = "";
        for (int i = 0; i < depth; i++)
            strcat(text, "<a>");
        for (int i = 0; i < depth; i++)
            strcat(text, "</a>");
        put(f, "pom.xml", text);
        if (depth == 64) {
            assert_facts(f, "maven.", "");
        } else {
            assert_malformed(f, 1, 193, "deeper than 64 levels");
        }
    }
}

#define GROOVY "plugins {\n id 'org.springframework.boot' version '3.3.0'\n id 'java'\n}\n"

static const struct {
    const char *settings, *build, *want; /* NULL = no fact */
} gradle_builds[] = {
    {"rootProject.name = 'demo'\n", GROOVY "group = 'x'\nversion = '0.0.1-SNAPSHOT'\n",
     "build/libs/demo-0.0.1-SNAPSHOT.jar"},
    {"rootProject.name=\"demo\"", GROOVY "version '1.0'", "build/libs/demo-1.0.jar"},
    {"rootProject.name = 'demo'\n", GROOVY "project.version = '1'\n", "build/libs/demo-1.jar"},
    {"rootProject.name = 'demo'\n", "apply plugin: 'java'\nversion = '1'\n",
     "build/libs/demo-1.jar"},
    {"rootProject.name = 'demo'\n", "plugins { application }\nversion = \"1\"\n",
     "build/libs/demo-1.jar"},
    {"rootProject.name = 'demo'\n", "plugins { kotlin(\"jvm\") version \"2\" }\nversion = \"1\"",
     "build/libs/demo-1.jar"},
    {"rootProject.name = 'demo'\n", GROOVY, "build/libs/demo.jar"},
    {"rootProject.name = 'demo'\n", GROOVY "// version = '2'\n/* version = '3' */\nversion='1'",
     "build/libs/demo-1.jar"},
    {"rootProject.name = 'demo'\n", GROOVY "println version\nversion = '1'\n",
     "build/libs/demo-1.jar"},
    {"rootProject.name = 'demo'\n", GROOVY "version = \"1-$suffix\"\n", NULL},
    {"rootProject.name = 'demo'\n", GROOVY "version = '1' + suffix\n", NULL},
    {"rootProject.name = 'demo'\n", GROOVY "version = property('x')\n", NULL},
    {"rootProject.name = 'demo'\n", GROOVY "version = '1'\nversion = '2'\n", NULL},
    {"rootProject.name = 'demo'\n", GROOVY "x {\n version = '1'\n}\n", NULL},
    {"rootProject.name = 'demo'\ninclude 'app'\n", GROOVY "version = '1'\n", NULL},
    {"rootProject.name = name()\n", GROOVY "version = '1'\n", NULL},
    {"rootProject.name = 'a b'\n", GROOVY "version = '1'\n", NULL},
    {"", GROOVY "version = '1'\n", NULL},
    {"rootProject.name = 'demo'\n", "version = '1'\nimport java.util.X\n", NULL},
    {"rootProject.name = 'demo'\n", GROOVY "version='1'\nbootJar { archiveFileName = 'a' }\n",
     NULL},
    {"rootProject.name = 'demo'\n",
     "plugins { id 'java'; id 'com.gradleup.shadow' version '8' }\nversion = '1'\n", NULL},
    {"rootProject.name = 'demo'\n", GROOVY "apply from: 'other.gradle'\nversion = '1'\n", NULL},
    {"rootProject.name = 'demo'\n", "plugins { java; war }\nversion = '1'\n", NULL},
    {"rootProject.name = 'demo'\n", GROOVY "version = 'unclosed\n", NULL},
    {"rootProject.name = '''demo'''\n", GROOVY "version = \"\"\"1\"\"\"\n",
     "build/libs/demo-1.jar"},
};

static void names_the_jar_of_gradle(void **state) {
    fixture *f = *state;
    for (size_t i = 0; i < sizeof gradle_builds / sizeof *gradle_builds; i++) {
        char want[100] = "";
        if (gradle_builds[i].want != NULL)
            snprintf(want, sizeof want, "gradle.jar=%s\n", gradle_builds[i].want);
        put(f, "settings.gradle", gradle_builds[i].settings);
        put(f, "build.gradle", gradle_builds[i].build);
        assert_facts(f, "gradle.", want);
    }
}

static void takes_the_version_from_gradle_properties(void **state) {
    fixture *f = *state;
    put(f, "settings.gradle.kts", "rootProject.name = \"demo\"\n");
    put(f, "build.gradle.kts", "plugins {\n    `java-library`\n}\n");
    put(f, "gradle.properties", "# x\norg.gradle.jvmargs=-Xmx1g\n version = 4.2 \n");
    assert_facts(f, "gradle.", "gradle.jar=build/libs/demo-4.2.jar\n");
    put(f, "build.gradle.kts", "plugins { java }\nversion = \"5\"\n"); /* the script goes first */
    assert_facts(f, "gradle.", "gradle.jar=build/libs/demo-5.jar\n");
    assert_int_equal(unlink(at(f, "build.gradle.kts")), 0);
    assert_facts(f, "gradle.", "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(names_the_jar_of_maven),
        FIXTURE_TEST(tells_what_is_wrong_in_a_pom),
        FIXTURE_TEST(limits_nesting_of_a_pom),
        FIXTURE_TEST(names_the_jar_of_gradle),
        FIXTURE_TEST(takes_the_version_from_gradle_properties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
