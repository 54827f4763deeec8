// The shell oracle: what mvdan.cc/sh makes of shell text, so that the scanner can be held against it.
//
// It reads NUL-terminated scripts on standard input and prints one JSON line for each: null when the
// text is no bash, or holds clauses that the scanner reads as plain commands (time, coproc, let);
// else its simple commands in the order of the text.
package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"sort"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

type word struct {
	Kind    string  `json:"kind"` // assign, word, redir
	Start   uint    `json:"start"`
	End     uint    `json:"end"`
	Literal *string `json:"literal"` // after quote removal; null when it expands or is not asked
	Plain   bool    `json:"plain"`   // nothing in it could be an expansion of any kind
}

type command struct {
	Words       []word `json:"words"`
	Conditional bool   `json:"conditional"`
	Pipe        bool   `json:"pipe"`
	Negated     bool   `json:"negated"`
	Background  bool   `json:"background"`
	Subst       bool   `json:"subst"`
}

// place is what a command inherits from where it stands.
type place struct {
	conditional, pipe, negated, background, subst bool
}

func (p place) inside(conditional bool) place {
	return place{conditional: p.conditional || conditional, background: p.background, subst: p.subst}
}

// escapes are what the scanner must remove before it can read back quotes: it lists no commands then.
var escapes = regexp.MustCompile("\\\\[$`\\\\\n]")

type reader struct {
	source   string
	commands []command
	foreign  bool
}

// unescape removes backslashes from text outside quotes (quoted = "") or before the bytes of quoted.
func unescape(text, quoted string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && (quoted == "" || strings.IndexByte(quoted, text[i+1]) >= 0) {
			i++
			if text[i] == '\n' {
				continue
			}
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

func literal(parts []syntax.WordPart, inQuotes bool) (value string, plain, ok bool) {
	plain = true
	for _, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit:
			if inQuotes {
				value += unescape(part.Value, "$`\"\\\n")
			} else {
				value += unescape(part.Value, "")
				plain = plain && !strings.ContainsAny(part.Value, "*?[{~")
			}
		case *syntax.SglQuoted:
			if part.Dollar {
				return "", false, false
			}
			value += part.Value
		case *syntax.DblQuoted:
			if part.Dollar {
				return "", false, false
			}
			inner, _, ok := literal(part.Parts, true)
			if !ok {
				return "", false, false
			}
			value += inner
		default:
			return "", false, false
		}
	}
	return value, plain, true
}

// span is where a word is, without continuations after its last byte.
func (r *reader) span(kind string, start, end syntax.Pos) word {
	last := end.Offset()
	for last > start.Offset()+2 && r.source[last-2:last] == "\\\n" {
		last -= 2
	}
	return word{Kind: kind, Start: start.Offset(), End: last}
}

func (r *reader) word(kind string, start, end syntax.Pos, w *syntax.Word, prefix string) word {
	out := r.span(kind, start, end)
	var parts []syntax.WordPart
	if w != nil {
		parts = w.Parts
	}
	if value, plain, ok := literal(parts, false); ok {
		value = prefix + value
		out.Literal, out.Plain = &value, plain
	}
	return out
}

func (r *reader) assign(kind string, a *syntax.Assign) word {
	out := r.span(kind, a.Pos(), a.End())
	if a.Append && r.source[out.End-1] == '+' {
		out.End++
	}
	if a.Name == nil || a.Naked || a.Index != nil || a.Array != nil {
		return out
	}
	operator := "="
	if a.Append {
		operator = "+="
	}
	valued := r.word(kind, a.Pos(), a.End(), a.Value, a.Name.Value+operator)
	valued.End = out.End
	return valued
}

// call records a simple command and what its words substitute.
func (r *reader) call(words []word, redirs []*syntax.Redirect, at place) {
	for _, redir := range redirs {
		words = append(words, r.word("redir", redir.Word.Pos(), redir.Word.End(), redir.Word, ""))
	}
	sort.Slice(words, func(i, j int) bool { return words[i].Start < words[j].Start })
	r.commands = append(r.commands, command{words, at.conditional, at.pipe, at.negated, at.background, at.subst})
}

// substitutions visits the commands inside the words of a node.
func (r *reader) substitutions(node syntax.Node, at place) {
	syntax.Walk(node, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Stmt:
			return false
		case *syntax.CmdSubst:
			text := r.source[n.Pos().Offset():n.End().Offset()]
			r.foreign = r.foreign || n.Backquotes && strings.Contains(text, `\"`)
			if !n.Backquotes || !escapes.MatchString(text) {
				r.statements(n.Stmts, place{conditional: at.conditional, background: at.background, subst: true})
			}
			return false
		case *syntax.ProcSubst:
			r.statements(n.Stmts, place{conditional: at.conditional, background: at.background, subst: true})
			return false
		case *syntax.ParamExp:
			if n != node && !at.conditional {
				inner := at
				inner.conditional = true
				r.substitutions(n, inner)
				return false
			}
		}
		return true
	})
}

func (r *reader) redirections(redirs []*syntax.Redirect, at place) {
	for _, redir := range redirs {
		r.substitutions(redir.Word, at)
	}
}

