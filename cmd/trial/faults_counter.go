package main

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"loket/app/activation"
	"loket/sync/client"
	"loket/sync/client/outbox"
	"loket/sync/ledger"
	"loket/sync/wire"
)

// faultsKit is all that a counter of `trial faults` has beside its ledger.
type faultsKit struct {
	Device      wire.DeviceResponse
	Key         ed25519.PrivateKey // the device's
	Officer     string
	Signer      ed25519.PrivateKey // the officer's
	Certificate []byte
	Recipients  []wire.Recipient
	Citizens    []faultsCitizen
	Packets     int
	Every       int
	Probe       int
}

// faultsCitizen has a phone whose code was scanned.
type faultsCitizen struct {
	NIK, Email, Number, Registration string
	Presentation                     []byte
}

const (
	faultsKitFile = "counter.json"
	faultsLedger  = "ledger.db"
	// faultsHaste shortens the sender's backoff: 2 s of it become at most 0.2 s.
	faultsHaste = 0.1
	// faultsPace is the time between two decisions, so that many batches meet the line.
	faultsPace = 4 * time.Millisecond
)

func readFaultsKit(dir string) (k faultsKit, err error) {
	data, err := os.ReadFile(filepath.Join(dir, faultsKitFile))
	if err == nil {
		err = json.Unmarshal(data, &k)
	}
	return k, err
}

// runFaultsCounter is a counter of its own process, which may be killed at any
// moment and started again: it decides what was not decided yet, sends with the
// kiosk's own ledger and sender, and ends when central has everything. It prints
// "saved ID" when a decision is on the disk, "settled N" when central has
// answered for N packets, "synced" when it has for all of them.
func runFaultsCounter(ctx context.Context, dir string, out io.Writer) error {
	kit, err := readFaultsKit(dir)
	if err != nil {
		return err
	}
	l, err := ledger.Open(ctx, filepath.Join(dir, faultsLedger), ledger.Options{Device: kit.Device.Device})
	if err != nil {
		return err
	}
	defer l.Close()
	c, err := client.New(kit.Device, kit.Key, client.Options{})
	if err != nil {
		return err
	}
	defer c.Close()
	var mu sync.Mutex
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(out, format+"\n", args...)
	}
	synced := make(chan struct{}, 1)
	s := &client.Sender{Central: c, Rand: func() float64 { return faultsHaste * rand.Float64() },
		Outbox: outbox.Outbox{Ledger: l, Device: kit.Key, Trust: func() uint64 { return 1 },
			Done: func(outs []client.Outcome) {
				if n := answered(outs); n > 0 {
					say("settled %d", n)
				}
			}},
		Watch: func(st client.State) {
			if st.Link != client.Online {
				return
			}
			select {
			case synced <- struct{}{}:
			default:
			}
		}}
	ctx, cancel := context.WithCancel(ctx)
	sent := make(chan error, 1)
	go func() { sent <- s.Run(ctx) }()
	go logInAgain(ctx, c, kit, s)
	err = kit.serve(ctx, l, s, say, synced, sent)
	cancel()
	return err
}

// answered counts those that central has said something of; others were put off.
func answered(outs []client.Outcome) (n int) {
	for _, o := range outs {
		if o.State != "" {
			n++
		}
	}
	return n
}

// serve decides all that is left, then waits until central has answered for it.
func (k faultsKit) serve(ctx context.Context, l *ledger.Ledger, s *client.Sender, say func(string, ...any), synced <-chan struct{}, sent <-chan error) error {
	for {
		at, err := l.Next(ctx)
		if err != nil {
			return err
		}
		i := int(at.Seq) - 1
		if i >= k.Packets {
			break
		}
		d := k.decision(i)
		p, err := wire.Seal(wire.Sealing{Decision: d, Position: at, Device: k.Key, Recipients: k.Recipients,
			Officer: wire.KeyApprover{Key: k.Signer, Cert: k.Certificate}})
		if err != nil {
			return err
		}
		if err := l.Decide(ctx, ledger.Entry{Packet: p, Decision: d.Kind, Reason: d.Reason, Undo: -1}); err != nil {
			return err
		}
		say("saved %s", p.ID())
		s.Kick()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-sent:
			return fmt.Errorf("sender ended: %w", err)
		case <-time.After(faultsPace):
		}
	}
	for {
		c, err := l.Counts(ctx, time.Time{})
		if err != nil {
			return err
		}
		if c.Waiting == 0 {
			say("synced")
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-sent:
			return fmt.Errorf("sender ended: %w", err)
		case <-synced:
		case <-time.After(5 * time.Second):
		}
	}
}

// decision is the i-th of this counter.
func (k faultsKit) decision(i int) wire.Decision {
	now := time.Now().UTC().Truncate(time.Second)
	d := wire.Decision{Packet: wire.NewPacketID(), Session: fmt.Sprintf("s-%d", i), At: now, Zone: "Asia/Jakarta",
		Office: k.Device.Office, Counter: k.Device.Counter, Device: k.Device.Device, Officer: k.Officer,
		Kind: string(activation.Refuse), Reason: string(activation.FaceNoMatch), Consent: wire.Consent{At: now, How: "spoken"},
		Face: &wire.Face{Probe: make([]byte, k.Probe), Metric: "similarity", Score: 0.2, Band: "no-match", Reference: wire.Reference{Taken: now}}}
	if i%k.Every > 0 {
		return d
	}
	c := k.Citizens[i/k.Every]
	d.Kind, d.Reason, d.Contact = string(activation.Approve), "", true
	d.Registration, d.NIK, d.Email, d.Number, d.Presentation = c.Registration, c.NIK, c.Email, c.Number, c.Presentation
	d.Checks = []wire.Check{{Name: "signature", OK: true}}
	d.Face.Score, d.Face.Band, d.Face.Look = 0.7, "match", true
	d.Face.Limits = wire.Thresholds{Match: 0.553, Doubtful: 0.433, Measured: true}
	return d
}

// logInAgain opens the officer's session, which ended with the process before:
// without one central tells no events.
func logInAgain(ctx context.Context, c *client.Client, k faultsKit, s *client.Sender) {
	for {
		if _, err := c.LogInSigned(ctx, k.Officer, k.Signer); err == nil {
			s.Kick()
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(300 * time.Millisecond):
		}
	}
}
