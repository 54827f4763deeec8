package main

import (
	"bytes"
	"context"
	gofs "io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	_ "unsafe" // for linkname

	continuity "github.com/containerd/continuity/fs"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	digest "github.com/opencontainers/go-digest"
	"github.com/tonistiigi/fsutil"
	fscopy "github.com/tonistiigi/fsutil/copy"
	"github.com/tonistiigi/fsutil/types"
)

// contextRequest is what lies in a build context: real files are made of it, sent and copied by
// BuildKit's packages.
type contextRequest struct {
	Ignore []byte        `json:"ignore"`
	Tree   []contextPath `json:"tree"`
}

type contextPath struct {
	Path []byte `json:"path"`
	Kind string `json:"kind"` // file, directory, link
	Link []byte `json:"link"`
}

// transferAnswer is what one COPY, ADD or mount did. Entries are paths of the destination and what
// stands there: a file holds its own path in the context.
type transferAnswer struct {
	Failed  int         `json:"failed"` // the first source that failed, or -1
	Clash   bool        `json:"clash"`  // over what an earlier one had put there
	Text    string      `json:"text"`
	Entries [][3][]byte `json:"entries"`
	Before  [][]byte    `json:"before"` // directories that were there
}

type contextAnswer struct {
	Failure   *failure         `json:"failure"`
	NotSent   string           `json:"not_sent"`
	Sent      [][]byte         `json:"sent"`
	Transfers []transferAnswer `json:"transfers"`
}

//go:linkname normalizeContextPaths github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb.normalizeContextPaths
func normalizeContextPaths(paths map[string]struct{}) []string

