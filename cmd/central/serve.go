package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"loket/sync/central"
)

func serve(ctx context.Context, k *call) error {
	var m central.SMTP
	counters := k.flags.String("counters", "", "`address` for counters (mutual TLS): 0.0.0.0:8443; port 0 takes a free one")
	phones := k.flags.String("phones", "", "`address` for phones (HTTPS): 0.0.0.0:8444")
	host := k.flags.String("host", "", "`name` under which both are reached, where it is not the address")
	k.flags.StringVar(&m.Addr, "smtp", "", "mail server's `host:port`")
	k.flags.StringVar(&m.From, "from", "", "mail `address` of the sender")
	k.flags.StringVar(&m.STARTTLS, "starttls", "required", "required; tried or none to a loopback address only")
	k.flags.StringVar(&m.User, "smtp-user", "", "mail server's `user`")
	passwordFile := k.flags.String("smtp-password-file", "", "`file` with the mail server's password")
	if err := k.parse(0, "counters", "phones", "smtp", "from"); err != nil {
		return err
	}
	if err := readPassword(*passwordFile, &m); err != nil {
		return err
	}
	if err := m.Check(); err != nil {
		return fmt.Errorf("%w: --smtp, --from: %w", errUsage, err)
	}
	h, err := central.OpenHome(ctx, k.data, time.Now)
	if err != nil {
		return err
	}
	defer h.Close()
	log := slog.New(slog.NewTextHandler(k.stderr, nil))
	lc, urlC, err := listen(ctx, *counters, *host)
	if err != nil {
		return err
	}
	lp, urlP, err := listen(ctx, *phones, *host)
	if err != nil {
		lc.Close()
		return err
	}
	s := central.NewServer(h, m, log)
	if err := s.Listen(ctx, urlC, urlP); err != nil {
		return errors.Join(err, lc.Close(), lp.Close())
	}
	fmt.Fprintf(k.stdout, "listening counters %s\nlistening phones %s\n", urlC, urlP)
	return s.Run(ctx, lc, lp)
}

// listen opens a listener and says under which address it is reached.
func listen(ctx context.Context, addr, host string) (net.Listener, string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, "", fmt.Errorf("listen: %w", err)
	}
	at, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		l.Close()
		return nil, "", fmt.Errorf("listen: %w", err)
	}
	if ip := net.ParseIP(at); host == "" && ip != nil && ip.IsUnspecified() {
		l.Close()
		return nil, "", fmt.Errorf("%w: --host is needed where %s is every address of this machine", errUsage, addr)
	} else if host == "" {
		host = at
	}
	return l, "https://" + net.JoinHostPort(host, port), nil
}
