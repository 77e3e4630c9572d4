package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"loket/sync/ledger"
)

// runBackup copies the ledger to a second place: `kiosk backup --data DIR --to
// FOLDER`. It may run beside a kiosk that is open. It returns 0, 1, 2.
func runBackup(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("kiosk backup", flag.ContinueOnError)
	flags.SetOutput(stderr)
	data := flags.String("data", "", "the kiosk's data `folder`")
	to := flags.String("to", "", "`folder` on another disk")
	if err := flags.Parse(args); err != nil || *data == "" || *to == "" || flags.NArg() > 0 {
		fmt.Fprintln(stderr, "kiosk backup: --data FOLDER and --to FOLDER are needed, and nothing else")
		return 2
	}
	return withStation(*data, "backup", stdout, stderr, func(ctx context.Context, s *station) (any, error) {
		path, err := s.ledger.Backup(ctx, *to)
		return map[string]string{"backup": path}, err
	})
}

// backupEvery is how much work a broken disk may take along at most.
const backupEvery = time.Hour

// backups copies the ledger to a second place, at once and then at every
// interval, until ctx ends. A place that is not there is tried again: the disk
// may be plugged in later.
func (s *station) backups(ctx context.Context, dir string, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if _, err := s.ledger.Backup(ctx, dir); err != nil && ctx.Err() == nil {
			s.log.Error("backup", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// auditShow prints the audit log of the ledger in --data, from entry --from on:
// a line each, or with --json one JSON object each. It returns 0, 1, 2.
func auditShow(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("kiosk audit show", flag.ContinueOnError)
	flags.SetOutput(stderr)
	data := flags.String("data", "", "the kiosk's data `folder`")
	from := flags.Int64("from", 0, "first `entry`")
	asJSON := flags.Bool("json", false, "one JSON object an entry")
	if err := flags.Parse(args); err != nil || *data == "" || *from < 0 || flags.NArg() > 0 {
		fmt.Fprintln(stderr, "kiosk audit show: --data FOLDER is needed; --from N and --json may be given")
		return 2
	}
	if err := showAudit(*data, *from, *asJSON, stdout); err != nil {
		fmt.Fprintf(stderr, "kiosk audit show: %v\n", err)
		return 1
	}
	return 0
}

// auditPage is how many entries are read at a time.
const auditPage = 500

func showAudit(data string, from int64, asJSON bool, stdout io.Writer) error {
	path := filepath.Join(data, ledgerName)
	if _, err := os.Stat(path); err != nil {
		return err
	}
	ctx := context.Background()
	l, err := ledger.Open(ctx, path, ledger.Options{})
	if err != nil {
		return err
	}
	defer l.Close()
	out := bufio.NewWriter(stdout)
	for {
		page, err := l.Entries(ctx, from, auditPage)
		if err != nil {
			return err
		}
		for _, e := range page {
			line, err := auditLine(e, asJSON)
			if err != nil {
				return err
			}
			fmt.Fprintln(out, line)
		}
		if len(page) < auditPage {
			return out.Flush()
		}
		from = page[len(page)-1].N + 1
	}
}

// auditLine is an entry as text: number, time, kind, then name=value by name.
func auditLine(e ledger.AuditEntry, asJSON bool) (string, error) {
	if asJSON {
		b, err := json.Marshal(e)
		return string(b), err
	}
	fields, err := json.Marshal(e.Fields) // sorted by name
	if err != nil || len(e.Fields) == 0 {
		fields = nil
	}
	return strings.TrimSpace(fmt.Sprintf("%6d  %s  %-14s %s", e.N, e.At.Format(time.RFC3339), e.Kind, fields)), err
}