func hasOr(s *syntax.Stmt) bool {
	binary, ok := s.Cmd.(*syntax.BinaryCmd)
	if !ok || (binary.Op != syntax.AndStmt && binary.Op != syntax.OrStmt) {
		return false
	}
	return binary.Op == syntax.OrStmt || hasOr(binary.X)
}

func (r *reader) binary(b *syntax.BinaryCmd, at place) {
	switch b.Op {
	case syntax.AndStmt, syntax.OrStmt:
		left := at.inside(false)
		right := at.inside(b.Op == syntax.OrStmt || hasOr(b.X))
		r.statement(b.X, left)
		r.statement(b.Y, right)
	default:
		at.pipe = true
		r.statement(b.X, at)
		r.statement(b.Y, at)
	}
}

func (r *reader) ifClause(c *syntax.IfClause, at place) {
	for ; c != nil; c = c.Else {
		r.statements(c.Cond, at)
		r.statements(c.Then, at)
	}
}

func (r *reader) caseClause(c *syntax.CaseClause, at place) {
	r.substitutions(c.Word, at)
	for _, item := range c.Items {
		for _, pattern := range item.Patterns {
			r.substitutions(pattern, at)
		}
		r.statements(item.Stmts, at)
	}
}

func (r *reader) command(s *syntax.Stmt, at place) {
	inside := at.inside(true)
	switch c := s.Cmd.(type) {
	case nil:
		r.call(nil, s.Redirs, at)
	case *syntax.CallExpr:
		r.callExpr(c, s, at)
	case *syntax.DeclClause:
		words := []word{r.word("word", c.Variant.Pos(), c.Variant.End(), nil, c.Variant.Value)}
		for _, arg := range c.Args {
			words = append(words, r.span("word", arg.Pos(), arg.End()))
		}
		r.call(words, s.Redirs, at)
		r.substitutions(c, at)
	case *syntax.BinaryCmd:
		r.binary(c, at)
	case *syntax.Block:
		r.statements(c.Stmts, at.inside(false))
	case *syntax.Subshell:
		r.statements(c.Stmts, at.inside(false))
	case *syntax.IfClause:
		r.ifClause(c, inside)
	case *syntax.WhileClause:
		r.statements(c.Cond, inside)
		r.statements(c.Do, inside)
	case *syntax.ForClause:
		r.substitutions(c.Loop, inside)
		r.statements(c.Do, inside)
	case *syntax.CaseClause:
		r.caseClause(c, inside)
	case *syntax.FuncDecl:
		// mvdan.cc/sh takes `f() { a; } | b` for a function whose body is a pipeline; shells do not.
		_, joined := c.Body.Cmd.(*syntax.BinaryCmd)
		r.foreign = r.foreign || joined
		r.statement(c.Body, inside)
	case *syntax.TestClause, *syntax.ArithmCmd:
		r.substitutions(c, inside)
	default:
		r.foreign = true
	}
	if _, simple := s.Cmd.(*syntax.CallExpr); !simple {
		if _, decl := s.Cmd.(*syntax.DeclClause); !decl && s.Cmd != nil {
			r.redirections(s.Redirs, r.compoundPlace(s, at))
			return
		}
	}
	r.redirections(s.Redirs, at)
}

// compoundPlace is where the redirections of a group or compound stand: the scanner counts them as
// inside of it.
func (r *reader) compoundPlace(s *syntax.Stmt, at place) place {
	switch s.Cmd.(type) {
	case *syntax.Block, *syntax.Subshell:
		return at.inside(false)
	}
	return at.inside(true)
}

func (r *reader) callExpr(c *syntax.CallExpr, s *syntax.Stmt, at place) {
	var words []word
	for _, a := range c.Assigns {
		words = append(words, r.assign("assign", a))
	}
	for _, w := range c.Args {
		words = append(words, r.word("word", w.Pos(), w.End(), w, ""))
	}
	r.call(words, s.Redirs, at)
	r.substitutions(c, at)
}

func (r *reader) statement(s *syntax.Stmt, at place) {
	if s.Negated {
		at.negated = true
	}
	if s.Background {
		at.background, at.conditional = true, true
	}
	if s.Coprocess || s.Disown {
		r.foreign = true
	}
	r.command(s, at)
}

func (r *reader) statements(list []*syntax.Stmt, at place) {
	for _, s := range list {
		r.statement(s, at)
	}
}

func first(c command) uint {
	if len(c.Words) == 0 {
		return 0
	}
	return c.Words[0].Start
}

func answer(source string) any {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(source), "")
	if err != nil {
		return nil
	}
	r := reader{source: source, commands: []command{}}
	r.statements(file.Stmts, place{})
	if r.foreign {
		return nil
	}
	sort.SliceStable(r.commands, func(i, j int) bool { return first(r.commands[i]) < first(r.commands[j]) })
	return r.commands
}

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		script, err := in.ReadString(0)
		if script != "" {
			line, _ := json.Marshal(answer(strings.TrimSuffix(script, "\x00")))
			out.Write(append(line, '\n'))
		}
		if err == io.EOF {
			return
		}
	}
}
