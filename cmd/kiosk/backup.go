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
	"loket/sync/vault"
	"loket/sync/wire"
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

// runRestore puts a backup in the ledger's place: `kiosk restore --data DIR
// --from FILE --supervisor ID`, with the supervisor's PIN on standard input.
// The kiosk must be closed. It returns 0, 1, 2.
func runRestore(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("kiosk restore", flag.ContinueOnError)
	flags.SetOutput(stderr)
	data := flags.String("data", "", "the kiosk's data `folder`")
	from := flags.String("from", "", "the backup's `file`")
	supervisor := flags.String("supervisor", "", "`id` of the supervisor who confirms")
	if err := flags.Parse(args); err != nil || *data == "" || *from == "" || *supervisor == "" || flags.NArg() > 0 {
		fmt.Fprintln(stderr, "kiosk restore: --data FOLDER, --from FILE and --supervisor ID are needed, and nothing else")
		return 2
	}
	fmt.Fprintf(stderr, "PIN %s: ", *supervisor)
	pin, err := bufio.NewReader(stdin).ReadString('\n')
	if err != nil && err != io.EOF {
		fmt.Fprintf(stderr, "kiosk restore: %v\n", err)
		return 1
	}
	r, err := ledger.Restore(context.Background(), *from, filepath.Join(*data, ledgerName), ledger.Options{}, confirmRestore(*data, *supervisor, strings.TrimSpace(pin)))
	if err == nil {
		err = json.NewEncoder(stdout).Encode(r)
	}
	if err != nil {
		fmt.Fprintf(stderr, "kiosk restore: %v\n", err)
		return 1
	}
	return 0
}

// confirmRestore signs with the key that the backup keeps for the supervisor,
// which this machine and the PIN open.
func confirmRestore(data, supervisor, pin string) ledger.Confirm {
	return func(ctx context.Context, l *ledger.Ledger, o wire.Opening) (wire.SignedOpening, error) {
		machine, err := machineOf(data)
		if err != nil {
			return wire.SignedOpening{}, err
		}
		v, err := vault.Open(ctx, l.Vault(), machine, vault.Options{})
		if err != nil {
			return wire.SignedOpening{}, err
		}
		s, err := v.LogIn(ctx, supervisor, pin)
		if err != nil {
			return wire.SignedOpening{}, err
		}
		defer s.Lock()
		if role := s.Officer().Role; role != wire.RoleSupervisor {
			return wire.SignedOpening{}, fmt.Errorf("%s is no supervisor: %q", supervisor, role)
		}
		o.Officer = supervisor
		return wire.SignOpening(o, s)
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
