package main

import (
	"context"
	"time"
	"unsafe"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/apicaps"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/moby/patternmatcher"
	specs "github.com/opencontainers/image-spec/specs-go/v1"
)

// What the converter knows of each stage is private to its package. These types have the layout of
// its own, in the version that go.mod names.

type dispatchOpt struct {
	allStates           *dispatchStates
	globalArgs          shell.EnvGetter
	buildArgValues      map[string]string
	shlex               *shell.Lex
	buildContext        llb.State
	proxyEnv            *llb.ProxyEnv
	cacheIDNamespace    string
	targetPlatform      specs.Platform
	buildPlatforms      []specs.Platform
	extraHosts          []llb.HostIP
	shmSize             int64
	ulimit              []*pb.Ulimit
	devices             []*pb.CDIDevice
	cgroupParent        string
	linuxResources      *pb.LinuxResources
	llbCaps             *apicaps.CapSet
	sourceMap           *llb.SourceMap
	lint                *linter.Linter
	dockerIgnoreMatcher *patternmatcher.PatternMatcher
}

type dispatchStates struct {
	states       []*dispatchState
	statesByName map[string]*dispatchState
}

type dispatchCommand struct {
	instructions.Command
	sources   []*dispatchState
	isOnBuild bool
}

type outlineCapture struct {
	allArgs, usedArgs, secrets, ssh unsafe.Pointer
}

type instructionTracker struct {
	loc   []parser.Range
	isSet bool
}

type dispatchState struct {
	opt            dispatchOpt
	state          llb.State
	image          dockerspec.DockerOCIImage
	namedContext   *dockerui.NamedContext
	platform       *specs.Platform
	stage          instructions.Stage
	base           *dispatchState
	baseImg        *dockerspec.DockerOCIImage
	dispatched     bool
	resolved       bool
	onBuildInit    bool
	deps           map[*dispatchState]instructions.Command
	buildArgs      []instructions.KeyValuePairOptional
	commands       []dispatchCommand
	ctxPaths       map[string]struct{}
	paths          map[string]struct{}
	ignoreCache    bool
	unregistered   bool
	stageName      string
	cmdIndex       int
	cmdIsOnBuild   bool
	cmdTotal       int
	prefixPlatform bool
	outline        outlineCapture
	epoch          *time.Time
	scanStage      bool
	scanContext    bool
	workdirSet     bool
	entrypoint     instructionTracker
	cmd            instructionTracker
	healthcheck    instructionTracker
}

//go:linkname toDispatchState github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb.toDispatchState
func toDispatchState(ctx context.Context, dt []byte, opt dockerfile2llb.ConvertOpt) (*dispatchState, error)
