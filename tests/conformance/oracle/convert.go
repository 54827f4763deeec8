package main

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/containerd/platforms"
	"github.com/distribution/reference"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	digest "github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go/v1"
)

// convertRequest is what surrounds a file when it is built.
type convertRequest struct {
	BuildArgs      map[string][]byte          `json:"build_args"`
	Contexts       map[string][]byte          `json:"contexts"`
	Bases          map[string]json.RawMessage `json:"bases"` // image configurations by familiar reference
	TargetPlatform string                     `json:"target_platform"`
	BuildPlatform  string                     `json:"build_platform"`
}

// world is what surrounds a build: a gateway that has every image, with the configuration the
// request gives it or an empty one, and no files. Its build context is a Git one, so that nothing
// is read.
type world struct {
	request  *request
	build    specs.Platform
	mutex    sync.Mutex // images are resolved side by side
	resolved map[string]struct{}
}

func (w *world) BuildOpts() client.BuildOpts {
	opts := map[string]string{"context": "https://example.com/a.git"}
	for name, value := range w.request.BuildArgs {
		opts["build-arg:"+name] = string(value)
	}
	for name, value := range w.request.Contexts {
		opts["context:"+name] = string(value)
	}
	if w.request.Target != "" {
		opts["target"] = w.request.Target
	}
	caps := pb.Caps.CapSet(pb.Caps.All())
	return client.BuildOpts{
		Opts: opts, SessionID: "session", LLBCaps: caps, Caps: caps,
		Workers: []client.WorkerInfo{{Platforms: []specs.Platform{w.build}}},
	}
}

func (w *world) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	platform := w.build
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		platform = *opt.ImageOpt.Platform
	}
	w.mutex.Lock()
	w.resolved[ref] = struct{}{}
	w.mutex.Unlock()
	image := dockerspec.DockerOCIImage{}
	image.OS, image.Architecture, image.Variant = platform.OS, platform.Architecture, platform.Variant
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return "", "", nil, err
	}
	if config, ok := w.request.Bases[strings.TrimSuffix(reference.FamiliarString(named), ":latest")]; ok {
		if err := json.Unmarshal(config, &image.Config); err != nil {
			return "", "", nil, err
		}
	}
	image.RootFS.DiffIDs = []digest.Digest{digest.FromString(ref)}
	data, err := json.Marshal(image)
	return ref, "", data, err
}

var errNotThere = errors.New("nothing of the kind in the oracle's world")

func (w *world) ResolveSourceMetadata(context.Context, *pb.SourceOp, sourceresolver.Opt) (*sourceresolver.MetaResponse, error) {
	return nil, errNotThere
}

func (w *world) Solve(context.Context, client.SolveRequest) (*client.Result, error) {
	return nil, errNotThere
}

func (w *world) Inputs(context.Context) (map[string]llb.State, error) { return nil, errNotThere }

func (w *world) NewContainer(context.Context, client.NewContainerRequest) (client.Container, error) {
	return nil, errNotThere
}

func (w *world) Warn(context.Context, digest.Digest, string, client.WarnOpts) error { return nil }

type configAnswer struct {
	Env          [][]byte                      `json:"env"`
	Cmd          [][]byte                      `json:"cmd"`
	Entrypoint   [][]byte                      `json:"entrypoint"`
	User         []byte                        `json:"user"`
	WorkingDir   []byte                        `json:"workdir"`
	ExposedPorts [][]byte                      `json:"ports"`
	Volumes      [][]byte                      `json:"volumes"`
	Labels       [][2][]byte                   `json:"labels"`
	StopSignal   []byte                        `json:"stop_signal"`
	Shell        [][]byte                      `json:"shell"`
	OnBuild      [][]byte                      `json:"onbuild"`
	Healthcheck  *dockerspec.HealthcheckConfig `json:"healthcheck"`
}

// sourceAnswer is where a command takes files from: a state, by its place among the states.
type sourceAnswer struct {
	Line  int `json:"line"`
	State int `json:"state"`
}

type stateAnswer struct {
	Name       []byte         `json:"name"`
	Base       []byte         `json:"base"` // after expansion and, of a reachable image, completion
	BaseState  int            `json:"base_state"`
	Registered bool           `json:"registered"` // a stage of the file
	Context    bool           `json:"context"`    // replaced by a named context
	Reachable  bool           `json:"reachable"`
	Sources    []sourceAnswer `json:"sources"`
	Platform   []byte         `json:"platform"`
	Variables  [][2][]byte    `json:"variables"` // at the end of the stage, by name
	Config     *configAnswer  `json:"config"`
}

// convertAnswer is empty but for the failure when there is one; without states when a named context
// replaces the target.
type convertAnswer struct {
	Failure  *failure      `json:"failure"`
	Target   int           `json:"target"`
	States   []stateAnswer `json:"states"`
	Resolved [][]byte      `json:"resolved"` // images that were asked for
}

