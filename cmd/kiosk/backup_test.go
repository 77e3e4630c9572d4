package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loket/sync/clock"
	"loket/sync/ledger"
)

func TestBackupRestoreShow(t *testing.T) {
	c := newCrash(t)
	ctx := t.Context()
	c.withSupervisor()
	second := t.TempDir()
	var out, faults bytes.Buffer
	if code := run([]string{"backup", "--data", c.dir, "--to", second}, nil, &out, &faults); code != 0 {
		t.Fatalf("backup: exit %d: %s", code, &faults)
	}
	file := filepath.Join(second, ledger.BackupName)
	restore := func(id, pin string) (ledger.Restored, int) {
		t.Helper()
		out.Reset()
		code := run([]string{"restore", "--data", c.dir, "--from", file, "--supervisor", id}, strings.NewReader(pin+"\n"), &out, &faults)
		var r ledger.Restored
		if err := json.Unmarshal(out.Bytes(), &r); code == 0 && err != nil {
			t.Fatal(err)
		}
		return r, code
	}
	for name, who := range map[string][2]string{"wrong PIN": {"kasi-1", "482914"}, "an officer": {"014", crashPIN}, "nobody": {"kasi-9", kasiPIN}} {
		if _, code := restore(who[0], who[1]); code != 1 {
			t.Errorf("%s: exit %d", name, code)
		}
	}
	r, code := restore("kasi-1", kasiPIN)
	if code != 0 || r.Epoch <= 1 || r.OldAt == "" {
		t.Fatalf("restore: exit %d, %+v: %s", code, r, &faults)
	}
	out.Reset()
	if code := run([]string{"audit", "show", "--data", c.dir}, nil, &out, &faults); code != 0 {
		t.Fatalf("show: exit %d: %s", code, &faults)
	}
	shown := strings.Split(strings.TrimSpace(out.String()), "\n")
	if last := shown[len(shown)-1]; !strings.Contains(last, "epoch") || !strings.Contains(last, `"officer":"kasi-1"`) || !strings.Contains(shown[0], "ledger-begin") {
		t.Errorf("shown: %q … %q", shown[0], last)
	}
	out.Reset()
	if code := run([]string{"audit", "show", "--data", c.dir, "--from", "1", "--json"}, nil, &out, &faults); code != 0 || strings.Count(out.String(), "\n") != len(shown)-1 {
		t.Errorf("show --json: exit %d, %d lines of %d", code, strings.Count(out.String(), "\n"), len(shown))
	}
	if code := run([]string{"audit", "verify", "--data", c.dir}, nil, io.Discard, &faults); code != 0 {
		t.Errorf("verify: exit %d", code)
	}
	// The next sync tells central.
	s, err := openStation(ctx, c.dir, clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.reportHead(ctx), s.Close()); err != nil {
		t.Fatalf("central refuses the epoch: %v", err)
	}
	for _, args := range [][]string{{"backup"}, {"restore", "--data", c.dir}, {"audit", "show"}} {
		if code := run(args, strings.NewReader(""), io.Discard, io.Discard); code != 2 {
			t.Errorf("%v: exit %d", args, code)
		}
	}
}

// TestBackups: the place turns up later, and gets a copy by itself.
func TestBackups(t *testing.T) {
	s, err := openStation(t.Context(), filepath.Join(t.TempDir(), "data"), clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, stop := context.WithCancel(t.Context())
	dir := filepath.Join(t.TempDir(), "second")
	done := make(chan struct{})
	go func() { s.backups(ctx, dir, 5*time.Millisecond); close(done) }()
	defer func() { stop(); <-done }()
	if _, err := os.Stat(filepath.Join(dir, ledger.BackupName)); err == nil {
		t.Fatal("a backup without a place")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(2 * time.Minute); ; <-tick.C {
		if _, err := os.Stat(filepath.Join(dir, ledger.BackupName)); err == nil {
			return
		}
		if time.Now().After(limit) {
			t.Fatal("no backup though the place is there")
		}
	}
}
