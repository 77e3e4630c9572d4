package central_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"loket/sync/central"
	"loket/sync/wire"
)

// post is a Mailer that answers as told and keeps what it was given.
type post struct {
	mu      sync.Mutex
	answers []error
	letters []central.Letter
}

func (p *post) Send(_ context.Context, l central.Letter) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.letters = append(p.letters, l)
	if len(p.answers) == 0 {
		return nil
	}
	err := p.answers[0]
	p.answers = p.answers[1:]
	return err
}

func TestMailSaysWhatItMust(t *testing.T) {
	d := newDesk(t)
	d.counter.Send(d.counter.Seal(d.counter.Approval(d.phone(t, nik)), nil))
	mail := d.AwaitMail(0)
	for _, want := range []string{"IKD gratis", "jangan berikan kepada siapa pun", "Membuka tautan saja tidak mengaktifkan apa pun",
		d.Phones + "/aktivasi", "IKD is free", mail.Code()} {
		if !strings.Contains(mail.Text, want) {
			t.Errorf("mail does not say %q:\n%s", want, mail.Text)
		}
	}
	for _, never := range []string{"SRI", nik} {
		if strings.Contains(mail.Text, never) {
			t.Errorf("mail says %q", never)
		}
	}
	if len(mail.Code()) != 8 || mail.Subject != "Kode aktivasi IKD Anda / Your IKD activation code" {
		t.Errorf("code of %d digits, subject %q", len(mail.Code()), mail.Subject)
	}
}

func TestRefusedAddressBounces(t *testing.T) {
	d := newDesk(t)
	d.Mail.Refuse(func(string) error {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	})
	p := d.phone(t, nik)
	packet := d.counter.Seal(d.counter.Approval(p), nil)
	d.counter.Send(packet)
	e := d.awaitEvent(t, 0)
	if e.State != wire.StateBounced || e.Reason != "EMAIL_TIDAK_TERBUKA" || e.Packet != packet.ID().String() || e.Next == "" {
		t.Errorf("event %+v", e)
	}
	if p.State() != wire.ProgressExpired || d.Rows().States["codes"]["void"] != 1 {
		t.Errorf("registration %s, codes %v", p.State(), d.Rows().States["codes"])
	}
}

// awaitEvent waits for the counter's first event after a cursor.
func (d desk) awaitEvent(t *testing.T, after int64) wire.Event {
	t.Helper()
	limit := time.After(2 * time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		page, err := d.counter.Client.Events(t.Context(), after)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Events) > 0 {
			return page.Events[0]
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("no event within 30 seconds")
		}
	}
}

// awaitRows waits until the mails' states are as wanted.
func (d desk) awaitRows(t *testing.T, is func(states map[string]int) bool) {
	t.Helper()
	limit := time.After(2 * time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		states := d.Rows().States["mail"]
		if is(states) {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("mails stay %v", states)
		}
	}
}

func TestMailIsPutOffAndSentOnce(t *testing.T) {
	d := newDesk(t)
	block := make(chan struct{})
	d.Mail.Refuse(func(string) error { <-block; return nil }) // this server's own sender waits here
	defer close(block)
	p := d.phone(t, nik)
	d.counter.Send(d.counter.Seal(d.counter.Approval(p), nil))

	// Another replica over the same database, two minutes and more later: the
	// first has not said that it sent the mail.
	shift := 3 * time.Minute
	home, err := central.OpenHome(t.Context(), d.Dir, func() time.Time { return time.Now().Add(shift) })
	if err != nil {
		t.Fatal(err)
	}
	defer home.Close()
	sender := &post{answers: []error{errors.New("421 try later"), nil}}
	s := central.NewServer(home, sender, slog.New(slog.DiscardHandler))
	for i, want := range []struct {
		letters int
		wait    time.Duration
	}{{1, 0}, {1, 0}, {2, time.Minute}, {2, time.Hour}} {
		shift += want.wait
		if err := s.MailDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := len(sender.letters); got != want.letters {
			t.Errorf("round %d: %d letters, want %d", i, got, want.letters)
		}
	}
	if a, b := sender.letters[0], sender.letters[1]; a.MessageID != b.MessageID || a.Text != b.Text {
		t.Error("the second try is another mail")
	}
	if p.State() != wire.ProgressMailed {
		t.Errorf("state %s", p.State())
	}
}

