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
	{"invalid value for", "bool-value"},
	{"unsupported mount type", "mount-type"},
	{"sharing", "mount-sharing"},
	{"not allowed for", "mount-perm"},
	{"secret mount", "mount-secret"},
	{"source and id", "mount-secret"},
	{"no build stage", "no-stage"},
	{"missing '}'", "subst-brace"},
	{"missing '/'", "subst-brace"},
	{"bad substitution", "subst-bad"},
	{"unsupported modifier", "subst-modifier"},
	{"looking for matching", "subst-quote"},
	{"invalid pattern", "subst-pattern"},
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
