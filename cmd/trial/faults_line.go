package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// faultsLine is one counter's line to central: a TCP proxy of toxiproxy, which
// spoils it in turns. It is the goroutine of spoil's alone.
type faultsLine struct {
	server *toxiproxy.ApiServer
	proxy  *toxiproxy.Proxy
	rand   *rand.Rand
	count  map[string]int // faults by kind
}

// newFaultsLine opens a line to central at this host:port.
func newFaultsLine(name, central string, seed uint64) (*faultsLine, error) {
	zerolog.SetGlobalLevel(zerolog.Disabled) // toxiproxy tells of each connection
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := toxiproxy.NewProxy(server, name, "127.0.0.1:0", central)
	if err := p.Start(); err != nil {
		return nil, fmt.Errorf("line %s: %w", name, err)
	}
	return &faultsLine{server: server, proxy: p, rand: rand.New(rand.NewPCG(seed, 1)), count: map[string]int{}}, nil
}

// A poison is one way to spoil a line, drawn anew each time.
type poison struct {
	kind   string // "down", or toxiproxy's
	stream string
	spoil  map[string]int
}

// draw draws a fault. Those that lose an answer come most often: central has
// done then what the counter doesn't know of.
func (l *faultsLine) draw() poison {
	n := func(from, to int) int { return from + l.rand.IntN(to-from) }
	either := []string{"upstream", "downstream"}[l.rand.IntN(2)]
	switch l.rand.IntN(11) {
	case 0:
		return poison{"latency", either, map[string]int{"latency": n(20, 150), "jitter": n(5, 20)}}
	case 1:
		return poison{"bandwidth", "upstream", map[string]int{"rate": n(20, 200)}}
	case 2:
		return poison{"slicer", either, map[string]int{"average_size": n(60, 300), "size_variation": n(5, 50), "delay": n(10, 500)}}
	case 3:
		return poison{"timeout", "upstream", map[string]int{"timeout": n(20, 150)}}
	case 4:
		return poison{"limit_data", "upstream", map[string]int{"bytes": n(1, 12000)}}
	case 5, 6:
		return poison{"limit_data", "downstream", map[string]int{"bytes": n(1, 300)}}
	case 7:
		return poison{"timeout", "downstream", map[string]int{"timeout": n(20, 150)}}
	case 8:
		return poison{"reset_peer", "upstream", map[string]int{"timeout": n(0, 30)}}
	case 9:
		return poison{"reset_peer", "downstream", map[string]int{"timeout": n(0, 30)}}
	}
	return poison{kind: "down"}
}

// spoil makes the line bad and good again until ctx ends. A bad time lasts up to
// a third of a second; a good one until something has got through (progress),
// so that a slow machine comes to its end too, and a little longer.
func (l *faultsLine) spoil(ctx context.Context, progress <-chan struct{}) error {
	for ctx.Err() == nil {
		if err := l.bad(ctx, l.draw()); err != nil {
			return err
		}
		for len(progress) > 0 { // what was before the good time
			<-progress
		}
		select {
		case <-ctx.Done():
		case <-progress:
			wait(ctx, time.Duration(l.rand.IntN(100))*time.Millisecond)
		case <-time.After(5 * time.Second): // nothing is to be sent, or a process starts
		}
	}
	return nil
}

func (l *faultsLine) bad(ctx context.Context, p poison) error {
	d := time.Duration(40+l.rand.IntN(300)) * time.Millisecond
	if p.kind == "down" {
		l.count["down"]++
		if replaced, err := l.do(func(p *toxiproxy.Proxy) error { p.Stop(); return nil }); replaced || err != nil {
			return err
		}
		wait(ctx, d)
		return l.open()
	}
	l.count[p.kind+" "+p.stream]++
	toxic, err := json.Marshal(map[string]any{"name": "fault", "type": p.kind, "stream": p.stream, "attributes": p.spoil})
	if err != nil {
		return err
	}
	replaced, err := l.do(func(p *toxiproxy.Proxy) error { _, err := p.Toxics.AddToxicJson(bytes.NewReader(toxic)); return err })
	if replaced || err != nil {
		return err
	}
	wait(ctx, d)
	_, err = l.do(func(p *toxiproxy.Proxy) error { return p.Toxics.RemoveToxic(context.WithoutCancel(ctx), "fault") })
	return err
}

// do has the proxy do something. Where it takes five seconds it will take for
// ever, and another takes its place: toxiproxy v2.12.0 holds its lock while it
// waits for a connection whose other end has gone (seen once in 83,677 packets:
// ToxicLink.AddToxic waits for a NoopToxic that writes to nobody).
func (l *faultsLine) do(f func(p *toxiproxy.Proxy) error) (replaced bool, err error) {
	done, p := make(chan error, 1), l.proxy
	go func() { done <- f(p) }()
	select {
	case err := <-done:
		if err != nil {
			err = fmt.Errorf("line: %w", err)
		}
		return false, err
	case <-time.After(5 * time.Second):
	}
	go p.Stop() // it closes the listener before it waits for what never ends
	l.count["proxy replaced"]++
	l.proxy = toxiproxy.NewProxy(l.server, p.Name, p.Listen, p.Upstream)
	return true, l.open()
}

// open opens the line at the address that it had, which the proxy before, or
// another program, may have for a moment.
func (l *faultsLine) open() (err error) {
	for range 100 {
		if err = l.proxy.Start(); err == nil {
			return nil
		}
		<-time.After(100 * time.Millisecond)
	}
	return fmt.Errorf("line: %w", err)
}

// wait waits for real time: the processes that are waited for have no other.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
