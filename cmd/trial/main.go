// Command trial breaks the other programs on purpose and counts what was
// lost: power cuts, a bad line, failing disks, a changed database, a thief's
// copy, wrong clocks, and weeks of vans that meet all of them.
//
// Each trial prints one JSON object: what was done, what was found, and its
// control, the same with one guard switched off, which has to fail. It exits
// with 1 when a bar is missed or when the control finds nothing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// A trial is one way to break things. Run writes one JSON object to out and
// progress to progress; its error is why the trial counts as failed.
type trial struct {
	name, does string
	run        func(ctx context.Context, args []string, out, progress io.Writer) error
}

// trials are all there are, in the order of the Makefile.
func trials() []trial {
	return []trial{
		{"crash", "cuts the power after every file call of the ledger", crash},
		{"iofail", "has file calls of the ledger fail", iofail},
		{"approvals", "counts the syncs of an approval, and times it beside raw ones", approvals},
		{"tamper", "changes the audit log as a thief would, and syncs it", tamper},
		{"faults", "spoils the line between counters and central and kills both ends", faults},
		{"theft", "serves marked citizens, switches the PC off and searches every file", theft},
		{"clock", "gives a van wrong clocks in three time zones", clockTrial},
		{"vans", "takes weeks of vans through everything at once", vans},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, out, progress io.Writer) int {
	for _, t := range trials() {
		if len(args) == 0 || args[0] != t.name {
			continue
		}
		err := t.run(ctx, args[1:], out, progress)
		switch {
		case err == nil:
			return 0
		case errors.Is(err, flag.ErrHelp):
			return 2
		}
		fmt.Fprintf(progress, "trial %s: %v\n", t.name, err)
		return 1
	}
	fmt.Fprintln(progress, "usage: trial NAME [flags]; trial NAME -h lists a trial's flags")
	for _, t := range trials() {
		fmt.Fprintf(progress, "  %-8s %s\n", t.name, t.does)
	}
	return 2
}
