package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"loket/sync/central"
	"loket/sync/client"
	"loket/sync/wire"
)

// tamperOffice is Kab. Rejang Lebong.
const tamperOffice = "17.02"

// tamperCentral is a running central with one counter.
type tamperCentral struct {
	home   *central.Home
	device wire.DeviceResponse
	client *client.Client
	stop   func() error
}

// startCentral runs a real central in dir and enrols a counter with this key.
func startCentral(ctx context.Context, dir string, key ed25519.PrivateKey, log *slog.Logger) (t *tamperCentral, err error) {
	data := filepath.Join(dir, "central")
	if _, err := central.Init(ctx, data, time.Now); err != nil {
		return nil, err
	}
	home, err := central.OpenHome(ctx, data, time.Now)
	if err != nil {
		return nil, err
	}
	counters, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, home.Close())
	}
	phones, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, counters.Close(), home.Close())
	}
	server := central.NewServer(home, central.SMTP{Addr: "127.0.0.1:9", From: "aktivasi@contoh.id", STARTTLS: "none"}, log) // nothing is approved, nothing is mailed
	at := func(l net.Listener) string { return "https://" + l.Addr().String() }
	if err := server.Listen(ctx, at(counters), at(phones)); err != nil {
		return nil, errors.Join(err, home.Close())
	}
	serving, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- server.Run(serving, counters, phones) }()
	t = &tamperCentral{home: home, stop: func() error {
		cancel()
		return errors.Join(<-ended, home.Close(), os.RemoveAll(data))
	}}
	code, err := home.NewDeviceCode(ctx, at(counters), tamperOffice, "Loket 1")
	if err == nil {
		t.device, err = client.Enrol(ctx, code, key, time.Now)
	}
	if err == nil {
		t.client, err = client.New(t.device, key, client.Options{})
	}
	if err != nil {
		return nil, errors.Join(err, t.stop())
	}
	return t, nil
}
