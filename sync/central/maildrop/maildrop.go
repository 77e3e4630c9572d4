// Package maildrop is a mail server that keeps what it gets as files in a
// folder, for demonstrations, training and tests: nothing leaves the machine.
package maildrop

import (
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Drop is a running server. Its mails are DIR/0001.eml and so on.
type Drop struct {
	Addr string // host:port

	dir    string
	server *smtp.Server
	done   chan error

	mu     sync.Mutex
	count  int
	refuse func(to string) error
	fresh  chan struct{} // closed when a mail comes
}

// Mail is one kept mail.
type Mail struct {
	File      string
	To        string // of the envelope's header: a bare address
	Subject   string
	MessageID string // without angle brackets
	Text      string
}

// Start serves SMTP on a loopback address ("127.0.0.1:0" takes a free port) and
// keeps mails in dir, which it makes.
func Start(dir, addr string) (*Drop, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("mail drop: %w", err)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("mail drop: %w", err)
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("mail drop: %w", err), l.Close())
	}
	d := &Drop{Addr: l.Addr().String(), dir: dir, count: len(old), done: make(chan error, 1), fresh: make(chan struct{})}
	d.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{drop: d}, nil }))
	d.server.Domain = "localhost"
	d.server.MaxMessageBytes = 1 << 20
	d.server.ErrorLog = log.New(io.Discard, "", 0) // a client that goes away is its own trouble
	d.server.ReadTimeout, d.server.WriteTimeout = 10*time.Second, 10*time.Second
	go func() { d.done <- d.server.Serve(l) }()
	return d, nil
}

// Close stops the server and waits for it.
func (d *Drop) Close() error {
	err := d.server.Close()
	if served := <-d.done; !errors.Is(served, smtp.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// Refuse makes the server ask f about each recipient; an *smtp.SMTPError is
// what it answers. nil takes everything.
func (d *Drop) Refuse(f func(to string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refuse = f
}

// Fresh is closed when the next mail has been kept.
func (d *Drop) Fresh() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fresh
}

// Mails reads all kept mails in the order in which they came.
func (d *Drop) Mails() ([]Mail, error) { return Read(d.dir) }

// Read reads the mails that a Drop keeps in dir.
func Read(dir string) ([]Mail, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil {
		return nil, fmt.Errorf("mail drop: %w", err)
	}
	slices.Sort(files)
	var mails []Mail
	for _, file := range files {
		m, err := read(file)
		if err != nil {
			return nil, fmt.Errorf("mail drop: %s: %w", file, err)
		}
		mails = append(mails, m)
	}
	return mails, nil
}

func read(file string) (Mail, error) {
	f, err := os.Open(file)
	if err != nil {
		return Mail{}, err
	}
	defer f.Close()
	msg, err := mail.ReadMessage(f)
	if err != nil {
		return Mail{}, err
	}
	subject, err := (&mime.WordDecoder{}).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil {
		return Mail{}, err
	}
	to, err := mail.ParseAddress(msg.Header.Get("To"))
	if err != nil {
		return Mail{}, err
	}
	body := msg.Body
	if msg.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return Mail{}, err
	}
	return Mail{File: file, To: to.Address, Subject: subject, MessageID: strings.Trim(msg.Header.Get("Message-ID"), "<>"),
		Text: strings.ReplaceAll(string(text), "\r\n", "\n")}, nil
}

// session is one connection.
type session struct{ drop *Drop }

func (s *session) Reset() {}

func (s *session) Logout() error { return nil }

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.drop.mu.Lock()
	refuse := s.drop.refuse
	s.drop.mu.Unlock()
	if refuse == nil {
		return nil
	}
	return refuse(to)
}

// Data keeps the mail whole before it says that it has it.
func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	d := s.drop
	d.mu.Lock()
	defer d.mu.Unlock()
	name := filepath.Join(d.dir, fmt.Sprintf("%04d.eml", d.count+1))
	if err := os.WriteFile(name+".tmp", data, 0o600); err != nil {
		return err
	}
	if err := os.Rename(name+".tmp", name); err != nil {
		return err
	}
	d.count++
	close(d.fresh)
	d.fresh = make(chan struct{})
	return nil
}
