package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"loket/sync/clock"
	"loket/sync/ledger"
	"loket/sync/vault"
	"loket/sync/wire"
)

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
	r := restoring{data: *data, supervisor: *supervisor, pin: strings.TrimSpace(pin), read: clock.System, stderr: stderr}
	restored, err := r.run(context.Background(), *from)
	if err == nil {
		err = json.NewEncoder(stdout).Encode(restored)
	}
	if err != nil {
		fmt.Fprintf(stderr, "kiosk restore: %v\n", err)
		return 1
	}
	return 0
}

// restoring is one `kiosk restore`.
type restoring struct {
	data            string // folder
	supervisor, pin string
	read            func() clock.Reading
	stderr          io.Writer
}

func (r restoring) run(ctx context.Context, backup string) (ledger.Restored, error) {
	return ledger.Restore(ctx, backup, filepath.Join(r.data, ledgerName), ledger.Options{}, r.confirm)
}

// confirm implements ledger.Confirm: it signs with the key that the backup keeps
// for the supervisor, which this machine and the PIN open. An older ledger must
// give nobody new tries or an earlier time: both go on from the one that is
// still there, as far as that can be read.
func (r restoring) confirm(ctx context.Context, l *ledger.Ledger, o wire.Opening) (signed wire.SignedOpening, _ error) {
	machine, err := machineOf(r.data)
	if err != nil {
		return signed, err
	}
	now, err := r.clockOf(ctx, l)
	if err != nil {
		return signed, err
	}
	var store vault.Store = l.Vault()
	old, err := r.old(ctx)
	if err == nil && old != nil {
		defer old.Close() // nothing is written to it any more
		store, now, err = r.carry(ctx, old, store, now)
	}
	if err != nil { // which may be why there is a restore
		fmt.Fprintf(r.stderr, "kiosk restore: the ledger that is here can't be used, so wrong PINs and the time go on from the backup's: %v\n", err)
	}
	v, err := vault.Open(ctx, store, machine, vault.Options{Now: now.Now, Floor: now.Floor})
	if err != nil {
		return signed, err
	}
	s, err := v.LogIn(ctx, r.supervisor, r.pin)
	if err != nil {
		return signed, err
	}
	defer s.Lock()
	if role := s.Officer().Role; role != wire.RoleSupervisor {
		return signed, fmt.Errorf("%s is no supervisor: %q", r.supervisor, role)
	}
	state, err := json.Marshal(now.State())
	if err != nil {
		return signed, err
	}
	if err := l.Set(ctx, settingClock, state); err != nil {
		return signed, err
	}
	o.Officer = r.supervisor
	return wire.SignOpening(o, s)
}

// carry has store and clock go on from the old ledger's; where it fails, both are
// as before.
func (r restoring) carry(ctx context.Context, old *ledger.Ledger, store vault.Store, now *clock.Clock) (vault.Store, *clock.Clock, error) {
	kept, err := r.clockOf(ctx, old)
	if err != nil {
		return store, now, err
	}
	carried, err := vault.Carry(ctx, old.Vault(), store)
	if err != nil {
		return store, now, err
	}
	if kept.Floor().After(now.Floor()) {
		now = kept
	}
	return carried, now, nil
}

// old opens the ledger in whose place the backup comes; nil where none is.
func (r restoring) old(ctx context.Context) (*ledger.Ledger, error) {
	path := filepath.Join(r.data, ledgerName)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return ledger.Open(ctx, path, ledger.Options{})
}

// clockOf is the clock that a ledger keeps.
func (r restoring) clockOf(ctx context.Context, l *ledger.Ledger) (*clock.Clock, error) {
	var state clock.State
	b, err := l.Get(ctx, settingClock)
	if err == nil {
		err = json.Unmarshal(b, &state)
	}
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return nil, fmt.Errorf("setting %s: %w", settingClock, err)
	}
	return clock.New(r.read, state, 0), nil
}
