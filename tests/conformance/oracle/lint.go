package main

import (
	"context"
	"encoding/json"
	"runtime"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// images stands in for a registry: every image exists, and two of them are out of the ordinary.
type images struct{}

func (images) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config := map[string]any{"Env": []string{"PATH=/image", "OF_IMAGE=a b"}}
	arch := "amd64"
	switch ref {
	case "docker.io/library/shell:latest":
		config["Shell"] = []string{"/bin/bash", "-c"}
	case "docker.io/library/arm:latest":
		arch = "arm64"
	}
	dt, err := json.Marshal(map[string]any{
		"os": "linux", "architecture": arch, "config": config,
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" +
			"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}},
	})
	return ref, "", dt, err
}

type finding struct {
	Rule string `json:"rule"`
	Line int    `json:"line"`
	Text string `json:"text"`
}

// lintFile checks a file as `docker build --check` does. Base images are resolved side by side, and
// what is found there is appended without a lock: on several processors findings get lost.
func lintFile(req *request) any {
	runtime.GOMAXPROCS(1)
	args := map[string]string{}
	for name, value := range req.Env {
		args[name] = string(value)
	}
	platform := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	source := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", req.Src)
	source.Definition = &llb.Definition{}
	results, err := dockerfile2llb.DockerfileLint(context.Background(), req.Src, dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{
			BuildArgs:      args,
			Target:         req.Target,
			BuildPlatforms: []ocispecs.Platform{platform},
		},
		TargetPlatform: &platform,
		MetaResolver:   images{},
		SourceMap:      source,
	})
	if err != nil {
		return map[string]any{"failure": err.Error(), "findings": []finding{}}
	}
	found := []finding{}
	for _, w := range results.Warnings {
		line := 0
		if w.Location != nil && len(w.Location.Ranges) > 0 {
			line = int(w.Location.Ranges[0].Start.Line)
		}
		found = append(found, finding{w.RuleName, line, w.Detail})
	}
	failure := ""
	if results.Error != nil {
		failure = results.Error.Message
	}
	return map[string]any{"failure": failure, "findings": found}
}