func hostOf(text string) (specs.Platform, error) {
	if text == "" {
		text = "linux/amd64"
	}
	p, err := platforms.Parse(text)
	return platforms.Normalize(p), err
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for key := range maps.Keys(m) {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func configOf(image *dockerspec.DockerOCIImage) *configAnswer {
	c := &image.Config
	out := &configAnswer{
		Env: byteStrings(c.Env), Cmd: byteStrings(c.Cmd), Entrypoint: byteStrings(c.Entrypoint),
		User: []byte(c.User), WorkingDir: []byte(c.WorkingDir),
		ExposedPorts: byteStrings(sortedKeys(c.ExposedPorts)),
		Volumes:      byteStrings(sortedKeys(c.Volumes)), StopSignal: []byte(c.StopSignal),
		Shell: byteStrings(c.Shell), OnBuild: byteStrings(c.OnBuild), Healthcheck: c.Healthcheck,
	}
	for _, name := range sortedKeys(c.Labels) {
		out.Labels = append(out.Labels, [2][]byte{[]byte(name), []byte(c.Labels[name])})
	}
	return out
}

func variablesOf(state llb.State) [][2][]byte {
	env, err := state.Env(context.Background())
	if err != nil {
		return nil
	}
	keys := env.Keys()
	sort.Strings(keys)
	out := [][2][]byte{}
	for _, key := range keys {
		value, _ := env.Get(key)
		out = append(out, [2][]byte{[]byte(key), []byte(value)})
	}
	return out
}

func stateOf(d *dispatchState, place map[*dispatchState]int, reachable map[*dispatchState]bool) stateAnswer {
	out := stateAnswer{
		Name: []byte(d.stage.Name), Base: []byte(d.stage.BaseName), BaseState: -1,
		Registered: !d.unregistered, Context: d.namedContext != nil, Reachable: reachable[d],
	}
	if d.base != nil {
		out.BaseState = place[d.base]
	}
	for _, command := range d.commands {
		line := -1
		if where := command.Location(); len(where) > 0 {
			line = where[0].Start.Line
		}
		for _, source := range command.sources {
			out.Sources = append(out.Sources, sourceAnswer{line, place[source]})
		}
	}
	if d.platform != nil {
		out.Platform = format(*d.platform)
	}
	if out.Registered && out.Reachable && !out.Context {
		out.Variables = variablesOf(d.state)
		out.Config = configOf(&d.image)
	}
	return out
}

// reachableFrom is what allReachableStages computes.
func reachableFrom(target *dispatchState) map[*dispatchState]bool {
	seen := map[*dispatchState]bool{}
	todo := []*dispatchState{target}
	for len(todo) > 0 {
		d := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if d == nil || seen[d] {
			continue
		}
		seen[d] = true
		todo = append(todo, d.base)
		for dep := range d.deps {
			todo = append(todo, dep)
		}
	}
	return seen
}

func (out *convertAnswer) read(target *dispatchState) {
	states := target.opt.allStates.states
	place := map[*dispatchState]int{}
	for i, d := range states {
		place[d] = i
	}
	reachable := reachableFrom(target)
	out.Target = place[target]
	for _, d := range states {
		out.States = append(out.States, stateOf(d, place, reachable))
	}
}

func convert(req *request) any {
	build, err := hostOf(req.BuildPlatform)
	if err != nil {
		return map[string]string{"bad_request": err.Error()}
	}
	w := &world{request: req, build: build, resolved: map[string]struct{}{}}
	gateway, err := dockerui.NewClient(w)
	if err != nil {
		return map[string]string{"bad_request": err.Error()}
	}
	opt := dockerfile2llb.ConvertOpt{
		Config: gateway.Config, Client: gateway, MetaResolver: w,
		SourceMap: llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", req.Src),
	}
	if req.TargetPlatform != "" {
		platform, err := hostOf(req.TargetPlatform)
		if err != nil {
			return map[string]string{"bad_request": err.Error()}
		}
		opt.TargetPlatform = &platform
	}
	out := &convertAnswer{Target: -1}
	target, err := toDispatchState(context.Background(), req.Src, opt)
	if err != nil {
		out.Failure = convertFailure(err)
		return out
	}
	out.Resolved = byteStrings(sortedKeys(w.resolved))
	if target.opt.allStates != nil {
		out.read(target)
	}
	return out
}

// convertFailure knows a word that could not be expanded by what stands behind it: the word itself,
// and the text of a failed `${name?text}`, may hold the words that tell other failures.
func convertFailure(err error) *failure {
	out := failureOf(err)
	const mark = "failed to process \""
	at := strings.Index(out.Text, mark)
	if at < 0 {
		return out
	}
	rest := out.Text[at+len(mark)-1:]
	word, quoteErr := strconv.QuotedPrefix(rest)
	if quoteErr != nil {
		return out
	}
	text, _ := strconv.Unquote(word)
	out.Category = expandFailure(errors.New("failed to process "+rest), text).Category
	return out
}
