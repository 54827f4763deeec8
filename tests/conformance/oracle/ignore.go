package main

import (
	"bytes"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

type ignoreAnswer struct {
	Failure  *failure   `json:"failure"`
	Patterns [][]byte   `json:"patterns"`
	Paths    []decision `json:"paths"`
}

// decision is whether a path is excluded: by its whole path, and by the walk from the root down.
type decision struct {
	Full       bool `json:"full"`
	FullFailed bool `json:"full_failed"`
	Walk       bool `json:"walk"`
	WalkFailed bool `json:"walk_failed"`
}

func decide(matcher *patternmatcher.PatternMatcher, path string) decision {
	var out decision
	var err error
	out.Full, err = matcher.MatchesOrParentMatches(path)
	out.FullFailed = err != nil
	var info patternmatcher.MatchInfo
	for i := 0; i <= len(path); i++ {
		if i < len(path) && path[i] != '/' {
			continue
		}
		out.Walk, info, err = matcher.MatchesUsingParentResults(path[:i], info)
		if err != nil {
			out.WalkFailed = true
			break
		}
	}
	return out
}

func ignoreFailure(err error) *failure {
	category := "ignore-pattern"
	if strings.Contains(err.Error(), "illegal exclusion pattern") {
		category = "ignore-exclusion"
	}
	return &failure{Category: category, Line: -1, Text: err.Error()}
}

func ignore(req *request) any {
	out := &ignoreAnswer{}
	patterns, err := ignorefile.ReadAll(bytes.NewReader(req.Src))
	if err != nil {
		out.Failure = &failure{Category: "ignore-read", Line: -1, Text: err.Error()}
		return out
	}
	out.Patterns = byteStrings(patterns)
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		out.Failure = ignoreFailure(err)
		return out
	}
	for _, path := range req.Paths {
		out.Paths = append(out.Paths, decide(matcher, string(path)))
	}
	return out
}
