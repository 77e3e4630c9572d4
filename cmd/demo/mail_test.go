package main

import (
	"context"
	"net"
	"strconv"
	"testing"

	"github.com/wneessen/go-mail"
)

func TestMailboxKeepsWhatArrives(t *testing.T) {
	box, err := openMailbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	host, port, _ := net.SplitHostPort(box.Addr)
	number, _ := strconv.Atoi(port)
	client, err := mail.NewClient(host, mail.WithPort(number), mail.WithTLSPolicy(mail.NoTLS), mail.WithHELO("localhost"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ to, body string }{
		{"sri@contoh.id", "Kode aktivasi Anda:\n\n    482 917\n\nBerlaku 24 jam."},
		{"budi@contoh.id", "Tidak ada kode pada 21-11-2026."},
	} {
		m := mail.NewMsg()
		if err := m.From("ikd@contoh.id"); err != nil {
			t.Fatal(err)
		}
		if err := m.To(c.to); err != nil {
			t.Fatal(err)
		}
		m.Subject("Kode aktivasi IKD")
		m.SetBodyString(mail.TypeTextPlain, c.body)
		if err := client.DialAndSendWithContext(context.Background(), m); err != nil {
			t.Fatal(err)
		}
	}
	got, err := box.Letters("sri@contoh.id")
	if err != nil || len(got) != 1 {
		t.Fatalf("Letters: %d letters, %v; want one", len(got), err)
	}
	if got[0].MessageID == "" {
		t.Error("the letter lost its Message-ID")
	}
	if code, err := got[0].code(); err != nil || code != "482917" {
		t.Errorf("code %q, %v; want 482917", code, err)
	}
	other, err := box.Letters("budi@contoh.id")
	if err != nil || len(other) != 1 {
		t.Fatalf("Letters: %d letters, %v; want one", len(other), err)
	}
	if code, err := other[0].code(); err == nil {
		t.Errorf("found code %q in a letter without one", code)
	}
}
