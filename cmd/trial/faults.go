package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// faultsReport is what `trial faults` prints.
type faultsReport struct {
	Trial   string       `json:"trial"`
	Seed    uint64       `json:"seed"`
	Bytes   int          `json:"packet_bytes"` // of one refusal, small where -probe is
	Line    faultsResult `json:"bad_line"`
	Control faultsResult `json:"control_without_idempotence_key"`
	Seconds float64      `json:"seconds"`
}

// faultsResult is one run: what was done to it, and what came of it.
type faultsResult struct {
	Counters     int            `json:"counters"`
	Packets      int            `json:"packets"`
	Approvals    int            `json:"approvals"` // the others are refusals
	Faults       map[string]int `json:"faults"`    // of the line, by kind
	CounterKills int            `json:"counter_kills"`
	CentralKills int            `json:"central_kills"`
	SentAgain    int            `json:"sent_more_than_once"`    // packets that a counter handed to its line twice or more
	ArrivedAgain int            `json:"arrived_more_than_once"` // of them, those of which central said so
	Saved        int            `json:"saved"`                  // decisions of which a counter said that they are on the disk
	Lost         int            `json:"lost"`                   // of them, those that are not in its ledger, or not accepted by central
	Rows         int            `json:"rows_at_central"`
	Twice        int            `json:"applied_twice"` // rows, codes or mails beyond one for each
	Codes        int            `json:"codes"`
	Mails        int            `json:"mails"`        // by Message-ID
	MailsAgain   int            `json:"mails_again"`  // handed over twice under one Message-ID: central died before it could write that down
	ToldMailed   int            `json:"told_mailed"`  // approvals whose counter knows that the mail has left
	Recovered    int            `json:"recovered"`    // opened and verified by the recovery key
	ChainFaults  int            `json:"chain_faults"` // of the counters' audit logs
	HeadsHeld    int            `json:"heads_held"`   // counters whose whole log central has signed for
	Alarms       int            `json:"audit_alarms"` // that central raised: each is a false one
	Seconds      float64        `json:"seconds"`
}

// faultsPlan is how a run is to be.
type faultsPlan struct {
	dir, central      string // folder for everything, central's program
	packets, counters int
	every             int // each so many-th decision is an approval
	probe             int // bytes
	seed              uint64
	kill, forget      bool
	progress          io.Writer
}

// faults sends decisions over a bad line and kills both ends.
func faults(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := newFlags("faults", progress)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	p := faultsPlan{progress: progress, kill: true}
	flags.IntVar(&p.packets, "packets", 3000, "decisions of all counters together")
	flags.IntVar(&p.counters, "counters", 4, "counters that send at once, each over a line of its own")
	flags.IntVar(&p.every, "approve", 10, "each so many-th decision is an approval, with a code and a mail")
	flags.IntVar(&p.probe, "probe", 1<<10, "`bytes` of face crop in a packet; 30 KB are usual")
	flags.Uint64Var(&p.seed, "seed", 1, "of faults and kills")
	flags.StringVar(&p.central, "central", filepath.Join(filepath.Dir(self), "central"), "central's `program`")
	folder := flags.String("counter", "", "be the counter whose things are in this `folder`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *folder != "" {
		return runFaultsCounter(ctx, *folder, out)
	}
	began := time.Now()
	r := faultsReport{Trial: "faults", Seed: p.seed}
	if r.Line, r.Bytes, err = p.run(ctx, "bad line"); err != nil {
		return err
	}
	c := p
	c.packets, c.counters, c.kill, c.forget = min(p.packets, 400), 2, false, true
	if r.Control, _, err = c.run(ctx, "control"); err != nil {
		return err
	}
	r.Seconds = secondsSince(began)
	return tell(out, r)
}

// judge holds the figures against the bars.
func (r faultsReport) judge() error {
	l := r.Line
	switch {
	case l.Lost > 0 || l.Saved != l.Packets || l.Rows < l.Packets || l.Recovered < l.Packets:
		return fmt.Errorf("bad line: of %d decisions %d were saved, %d lost, %d are at central, %d open with the recovery key", l.Packets, l.Saved, l.Lost, l.Rows, l.Recovered)
	case l.Twice > 0:
		return fmt.Errorf("bad line: %d applied twice", l.Twice)
	case l.Codes != l.Approvals || l.Mails != l.Approvals:
		return fmt.Errorf("bad line: %d approvals, %d codes, %d mails", l.Approvals, l.Codes, l.Mails)
	case l.ToldMailed != l.Approvals:
		return fmt.Errorf("bad line: of %d approvals the counters know that %d were mailed", l.Approvals, l.ToldMailed)
	case l.ChainFaults > 0 || l.HeadsHeld != l.Counters:
		return fmt.Errorf("bad line: %d faults in the audit logs, central holds %d of %d heads", l.ChainFaults, l.HeadsHeld, l.Counters)
	case 10*l.SentAgain <= 3*l.Packets:
		return fmt.Errorf("bad line: only %d of %d packets were sent more than once: the line was too good", l.SentAgain, l.Packets)
	case l.CounterKills == 0 || l.CentralKills == 0:
		return fmt.Errorf("bad line: %d counters and %d centrals were killed", l.CounterKills, l.CentralKills)
	case r.Control.Twice == 0:
		return errors.New("control: without the idempotence key nothing was applied twice")
	}
	return nil
}

// run does one run in a folder of its own.
func (p faultsPlan) run(ctx context.Context, what string) (r faultsResult, bytes int, err error) {
	began := time.Now()
	if p.dir, err = os.MkdirTemp("", "loket-trial-faults"); err != nil {
		return r, 0, err
	}
	defer os.RemoveAll(p.dir)
	fmt.Fprintf(p.progress, "%s: enrolling %d counters, registering %d citizens\n", what, p.counters, p.approvals())
	o, err := openFaultsOffice(ctx, p)
	if err != nil {
		return r, 0, err
	}
	defer func() { err = errors.Join(err, o.close()) }()
	fmt.Fprintf(p.progress, "%s: %d packets\n", what, p.packets)
	if err := o.send(ctx); err != nil {
		return r, 0, err
	}
	fmt.Fprintf(p.progress, "%s: all counters are done; waiting for the mail, then counting\n", what)
	r, bytes, err = o.count(ctx)
	r.Seconds = secondsSince(began)
	return r, bytes, err
}

// approvals is how many decisions are approvals: of each counter the first and
// then every so many-th.
func (p faultsPlan) approvals() (n int) {
	for i := range p.counters {
		n += (p.share(i) + p.every - 1) / p.every
	}
	return n
}

// share is how many decisions counter i makes.
func (p faultsPlan) share(i int) int {
	n := p.packets / p.counters
	if i < p.packets%p.counters {
		n++
	}
	return n
}
