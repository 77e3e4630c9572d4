package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// A mailbox is an SMTP server that keeps each letter as a file in a folder.
type mailbox struct {
	folder string
	server *smtp.Server
	Addr   string

	mu    sync.Mutex
	count int
}

func openMailbox(folder string) (*mailbox, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open mailbox: %w", err)
	}
	m := &mailbox{folder: folder, Addr: ln.Addr().String()}
	m.server = smtp.NewServer(m)
	m.server.Domain = "localhost"
	m.server.ReadTimeout = 10 * time.Second
	m.server.WriteTimeout = 10 * time.Second
	m.server.MaxMessageBytes = 1 << 20
	go m.server.Serve(ln) // ends with Close
	return m, nil
}

func (m *mailbox) Close() error { return m.server.Close() }

// NewSession makes mailbox a backend of go-smtp.
func (m *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &delivery{box: m}, nil }

// delivery is one SMTP transaction.
type delivery struct {
	box *mailbox
	to  []string
}

func (d *delivery) Reset()                               { d.to = nil }
func (d *delivery) Logout() error                        { return nil }
func (d *delivery) Mail(string, *smtp.MailOptions) error { return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.to = append(d.to, to)
	return nil
}

func (d *delivery) Data(r io.Reader) error {
	d.box.mu.Lock()
	defer d.box.mu.Unlock()
	d.box.count++
	name := filepath.Join(d.box.folder, fmt.Sprintf("%03d.eml", d.box.count))
	f, err := os.OpenFile(name+".part", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	fmt.Fprintf(f, "X-Envelope-To: %s\r\n", strings.Join(d.to, ", "))
	_, err = io.Copy(f, r)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(name+".part", name)
}

// A letter is what arrived for one address.
type letter struct {
	MessageID string
	Body      string
}

// Letters reads from the folder every letter for an address, oldest first.
func (m *mailbox) Letters(address string) ([]letter, error) {
	names, err := filepath.Glob(filepath.Join(m.folder, "*.eml"))
	if err != nil {
		return nil, err
	}
	var found []letter
	for _, name := range names {
		l, to, err := readLetter(name)
		if err != nil {
			return nil, fmt.Errorf("read letter %s: %w", filepath.Base(name), err)
		}
		if strings.EqualFold(to, address) {
			found = append(found, l)
		}
	}
	return found, nil
}