func TestCodesExpire(t *testing.T) {
	d := newDesk(t)
	p := d.phone(t, nik)
	d.counter.Send(d.counter.Seal(d.counter.Approval(p), nil))
	secret := d.AwaitMail(0).Code()
	mailed := d.awaitEvent(t, 0)
	home, err := central.OpenHome(t.Context(), d.Dir, func() time.Time { return time.Now().Add(25 * time.Hour) })
	if err != nil {
		t.Fatal(err)
	}
	defer home.Close()
	if n, err := home.ExpireCodes(t.Context()); err != nil || n != 1 {
		t.Fatalf("%d expired, %v", n, err)
	}
	if e := d.awaitEvent(t, mailed.Cursor); e.State != wire.StateExpired {
		t.Errorf("event %+v", e)
	}
	if err := p.Activate(secret); code(err) != wire.CodeActivationEnded {
		t.Errorf("the code a day later: %v", err)
	}
}

func TestSMTPWantsTLSBeyondLoopback(t *testing.T) {
	for name, tt := range map[string]struct {
		smtp central.SMTP
		good bool
	}{
		"required, far":     {central.SMTP{Addr: "mail.contoh.id:25", From: "ikd@contoh.id"}, true},
		"tried, far":        {central.SMTP{Addr: "mail.contoh.id:25", From: "ikd@contoh.id", STARTTLS: "tried"}, false},
		"none, far":         {central.SMTP{Addr: "mail.contoh.id:25", From: "ikd@contoh.id", STARTTLS: "none"}, false},
		"none, loopback":    {central.SMTP{Addr: "127.0.0.1:25", From: "ikd@contoh.id", STARTTLS: "none"}, true},
		"tried, localhost":  {central.SMTP{Addr: "localhost:25", From: "ikd@contoh.id", STARTTLS: "tried"}, true},
		"another word":      {central.SMTP{Addr: "localhost:25", From: "ikd@contoh.id", STARTTLS: "maybe"}, false},
		"no port":           {central.SMTP{Addr: "localhost", From: "ikd@contoh.id", STARTTLS: "none"}, false},
		"sender no address": {central.SMTP{Addr: "localhost:25", From: "ikd", STARTTLS: "none"}, false},
	} {
		if err := tt.smtp.Check(); (err == nil) != tt.good {
			t.Errorf("%s: %v, want good %t", name, err, tt.good)
		}
	}
}

func TestSilentMailServerEndsWithTheTry(t *testing.T) {
	d := newDesk(t)
	block := make(chan struct{})
	defer close(block)
	d.Mail.Refuse(func(string) error { <-block; return nil })
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begun := time.Now()
	err := central.SMTP{Addr: d.Mail.Addr, From: "ikd@contoh.id", STARTTLS: "none"}.Send(ctx,
		central.Letter{To: "sri@contoh.id", Sender: "IKD", Subject: "x", Text: "x", MessageID: "1@x", At: time.Now()})
	if err == nil || errors.Is(err, central.ErrBounced) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("took %v", took)
	}
}

func TestRequiredTLSRefusesAPlainServer(t *testing.T) {
	d := newDesk(t)
	plain := central.SMTP{Addr: d.Mail.Addr, From: "ikd@contoh.id"}
	letter := central.Letter{To: "sri@contoh.id", Sender: "IKD", Subject: "x", Text: "x", MessageID: "1@x", At: time.Now()}
	if err := plain.Send(t.Context(), letter); err == nil || errors.Is(err, central.ErrBounced) {
		t.Errorf("required: %v", err)
	}
	plain.STARTTLS = "none"
	if err := plain.Send(t.Context(), letter); err != nil {
		t.Errorf("none: %v", err)
	}
}
