// The oracle: asks BuildKit's own packages, so that the library can be held against them.
//
// It reads one JSON request a line on standard input and prints one JSON answer a line. Text that
// may hold any byte is base64 in both directions. See README.md for requests and answers.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// request holds the members of every operation; each reads its own.
type request struct {
	Op    string            `json:"op"`
	Src   []byte            `json:"src"`
	Env   map[string][]byte `json:"env"`
	Paths [][]byte          `json:"paths"`

	Target string `json:"target"`

	Cut int `json:"cut"` // all but the verdict is about the bytes before: their number plus one, or 0

	Escape     string `json:"escape"`
	Mode       string `json:"mode"`
	RawQuotes  bool   `json:"raw_quotes"`
	RawEscapes bool   `json:"raw_escapes"`
	SkipQuotes bool   `json:"skip_quotes"`
	SkipUnset  bool   `json:"skip_unset"`

	convertRequest
	contextRequest
}

var operations = map[string]func(*request) any{
	"context":   buildContext,
	"convert":   convert,
	"parse":     parse,
	"expand":    expand,
	"ignore":    ignore,
	"lint":      lintFile,
	"reference": imageReference,
	"digest":    imageDigest,
	"platform":  platform,
	"version":   version,
}

// failure is an error as answers tell it.
type failure struct {
	Category string `json:"category"`
	Line     int    `json:"line"`
	Text     string `json:"text"`
}

func answer(line []byte) any {
	var req request
	if err := json.Unmarshal(line, &req); err != nil {
		return map[string]string{"bad_request": err.Error()}
	}
	operation, ok := operations[req.Op]
	if !ok {
		return map[string]string{"bad_request": fmt.Sprintf("no operation %q", req.Op)}
	}
	return operation(&req)
}

func serve(in io.Reader, out io.Writer) error {
	reader := bufio.NewReaderSize(in, 1<<20)
	writer := bufio.NewWriterSize(out, 1<<20)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 0 {
			if err := encoder.Encode(answer(line)); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return writer.Flush()
		}
		if err != nil {
			return err
		}
		if reader.Buffered() == 0 {
			if err := writer.Flush(); err != nil {
				return err
			}
		}
	}
}

func main() {
	// The word lexer tells standard error of each invalid byte it meets.
	stderr := os.Stderr
	os.Stderr, _ = os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(stderr, "oracle:", err)
		os.Exit(1)
	}
}
