package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// asCentral in the environment makes this test's own program the command.
const asCentral = "LOKET_TEST_CENTRAL"

func TestMain(m *testing.M) {
	if os.Getenv(asCentral) != "" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	testscript.Main(m, map[string]func(){"central": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
	}})
}

// The scripts read as the manual of the command.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", Cmds: map[string]func(*testscript.TestScript, bool, []string){"await": await}})
}

// await runs a command until it succeeds, for as long as 20 seconds: a program
// in the background needs its time to begin.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: await command arguments...")
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var err error
	for limit := time.Now().Add(2 * time.Minute); time.Now().Before(limit); <-tick.C {
		if err = ts.Exec(args[0], args[1:]...); err == nil {
			return
		}
	}
	ts.Fatalf("await %v: %v", args, err)
}
