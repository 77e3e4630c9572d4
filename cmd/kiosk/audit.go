package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"loket/sync/ledger"
)

// ledgerName is the ledger's file in the kiosk's data folder.
const ledgerName = "ledger.db"

// auditAnswer is the one JSON object that `kiosk audit verify` prints.
type auditAnswer struct {
	Valid bool   `json:"valid"`
	Error string `json:"error,omitempty"` // the log could not be read at all
	*ledger.Report
}

// auditVerify recomputes the audit log of the ledger in --data and prints what
// it found as one JSON object. It returns 0 for a log that is whole, 1 for one
// that is not, 2 for wrong usage. It may run beside a kiosk that is open.
func auditVerify(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("kiosk audit verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	data := flags.String("data", "", "the kiosk's data `folder`")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *data == "" || flags.NArg() > 0 {
		fmt.Fprintln(stderr, "kiosk audit verify: --data FOLDER is needed, and nothing else")
		return 2
	}
	answer, code := auditReport(filepath.Join(*data, ledgerName))
	if err := json.NewEncoder(stdout).Encode(answer); err != nil {
		fmt.Fprintf(stderr, "kiosk audit verify: %v\n", err)
		return 2
	}
	return code
}

// auditReport verifies one ledger file; a missing one is not made.
func auditReport(path string) (a auditAnswer, code int) {
	if _, err := os.Stat(path); err != nil {
		return auditAnswer{Error: err.Error()}, 2
	}
	ctx := context.Background()
	l, err := ledger.Open(ctx, path, ledger.Options{})
	if err != nil {
		if errors.Is(err, ledger.ErrCorrupt) {
			code = 1
		} else {
			code = 2
		}
		return auditAnswer{Error: err.Error()}, code
	}
	defer l.Close()
	r, err := l.Verify(ctx)
	if err != nil {
		return auditAnswer{Error: err.Error()}, 1
	}
	if r.Faults == nil {
		r.Faults = []ledger.Fault{}
	}
	if !r.OK() {
		code = 1
	}
	return auditAnswer{Valid: r.OK(), Report: &r}, code
}
