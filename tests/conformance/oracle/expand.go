package main

import (
	"sort"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

type expandAnswer struct {
	Failure   *failure `json:"failure"`
	Words     [][]byte `json:"words"` // one in word mode
	Matched   [][]byte `json:"matched"`
	Unmatched [][]byte `json:"unmatched"`
}

type environment map[string][]byte

func (e environment) Get(name string) (string, bool) {
	value, ok := e[name]
	return string(value), ok
}

func (e environment) Keys() []string { return nil }

func sorted(names map[string]struct{}) [][]byte {
	var keys []string
	for name := range names {
		keys = append(keys, name)
	}
	sort.Strings(keys)
	return byteStrings(keys)
}

// A failed `${name?text}` carries words of the user's: it is known by what the others are not. The
// message is quoted after the word that failed, which may hold anything, even those words.
func expandFailure(err error, word string) *failure {
	if err == nil {
		return nil
	}
	message := strings.TrimPrefix(err.Error(), "failed to process "+quoted(word)+": ")
	for _, start := range []struct{ text, category string }{
		{"syntax error: missing '", "subst-brace"},
		{"syntax error: bad substitution", "subst-bad"},
		{"unsupported modifier (", "subst-modifier"},
		{"unexpected end of statement while looking for matching ", "subst-quote"},
		{"invalid pattern (", "subst-pattern"},
	} {
		if strings.HasPrefix(message, start.text) {
			return &failure{Category: start.category, Line: -1, Text: message}
		}
	}
	return &failure{Category: "subst-required", Line: -1, Text: message}
}

func expand(req *request) any {
	escape := '\\'
	if req.Escape == "`" {
		escape = '`'
	}
	lex := shell.NewLex(escape)
	lex.RawQuotes = req.RawQuotes
	lex.RawEscapes = req.RawEscapes
	lex.SkipProcessQuotes = req.SkipQuotes
	lex.SkipUnsetEnv = req.SkipUnset
	word := string(req.Src)
	result, err := lex.ProcessWordWithMatches(word, environment(req.Env))
	out := &expandAnswer{Failure: expandFailure(err, word), Matched: sorted(result.Matched),
		Unmatched: sorted(result.Unmatched)}
	switch {
	case err != nil:
	case req.Mode == "words":
		out.Words = byteStrings(result.Words)
	default:
		out.Words = [][]byte{[]byte(result.Result)}
	}
	return out
}
