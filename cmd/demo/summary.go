package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Summary is what the demo observed, none of it from what it meant to happen:
// the kiosk's part is what its window showed, central's rows are counted by a
// second process, the letters are read from the mailbox and the phone's state
// from the phone. summary.schema.json describes it.
type Summary struct {
	OK       bool           `json:"ok"`
	Problems []string       `json:"problems"`
	Started  time.Time      `json:"started"`
	Seconds  float64        `json:"seconds"`
	Glass    string         `json:"glass"` // "browser" or "drawn": what the webcam saw of the phones
	Detector Network        `json:"detector"`
	Matcher  Network        `json:"matcher"`
	Citizens []Citizen      `json:"citizens"`
	Central  map[string]int `json:"central"` // rows by table or state, counted at the end
	Pictures []string       `json:"pictures"`
}

// Network is a model as the kiosk's engine named it.
type Network struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Citizen is one case.
type Citizen struct {
	Case      string   `json:"case"` // activated, impostor, not-recorded, link-cut, counter-code
	Code      string   `json:"code"` // kind of the code that the window verified: presentation, sealed
	Checks    []Check  `json:"checks"`
	Engine    string   `json:"engine"` // "" where no face was compared
	Model     Network  `json:"model"`
	Score     *float64 `json:"score"` // null where no face was compared
	Band      string   `json:"band"`
	Liveness  string   `json:"liveness"` // how the challenge stood at the end; "" where nobody was asked to move
	Rounds    int      `json:"rounds"`   // of it
	Decision  string   `json:"decision"`
	Reason    string   `json:"reason"`
	Packet    string   `json:"packet"`
	Queued    bool     `json:"queued"`     // the window said that it waits for the link
	Central   string   `json:"central"`    // state of the packet in central's database
	MessageID string   `json:"message_id"` // of the letter with the code; "" for none
	Phone     string   `json:"phone"`      // state on the phone
	Steps     []Timed  `json:"steps"`
}

// Check is a line of the code's verification as the window showed it.
type Check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Reason string `json:"reason,omitempty"`
}

// Timed is how long the kiosk stood on one screen.
type Timed struct {
	Step    string  `json:"step"`
	Seconds float64 `json:"seconds"`
}

//go:embed summary.schema.json
var schemaText []byte

// validate holds a summary's JSON against the schema.
func validate(summary []byte) error {
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
	if err != nil {
		return fmt.Errorf("read schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("summary.schema.json", schema); err != nil {
		return fmt.Errorf("read schema: %w", err)
	}
	compiled, err := c.Compile("summary.schema.json")
	if err != nil {
		return fmt.Errorf("compile schema: %w", err)
	}
	got, err := jsonschema.UnmarshalJSON(bytes.NewReader(summary))
	if err != nil {
		return fmt.Errorf("read summary: %w", err)
	}
	return compiled.Validate(got)
}

// write keeps the summary and says whether it is one.
func (s Summary) write(file string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
		return err
	}
	if err := validate(text); err != nil {
		return fmt.Errorf("summary does not follow its schema: %w", err)
	}
	return nil
}
