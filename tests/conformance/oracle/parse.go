package main

import (
	"bytes"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

type heredocAnswer struct {
	Name    []byte `json:"name"`
	Content []byte `json:"content"`
	Expand  bool   `json:"expand"`
	Chomp   bool   `json:"chomp"`
	FD      uint   `json:"fd"`
}

type nodeAnswer struct {
	Name     []byte          `json:"name"`
	Original []byte          `json:"original"`
	Flags    [][]byte        `json:"flags"`
	Args     [][]byte        `json:"args"`
	JSON     bool            `json:"json"`
	Heredocs []heredocAnswer `json:"heredocs"`
	Start    int             `json:"start"`
	End      int             `json:"end"`
	Comments [][]byte        `json:"comments"`
	Trigger  *nodeAnswer     `json:"trigger,omitempty"`
	Failure  *failure        `json:"failure"` // of the instruction parser, for this node alone
}

type stageAnswer struct {
	Name     []byte   `json:"name"`
	Base     []byte   `json:"base"`
	Platform []byte   `json:"platform"`
	Commands []string `json:"commands"`
}

type directiveAnswer struct {
	Value []byte `json:"value"`
	Rest  []byte `json:"rest"` // the whole value of a syntax directive
	Line  int    `json:"line"`
}

// parseAnswer keeps the passes apart: which of them rejects a file decides which error wins.
type parseAnswer struct {
	Syntax       *directiveAnswer `json:"syntax"`
	Check        *directiveAnswer `json:"check"`
	CheckFailure *failure         `json:"check_failure"`

	WholeFailure *failure `json:"whole_failure"` // where the request cuts the source

	Failure  *failure     `json:"failure"` // of the parser
	Escape   string       `json:"escape"`
	Warnings []int        `json:"warnings"` // lines of empty continuations
	Nodes    []nodeAnswer `json:"nodes"`

	StageFailure *failure      `json:"stage_failure"` // of the instruction parser, the first one
	MetaArgs     [][]byte      `json:"meta_args"`
	Stages       []stageAnswer `json:"stages"`
}

// quiet is a linter that keeps what it finds to itself: without one, BuildKit panics over an
// instruction behind a `# check=` comment.
func quiet() *linter.Linter { return linter.New(&linter.Config{}) }

func byteStrings(texts []string) [][]byte {
	out := make([][]byte, len(texts))
	for i, text := range texts {
		out[i] = []byte(text)
	}
	return out
}

func nodeOf(n *parser.Node) nodeAnswer {
	node := nodeAnswer{
		Name: []byte(n.Value), Original: []byte(n.Original), Flags: byteStrings(n.Flags),
		JSON: n.Attributes["json"], Start: n.StartLine, End: n.EndLine,
		Comments: byteStrings(n.PrevComment), Args: [][]byte{}, Heredocs: []heredocAnswer{},
	}
	for arg := n.Next; arg != nil; arg = arg.Next {
		if len(arg.Children) == 0 {
			node.Args = append(node.Args, []byte(arg.Value))
			continue
		}
		trigger := nodeOf(arg.Children[0])
		node.Trigger = &trigger
	}
	for _, h := range n.Heredocs {
		node.Heredocs = append(node.Heredocs, heredocAnswer{
			[]byte(h.Name), []byte(h.Content), h.Expand, h.Chomp, h.FileDescriptor})
	}
	return node
}

func directive(key string, src []byte) *directiveAnswer {
	find := func() (string, string, []parser.Range, bool) { return parser.ParseDirective(key, src) }
	if key == "syntax" {
		find = func() (string, string, []parser.Range, bool) { return parser.DetectSyntax(src) }
	}
	value, rest, ranges, ok := find()
	if !ok {
		return nil
	}
	out := &directiveAnswer{Value: []byte(value), Rest: []byte(rest), Line: -1}
	if len(ranges) > 0 {
		out.Line = ranges[0].Start.Line
	}
	return out
}

func parse(req *request) any {
	out := &parseAnswer{Syntax: directive("syntax", req.Src), Check: directive("check", req.Src)}
	if out.Check != nil {
		_, err := linter.ParseLintOptions(string(out.Check.Value))
		out.CheckFailure = failureOf(err)
	}
	if req.Cut > 0 {
		_, err := parser.Parse(bytes.NewReader(req.Src))
		out.WholeFailure = failureOf(err)
		req.Src = req.Src[:req.Cut-1]
	}
	if len(req.Src) == 0 {
		out.Failure = &failure{Category: "empty-file", Line: -1}
		return out
	}
	result, err := parser.Parse(bytes.NewReader(req.Src))
	if err != nil {
		out.Failure = failureOf(err)
		return out
	}
	out.Escape = string(result.EscapeToken)
	for _, warning := range result.Warnings {
		out.Warnings = append(out.Warnings, warning.Location.Start.Line)
	}
	for _, child := range result.AST.Children {
		node := nodeOf(child)
		_, err := instructions.ParseInstructionWithLinter(child, quiet())
		node.Failure = failureOf(err)
		out.Nodes = append(out.Nodes, node)
	}
	out.readStages(result.AST)
	return out
}

func (out *parseAnswer) readStages(ast *parser.Node) {
	stages, metaArgs, err := instructions.Parse(ast, quiet())
	if err != nil {
		out.StageFailure = failureOf(err)
		return
	}
	if len(stages) == 0 {
		out.StageFailure = &failure{Category: "no-stages", Line: -1}
	}
	for _, arg := range metaArgs {
		for _, pair := range arg.Args {
			out.MetaArgs = append(out.MetaArgs, []byte(pair.Key))
		}
	}
	for _, stage := range stages {
		answer := stageAnswer{Name: []byte(stage.Name), Base: []byte(stage.BaseName),
			Platform: []byte(stage.Platform)}
		for _, command := range stage.Commands {
			answer.Commands = append(answer.Commands, command.Name())
		}
		out.Stages = append(out.Stages, answer)
	}
}
