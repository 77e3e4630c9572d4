// Package centraltest starts a real central for tests: its own keys and
// database, both listeners on loopback, and a mail server that keeps mail in a
// folder.
package centraltest

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"loket/sync/central"
	"loket/sync/central/maildrop"
	"loket/sync/wire"
)

// Office is the office of officers and counters here: Kab. Rejang Lebong.
const Office = "17.02"

// Central is a running one.
type Central struct {
	Home     *central.Home
	Dir      string // data directory
	Counters string // https://127.0.0.1:port
	Phones   string
	RootFile string // X.509 root, PEM: what phones are given
	Mail     *maildrop.Drop
	MailDir  string
	Server   *central.Server
	Recovery string // the recovery key, as Init prints it

	now func() time.Time
	t   testing.TB
}

// Options are what a test may choose.
type Options struct {
	Now    func() time.Time // time.Now unless given
	Policy *wire.Policy     // the shipped one unless given
	Log    *slog.Logger     // none unless given
}

// Start runs a central until the test ends.
func Start(t testing.TB) *Central { return StartWith(t, Options{}) }

// StartWith is Start with options.
func StartWith(t testing.TB, o Options) *Central {
	t.Helper()
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &Central{Dir: filepath.Join(t.TempDir(), "central"), MailDir: filepath.Join(t.TempDir(), "mail"), now: o.Now, t: t}
	c.RootFile = filepath.Join(c.Dir, central.RootFile)
	secrets, err := central.Init(ctx, c.Dir, o.Now)
	c.ok(err)
	c.Recovery = secrets.Recovery
	c.Home, err = central.OpenHome(ctx, c.Dir, o.Now)
	c.ok(err)
	if o.Policy != nil {
		_, err = c.Home.SetPolicy(ctx, *o.Policy)
		c.ok(err)
	}
	c.Mail, err = maildrop.Start(c.MailDir, "127.0.0.1:0")
	c.ok(err)
	var counters, phones net.Listener
	counters, c.Counters = c.listen()
	phones, c.Phones = c.listen()
	c.Server = central.NewServer(c.Home, central.SMTP{Addr: c.Mail.Addr, From: "aktivasi@contoh.id", STARTTLS: "none"}, o.Log)
	c.ok(c.Server.Listen(ctx, c.Counters, c.Phones))
	done := make(chan error, 1)
	go func() { done <- c.Server.Run(ctx, counters, phones) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("central: %v", err)
		}
		c.ok(c.Mail.Close())
		c.ok(c.Home.Close())
	})
	return c
}

// At is a central that another process runs at these addresses, over the data
// directory of home. It has no Mail of its own.
func At(t testing.TB, home *central.Home, dir, counters, phones string) *Central {
	return &Central{Home: home, Dir: dir, Counters: counters, Phones: phones, RootFile: filepath.Join(dir, central.RootFile), now: time.Now, t: t}
}

func (c *Central) listen() (net.Listener, string) {
	c.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	c.ok(err)
	return l, "https://" + l.Addr().String()
}

func (c *Central) ok(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// DeviceCode makes a code for a new counter of Office.
func (c *Central) DeviceCode(counter string) wire.DeviceCode {
	c.t.Helper()
	code, err := c.Home.NewDeviceCode(context.Background(), c.Counters, Office, counter)
	c.ok(err)
	return code
}

// Officer adds an officer of Office and gives the first password.
func (c *Central) Officer(id, name, role string) (password string) {
	c.t.Helper()
	password, err := c.Home.AddOfficer(context.Background(), central.Officer{ID: id, Name: name, Role: role, Office: Office})
	c.ok(err)
	return password
}

// Records takes these in, photos too.
func (c *Central) Records(records ...wire.Record) {
	c.t.Helper()
	dir := c.t.TempDir()
	c.ok(central.WriteRecords(dir, records))
	_, err := c.Home.ImportRecords(context.Background(), dir)
	c.ok(err)
}

// Rows counts what the database holds.
func (c *Central) Rows() central.Rows {
	c.t.Helper()
	r, err := c.Home.Rows(context.Background())
	c.ok(err)
	return r
}

// AwaitMail waits for the mail with this number (from 0) and gives it.
func (c *Central) AwaitMail(n int) maildrop.Mail {
	c.t.Helper()
	limit := time.After(2 * time.Minute)
	for {
		fresh := c.Mail.Fresh()
		mails, err := c.Mail.Mails()
		c.ok(err)
		if len(mails) > n {
			return mails[n]
		}
		select {
		case <-fresh:
		case <-limit:
			c.t.Fatalf("no mail %d within two minutes", n)
		}
	}
}
