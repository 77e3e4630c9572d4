package maildrop_test

import (
	"errors"
	"net"
	"strconv"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/wneessen/go-mail"

	"loket/sync/central/maildrop"
)

// TestDropKeepsWhatArrives sends two mails and one that is refused, and finds
// the code in the one that has one.
func TestDropKeepsWhatArrives(t *testing.T) {
	dir := t.TempDir()
	drop, err := maildrop.Start(dir, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	drop.Refuse(func(to string) error {
		if to == "nobody@contoh.id" {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
		}
		return nil
	})
	host, port, err := net.SplitHostPort(drop.Addr)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	client, err := mail.NewClient(host, mail.WithPort(number), mail.WithTLSPolicy(mail.NoTLS), mail.WithHELO("localhost"))
	if err != nil {
		t.Fatal(err)
	}
	fresh := drop.Fresh()
	for _, c := range []struct {
		to, body string
		refused  bool
	}{
		{"sri@contoh.id", "Kode aktivasi Anda:\n\n482917\n\nBerlaku 24 jam.", false},
		{"budi@contoh.id", "Tidak ada kode pada 21-11-2026.", false},
		{"nobody@contoh.id", "482917", true},
	} {
		m := mail.NewMsg()
		m.Subject("Kode aktivasi IKD – baru")
		m.SetBodyString(mail.TypeTextPlain, c.body)
		err := errors.Join(m.From("ikd@contoh.id"), m.To(c.to), client.DialAndSendWithContext(t.Context(), m))
		if (err != nil) != c.refused {
			t.Fatalf("to %s: %v", c.to, err)
		}
	}
	select {
	case <-fresh:
	default:
		t.Error("mails came and nobody was told")
	}
	if err := drop.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := maildrop.Read(dir)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d mails, %v; want two", len(got), err)
	}
	for i, want := range []struct{ to, code string }{{"sri@contoh.id", "482917"}, {"budi@contoh.id", ""}} {
		if m := got[i]; m.To != want.to || m.Code() != want.code || m.MessageID == "" || m.Subject != "Kode aktivasi IKD – baru" {
			t.Errorf("mail %d: %+v, code %q", i, m, m.Code())
		}
	}
}
