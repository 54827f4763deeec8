package main

import (
	// BuildKit has these linked in; the digest package knows an algorithm only then.
	_ "crypto/sha256"
	_ "crypto/sha512"
	"errors"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/containerd/platforms"
	"github.com/distribution/reference"
	digest "github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go/v1"
)

func quoted(text string) string { return strconv.Quote(text) }

type referenceAnswer struct {
	Failure  *failure `json:"failure"`
	Domain   []byte   `json:"domain"`
	Path     []byte   `json:"path"`
	Familiar []byte   `json:"familiar"` // name, without tag and digest
	Tag      []byte   `json:"tag"`
	Digest   []byte   `json:"digest"`
	Full     []byte   `json:"full"` // as the builder completes it: with :latest when bare
}

func referenceFailure(err error) *failure {
	category := "other"
	switch {
	case errors.Is(err, reference.ErrNameTooLong):
		category = "ref-too-long"
	case errors.Is(err, digest.ErrDigestInvalidLength):
		category = "digest-length"
	case errors.Is(err, digest.ErrDigestUnsupported):
		category = "digest-algorithm"
	case errors.Is(err, digest.ErrDigestInvalidFormat):
		category = "digest-format"
	case errors.Is(err, reference.ErrReferenceInvalidFormat):
		category = "ref-format"
	case strings.HasSuffix(err.Error(), "64-byte hexadecimal strings"):
		category = "ref-hex"
	case strings.HasSuffix(err.Error(), "must be lowercase"):
		category = "ref-case"
	}
	return &failure{Category: category, Line: -1, Text: err.Error()}
}

func imageReference(req *request) any {
	named, err := reference.ParseNormalizedNamed(string(req.Src))
	if err != nil {
		return &referenceAnswer{Failure: referenceFailure(err)}
	}
	out := &referenceAnswer{
		Domain: []byte(reference.Domain(named)), Path: []byte(reference.Path(named)),
		Familiar: []byte(reference.FamiliarName(named)),
		Full:     []byte(reference.TagNameOnly(named).String()),
	}
	if tagged, ok := named.(reference.Tagged); ok {
		out.Tag = []byte(tagged.Tag())
	}
	if digested, ok := named.(reference.Digested); ok {
		out.Digest = []byte(digested.Digest())
	}
	return out
}

func imageDigest(req *request) any {
	_, err := digest.Parse(string(req.Src))
	if err != nil {
		return &referenceAnswer{Failure: referenceFailure(err)}
	}
	return &referenceAnswer{}
}

type platformAnswer struct {
	Failure    *failure `json:"failure"`
	OS         []byte   `json:"os"`
	Arch       []byte   `json:"arch"`
	Variant    []byte   `json:"variant"`
	Version    []byte   `json:"version"`
	Features   [][]byte `json:"features"`
	Format     []byte   `json:"format"`
	Normalized []byte   `json:"normalized"`
}

// Which rule a specifier breaks, by the words that only its message has.
func platformFailure(err error) *failure {
	category := "platform-format"
	switch message := err.Error(); {
	case strings.Contains(message, "wildcards not yet supported"):
		category = "platform-wildcard"
	case strings.Contains(message, "unknown operating system or architecture"):
		category = "platform-unknown"
	}
	return &failure{Category: category, Line: -1, Text: err.Error()}
}

func platform(req *request) any {
	parsed, err := platforms.Parse(string(req.Src))
	if err != nil {
		return &platformAnswer{Failure: platformFailure(err)}
	}
	normalized := platforms.Normalize(parsed)
	return &platformAnswer{
		OS: []byte(parsed.OS), Arch: []byte(parsed.Architecture), Variant: []byte(parsed.Variant),
		Version: []byte(parsed.OSVersion), Features: byteStrings(parsed.OSFeatures),
		Format: format(parsed), Normalized: format(normalized),
	}
}

func format(p specs.Platform) []byte { return []byte(platforms.FormatAll(p)) }

// version tells which modules answer, for the record of generated expectations.
func version(*request) any {
	out := map[string]string{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return out
	}
	for _, module := range info.Deps {
		switch module.Path {
		case "github.com/moby/buildkit", "github.com/moby/patternmatcher",
			"github.com/distribution/reference", "github.com/containerd/platforms",
			"github.com/opencontainers/go-digest":
			out[module.Path] = module.Version
		}
	}
	return out
}