func makeTree(root string, tree []contextPath) error {
	for _, p := range tree {
		path := filepath.Join(root, string(p.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		var err error
		switch p.Kind {
		case "directory":
			err = os.MkdirAll(path, 0o755)
		case "link":
			err = os.Symlink(string(p.Link), path)
		default:
			err = os.WriteFile(path, p.Path, 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sendTree copies to `to` what a client sends of `from`.
func sendTree(from, to string, ignore []byte, follow []string) ([][]byte, error) {
	excludes, err := ignorefile.ReadAll(bytes.NewReader(ignore))
	if err != nil {
		return nil, err
	}
	raw, err := fsutil.NewFS(from)
	if err != nil {
		return nil, err
	}
	filtered, err := fsutil.NewFilterFS(raw, &fsutil.FilterOpt{ExcludePatterns: excludes, FollowPaths: follow})
	if err != nil {
		return nil, err
	}
	sent := [][]byte{}
	err = filtered.Walk(context.Background(), "/", func(name string, entry gofs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		sent = append(sent, []byte(name))
		target := filepath.Join(to, name)
		info, err := entry.Info()
		if err != nil {
			return err
		}
		switch stat := info.Sys().(*types.Stat); {
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case entry.Type()&os.ModeSymlink != 0:
			return os.Symlink(stat.Linkname, target)
		default:
			data, err := os.ReadFile(filepath.Join(from, name))
			if err != nil {
				return err
			}
			return os.WriteFile(target, data, 0o644)
		}
	})
	return sent, err
}

// cleanPath is what the solver does to both paths of a copy before anything else.
func cleanPath(s string) string {
	clean := filepath.Join("/", s)
	if strings.HasSuffix(s, "/.") {
		return strings.TrimSuffix(clean, "/") + "/."
	}
	if strings.HasSuffix(s, "/") && clean != "/" {
		return clean + "/"
	}
	return clean
}

// hash asks what the content hash asks before anything is copied: that patterns can be matched.
func hash(src string, a *pb.FileActionCopy, matches []string) error {
	if a.AllowWildcard && strings.ContainsAny(a.Src, "*?[") {
		if _, err := path.Match(a.Src, ""); err != nil {
			return err
		}
	}
	include, err := patternmatcher.New(a.IncludePatterns)
	if err != nil {
		return err
	}
	exclude, err := patternmatcher.New(a.ExcludePatterns)
	if err != nil || len(matches) == 0 {
		return err
	}
	included := true
	if len(a.IncludePatterns) > 0 {
		if included, _, err = include.MatchesUsingParentResults("", patternmatcher.MatchInfo{}); err != nil {
			return err
		}
	}
	if included && len(a.ExcludePatterns) > 0 {
		_, _, err = exclude.MatchesUsingParentResults("", patternmatcher.MatchInfo{})
	}
	return err
}

func copyAction(src, dest string, a *pb.FileActionCopy) error {
	opt := func(ci *fscopy.CopyInfo) {
		ci.IncludePatterns = a.IncludePatterns
		ci.ExcludePatterns = a.ExcludePatterns
		ci.CopyDirContents = a.DirCopyContents
		ci.FollowLinks = a.FollowSymlink
	}
	matches := []string{cleanPath(a.Src)}
	if a.AllowWildcard {
		var err error
		if matches, err = fscopy.ResolveWildcards(src, matches[0], a.FollowSymlink); err != nil {
			return err
		}
	}
	if err := hash(src, a, matches); err != nil {
		return err
	}
	for _, match := range matches {
		if err := fscopy.Copy(context.Background(), src, match, dest, cleanPath(a.Dest), opt); err != nil {
			return err
		}
	}
	return requireCopied(src, a)
}

// requireCopied is what the content hash asks for: that something is copied below a path.
func requireCopied(src string, a *pb.FileActionCopy) error {
	if len(a.RequiredPaths) == 0 {
		return nil
	}
	scratch, err := os.MkdirTemp(scratchRoot, "")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	top := filepath.Join(scratch, "d")
	opt := func(ci *fscopy.CopyInfo) {
		ci.IncludePatterns = a.IncludePatterns
		ci.ExcludePatterns = a.ExcludePatterns
		ci.CopyDirContents = true
		ci.FollowLinks = true
	}
	if err := fscopy.Copy(context.Background(), src, cleanPath(a.Src), scratch, "/d", opt); err != nil {
		return err
	}
	found := false
	filepath.Walk(top, func(p string, _ os.FileInfo, err error) error {
		shown := path.Join(a.Src, strings.TrimPrefix(p, top))
		found = found || err == nil && p != top && strings.HasPrefix(shown, a.RequiredPaths[0])
		return nil
	})
	if !found {
		return os.ErrNotExist
	}
	return nil
}

// entriesOf lists a tree: path, kind, and what a file holds or where a link leads.
func entriesOf(root, prefix string) [][3][]byte {
	out := [][3][]byte{}
	filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
		if err != nil || path == root && info.IsDir() {
			return nil
		}
		shown := prefix + strings.TrimPrefix(path, root)
		switch {
		case info.IsDir():
			out = append(out, [3][]byte{[]byte(shown), []byte("directory"), nil})
		case info.Mode()&os.ModeSymlink != 0:
			link, _ := os.Readlink(path)
			out = append(out, [3][]byte{[]byte(shown), []byte("link"), []byte(link)})
		default:
			data, _ := os.ReadFile(path)
			out = append(out, [3][]byte{[]byte(shown), []byte("file"), data})
		}
		return nil
	})
	return out
}

type player struct {
	sent        string
	ops         map[digest.Digest]*pb.Op
	directories []string // made so far
	transfers   []transferAnswer
}

func (p *player) isContext(op *pb.Op, input int64) bool {
	if input < 0 || int(input) >= len(op.Inputs) {
		return false
	}
	source := p.ops[digest.Digest(op.Inputs[input].Digest)].GetSource()
	return source != nil && strings.HasPrefix(source.Identifier, "git://example.com/a.git")
}

func (p *player) file(op *pb.Op) error {
	copies := []*pb.FileActionCopy{}
	for _, action := range op.GetFile().Actions {
		switch {
		case action.GetMkdir() != nil:
			p.directories = append(p.directories, action.GetMkdir().Path)
		case action.GetCopy() != nil && (int(action.SecondaryInput) >= len(op.Inputs) || p.isContext(op, action.SecondaryInput)):
			copies = append(copies, action.GetCopy())
		}
	}
	if len(copies) == 0 {
		return nil
	}
	dest, err := os.MkdirTemp(scratchRoot, "")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dest)
	for _, dir := range p.directories {
		if err := os.MkdirAll(filepath.Join(dest, dir), 0o755); err != nil {
			return err
		}
	}
	out := transferAnswer{Failed: -1}
	for i, c := range copies {
		if err := copyAction(p.sent, dest, c); err != nil {
			out.Failed, out.Text = i, strings.ReplaceAll(err.Error(), scratchRoot, "")
			out.Clash = strings.Contains(out.Text, "cannot copy to non-directory") ||
				strings.Contains(out.Text, "cannot replace to directory") ||
				strings.Contains(err.Error(), dest) && (strings.Contains(out.Text, "not a directory") ||
					strings.Contains(out.Text, "too many levels of symbolic links")) ||
				strings.Contains(out.Text, "file exists")
			break
		}
	}
	out.Before = byteStrings(p.directories)
	if out.Failed < 0 {
		out.Entries = entriesOf(dest, "")
	}
	for _, entry := range out.Entries {
		// what lies below the destination counts as the image's: the library does not track it
		if string(entry[1]) == "directory" && strings.HasPrefix(path.Clean(copies[0].Dest)+"/", string(entry[0])+"/") {
			p.directories = append(p.directories, string(entry[0]))
		}
	}
	p.transfers = append(p.transfers, out)
	return nil
}

func (p *player) exec(op *pb.Op) {
	for _, m := range op.GetExec().Mounts {
		if m.MountType != pb.MountType_BIND || m.Dest == "/" || !p.isContext(op, m.Input) {
			continue
		}
		out := transferAnswer{Failed: -1}
		path, err := continuity.RootPath(p.sent, m.Selector)
		if err == nil {
			_, err = os.Lstat(path)
		}
		if err != nil {
			out.Failed, out.Text = 0, strings.ReplaceAll(err.Error(), scratchRoot, "")
		} else {
			out.Entries = entriesOf(path, filepath.Join("/", m.Dest))
		}
		p.transfers = append(p.transfers, out)
	}
}

func (p *player) play(def *llb.Definition) error {
	p.ops = map[digest.Digest]*pb.Op{}
	order := []*pb.Op{}
	for _, data := range def.Def {
		op := &pb.Op{}
		if err := op.UnmarshalVT(data); err != nil {
			return err
		}
		p.ops[digest.FromBytes(data)] = op
		order = append(order, op)
	}
	for _, op := range order {
		if op.GetFile() != nil {
			if err := p.file(op); err != nil {
				return err
			}
		}
		if op.GetExec() != nil {
			p.exec(op)
		}
	}
	return nil
}

// scratchRoot is where trees are made: in memory where there is such a place.
var scratchRoot = func() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return os.TempDir()
}()

func (out *contextAnswer) play(req *request, target *dispatchState) error {
	top, err := os.MkdirTemp(scratchRoot, "context-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(top)
	raw, sent := filepath.Join(top, "raw"), filepath.Join(top, "sent")
	for _, dir := range []string{raw, sent} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	if err := makeTree(raw, req.Tree); err != nil {
		return err
	}
	paths := map[string]struct{}{}
	for d := range reachableFrom(target) {
		for path := range d.ctxPaths {
			paths[path] = struct{}{}
		}
	}
	out.Sent, err = sendTree(raw, sent, req.Ignore, normalizeContextPaths(paths))
	if err != nil {
		out.NotSent = strings.ReplaceAll(err.Error(), top, "")
		return nil
	}
	def, err := target.state.Marshal(context.Background(), llb.LinuxAmd64)
	if err != nil {
		return err
	}
	p := &player{sent: sent}
	err = p.play(def)
	out.Transfers = p.transfers
	sort.Slice(out.Sent, func(i, j int) bool { return bytes.Compare(out.Sent[i], out.Sent[j]) < 0 })
	return err
}

func buildContext(req *request) any {
	build, err := hostOf("")
	if err != nil {
		return map[string]string{"bad_request": err.Error()}
	}
	w := &world{request: req, build: build, resolved: map[string]struct{}{}}
	gateway, err := dockerui.NewClient(w)
	if err != nil {
		return map[string]string{"bad_request": err.Error()}
	}
	out := &contextAnswer{}
	target, err := toDispatchState(context.Background(), req.Src, dockerfile2llb.ConvertOpt{
		Config: gateway.Config, Client: gateway, MetaResolver: w,
		SourceMap: llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", req.Src),
	})
	if err != nil {
		out.Failure = convertFailure(err)
		return out
	}
	if err := out.play(req, target); err != nil {
		return map[string]string{"bad_request": err.Error()}
	}
	return out
}
