package main

import (
	"io"
	"net"
	"testing"
	"time"
)

// echo answers each connection with what it says.
func echo(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); io.Copy(c, c) }()
		}
	}()
	return ln.Addr().String()
}

func pingPong(c net.Conn) error {
	c.SetDeadline(time.Now().Add(time.Minute))
	if _, err := c.Write([]byte("ada?")); err != nil {
		return err
	}
	_, err := io.ReadFull(c, make([]byte, 4))
	return err
}

func TestLinkCutAndMended(t *testing.T) {
	l, err := openLink()
	if err != nil {
		t.Fatal(err)
	}
	l.Join(echo(t))
	c, err := net.Dial("tcp", l.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := pingPong(c); err != nil {
		t.Fatal("the line does not pass bytes on:", err)
	}
	if err := l.Cut(); err != nil {
		t.Fatal(err)
	}
	if err := pingPong(c); err == nil {
		t.Error("a connection outlived the cut")
	}
	if c, err := net.Dial("tcp", l.Addr); err == nil {
		c.Close()
		t.Error("a cut line takes connections")
	}
	if err := l.Mend(); err != nil {
		t.Fatal(err)
	}
	defer l.Cut()
	again, err := net.Dial("tcp", l.Addr)
	if err != nil {
		t.Fatal("the mended line refuses:", err)
	}
	defer again.Close()
	if err := pingPong(again); err != nil {
		t.Error("the mended line does not pass bytes on:", err)
	}
}
