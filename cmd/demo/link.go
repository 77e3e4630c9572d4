package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// A link is the line between counter and central: it passes bytes on, and can
// be cut. While it is cut its port refuses connections and those under way are
// reset, as when a van loses its modem.
type link struct {
	Addr   string
	target string

	mu    sync.Mutex
	ln    net.Listener
	conns map[net.Conn]struct{}
}

// openLink listens on a free port; target may be set later, before the first
// connection, by Join.
func openLink() (*link, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open link: %w", err)
	}
	l := &link{Addr: ln.Addr().String(), ln: ln, conns: map[net.Conn]struct{}{}}
	return l, nil
}

// Join begins to pass connections on to target.
func (l *link) Join(target string) {
	l.target = target
	go l.accept(l.ln)
}

func (l *link) accept(ln net.Listener) {
	for {
		from, err := ln.Accept()
		if err != nil {
			return // cut or closed
		}
		to, err := net.Dial("tcp", l.target)
		if err != nil {
			from.Close()
			continue
		}
		l.mu.Lock()
		l.conns[from], l.conns[to] = struct{}{}, struct{}{}
		l.mu.Unlock()
		go l.pass(from, to)
		go l.pass(to, from)
	}
}

func (l *link) pass(to, from net.Conn) {
	io.Copy(to, from) // an error here is the line's end, which the peers notice themselves
	to.Close()
	from.Close()
	l.mu.Lock()
	delete(l.conns, to)
	delete(l.conns, from)
	l.mu.Unlock()
}

// Cut takes the line down, and leaves one that is down as it is; Mend brings it
// back on the same port.
func (l *link) Cut() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.ln.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	for c := range l.conns {
		if t, ok := c.(*net.TCPConn); ok {
			t.SetLinger(0)
		}
		c.Close()
	}
	return err
}

func (l *link) Mend() error {
	ln, err := net.Listen("tcp", l.Addr)
	if err != nil {
		return fmt.Errorf("mend link: %w", err)
	}
	l.mu.Lock()
	l.ln = ln
	l.mu.Unlock()
	go l.accept(ln)
	return nil
}
