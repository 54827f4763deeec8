package main

import (
	"errors"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// categories maps a part of a message to the name under which both sides are compared: appendix B.2
// of the language specification. The first part found decides.
var categories = []struct{ part, category string }{
	{"check option", "check-option"},
	{"cannot be empty", "empty-file"},
	{"no instructions", "no-instructions"},
	{"greater than max", "line-too-long"},
	{"invalid escape token", "bad-escape"},
	{"parser directive can be used", "dup-directive"},
	{"comprised of strings only", "json-not-strings"},
	{"must have two arguments", "kv-arity"},
	{"can't find =", "kv-syntax"},
	{"unterminated heredoc", "heredoc-open"},
	{"unknown instruction", "unknown-instruction"},
	{"at least one argument", "arity-min"},
	{"exactly one argument", "arity-one"},
	{"at least two arguments", "arity-dest"},
	{"one or three arguments", "arity-from"},
	{"invalid name for build stage", "stage-name"},
	{"names can not be blank", "blank-name"},
	{"cannot accept a heredoc", "heredoc-dest"},
	{"unknown flag", "flag-unknown"},
	{"duplicate flag", "flag-dup"},
	{"missing a value", "flag-value"},
	{"expecting boolean", "flag-bool"},
	{"should start with --", "flag-dash"},
	{"Chaining ONBUILD", "onbuild-chain"},
	{"as an ONBUILD trigger", "onbuild-forbidden"},
	{"NONE takes no", "health-none"},
	{"Unknown type", "health-type"},
	{"Missing command after", "health-empty"},
	{"cannot be less than", "health-interval"},
	{"cannot be negative", "health-retries"},
	{"time:", "duration"},
	{"strconv.", "integer"},
	{"can not be an empty string", "volume-empty"},
	{"to be in JSON form", "shell-json"},
	{"invalid network mode", "net-mode"},
	{`security "`, "sec-mode"},
	{"failed to parse csv mounts", "mount-csv"},
	{"failed to parse csv devices", "device-csv"},
	{"support variable expansion, define alias", "mount-from-var"},
	{"must be a key=value", "device-field"},
	{"device name already", "device-name"},
	{"unexpected key", "key-unexpected"},
	{"invalid value for size", "mount-number"},
	{"invalid value for", "bool-value"},
	{"for mode", "mount-number"},
	{"for uid", "mount-number"},
	{"for gid", "mount-number"},
	{"unsupported mount type", "mount-type"},
	{"not allowed for", "mount-perm"},
	{"secret mount", "mount-secret"},
	{"source and id", "mount-secret"},
	{"unsupported sharing", "mount-sharing"},
	{"invalid cache sharing", "mount-sharing"},
	{"one of source, target required", "mount-secret"},
	{"invalid mount target", "mount-target"},
	{"does not support source", "ssh-source"},
	{"no build stage", "no-stage"},
	{"no stages to build", "no-stages"},
	{"missing '}'", "subst-brace"},
	{"missing '/'", "subst-brace"},
	{"bad substitution", "subst-bad"},
	{"unsupported modifier", "subst-modifier"},
	{"looking for matching", "subst-quote"},
	{"invalid pattern", "subst-pattern"},
	{"is not allowed to be", "subst-required"},
	{"should not be blank", "from-blank"},
	{"empty platform value", "platform-empty"},
	{"failed to parse platform", "platform-bad"},
	{"invalid context name", "context-name"},
	{"invalid SOURCE_DATE_EPOCH", "epoch"},
	{"SOURCE_DATE_EPOCH stage", "epoch"},
	{"could not be found", "target-unknown"},
	{"not supported for --from", "from-var"},
	{"invalid stage index", "stage-index"},
	{"circular dependency", "cycle"},
	{"failed to parse stage name", "ref-bad"},
	{"needs to be defined before", "stage-order"},
	{"invalid port", "port"},
	{"invalid containerPort", "port"},
	{"invalid hostPort", "port"},
	{"invalid IP", "port"},
	{"invalid ranges", "port"},
	{"invalid signal", "signal"},
	{"invalid chmod", "chmod"},
	{"source can't be a", "copy-remote"},
	{`query "`, "git-query"},
	{"ref conflicts", "git-query"},
	{"subdir conflicts", "git-query"},
	{"branch conflicts", "git-query"},
	{"keep-git-dir configuration", "git-query"},
	{"invalid keep-git-dir value", "git-query"},
	{"invalid submodules value", "git-query"},
	{"invalid mtime value", "git-query"},
	{"invalid fetch-by-commit value", "git-query"},
	{"checksum can't be", "checksum"},
	{"checksum requires", "checksum"},
	{"checksum mismatch", "checksum"},
	{"checksum digest", "checksum"},
	{"unsupported digest", "checksum"},
	{"No relative path", "path-windows"},
	{"UNC paths", "path-windows"},
	{"system drive", "path-windows"},
	{"single expression", "onbuild-trigger"},
	{"not a command type", "onbuild-trigger"},
	{"device feature is only", "device"},
	{"invalid syntax", "chmod"},
}

func categoryOf(message string) string {
	for _, c := range categories {
		if strings.Contains(message, c.part) {
			return c.category
		}
	}
	return "other"
}

// failureOf describes an error of the parser or of the instruction parser.
func failureOf(err error) *failure {
	if err == nil {
		return nil
	}
	f := &failure{Category: categoryOf(err.Error()), Line: -1, Text: err.Error()}
	var located *parser.LocationError
	if errors.As(err, &located) && len(located.Locations) > 0 && len(located.Locations[0]) > 0 {
		f.Line = located.Locations[0][0].Start.Line
	}
	return f
}
