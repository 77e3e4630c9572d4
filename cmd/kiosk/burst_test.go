package main

import (
	"testing"
	"time"

	"loket/sync/client"
	"loket/sync/wire"
)

func TestBurst(t *testing.T) {
	at := time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC)
	var b burst
	settle := func(n int) {
		outs := make([]client.Outcome, n)
		for i := range outs {
			outs[i].State = wire.StateAccepted
		}
		b.settled(append(outs, client.Outcome{Cause: "offline"})) // one that is put off
	}
	for _, c := range []struct {
		name        string
		do          func()
		after       time.Duration
		done, total int
		left        time.Duration
	}{
		{"212 wait, no line", func() { b.waits(212) }, 0, 0, 0, 0},
		{"begins", func() { b.watch(client.Sending, at) }, 0, 0, 212, 0},
		{"37 of 212", func() { settle(37); b.waits(175) }, 37 * time.Second, 37, 212, 175 * time.Second},
		{"the line breaks: still on the way", func() { b.watch(client.Offline, at); b.watch(client.Sending, at.Add(time.Hour)) }, 37 * time.Second, 37, 212, 175 * time.Second},
		{"one more is decided", func() { b.waits(176) }, 37 * time.Second, 37, 213, 176 * time.Second},
		{"all are there", func() { settle(176); b.waits(0) }, time.Minute, 0, 0, 0},
		{"the next one", func() { b.waits(1); b.watch(client.Sending, at) }, 0, 0, 1, 0},
	} {
		c.do()
		if done, total, left := b.left(at.Add(c.after)); done != c.done || total != c.total || left != c.left {
			t.Errorf("%s: %d of %d, %v; want %d of %d, %v", c.name, done, total, left, c.done, c.total, c.left)
		}
	}
}
