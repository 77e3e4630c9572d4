package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func sample() Summary {
	score := 0.97
	sum := strings.Repeat("ab", 32)
	one := Citizen{
		Case: "activated", Code: "presentation", Checks: []Check{{Name: "format", OK: true}}, Engine: "onnx",
		Model: Network{"net", sum}, Score: &score, Band: "match", Decision: "approve",
		Packet: strings.Repeat("0f", 16), Central: "activated", MessageID: "<1@localhost>",
		Phone: "active", Steps: []Timed{{"scan", 1.5}},
	}
	return Summary{
		OK: true, Problems: []string{}, Started: time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC), Seconds: 61,
		Glass: "browser", Detector: Network{"yunet", sum}, Matcher: Network{"net", sum},
		Citizens: []Citizen{one, one, one, one, one}, Central: map[string]int{"packets": 5}, Pictures: []string{"01-log-in.png"},
	}
}

func TestSchema(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*Summary)
		want bool
	}{
		{"as it should be", func(*Summary) {}, true},
		{"a failure says why", func(s *Summary) { s.OK = false; s.Problems = []string{"no letter"} }, true},
		{"ok with a problem", func(s *Summary) { s.Problems = []string{"no letter"} }, false},
		{"ok without all cases", func(s *Summary) { s.Citizens = s.Citizens[:4] }, false},
		{"ok without a matcher", func(s *Summary) { s.Matcher = Network{} }, false},
		{"a case nobody knows", func(s *Summary) { s.Citizens[0].Case = "friend" }, false},
		{"a code of another kind", func(s *Summary) { s.Citizens[0].Code = "claim169" }, false},
		{"a packet id that is none", func(s *Summary) { s.Citizens[0].Packet = "1" }, false},
		{"a check nobody knows", func(s *Summary) { s.Citizens[0].Checks[0].Name = "mood" }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sample()
			c.edit(&s)
			text, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			if err := validate(text); (err == nil) != c.want {
				t.Errorf("validate: %v, want valid %v", err, c.want)
			}
		})
	}
}

func TestWriteRefusesWhatIsNoSummary(t *testing.T) {
	s := sample()
	s.Citizens[0].Band = "perhaps"
	file := filepath.Join(t.TempDir(), "summary.json")
	if err := s.write(file); err == nil {
		t.Error("a summary against the schema was written without a word")
	}
	if _, err := os.Stat(file); err != nil {
		t.Error("the summary is kept all the same, so that one can look at it:", err)
	}
}
