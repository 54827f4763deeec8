package main

import (
	"encoding/json"
	"net/http/httptest"
	"testing"
)

func TestGreet(t *testing.T) {
	answer := httptest.NewRecorder()
	routes().ServeHTTP(answer, httptest.NewRequest("GET", "/?name=Ada", nil))
	var got greeting
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Message != "Hello, Ada" {
		t.Errorf("message is %q", got.Message)
	}
}
