package central

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Server is a Home that answers.
type Server struct {
	*Home
	mailer           Mailer
	log              *slog.Logger
	wake             chan struct{} // a mail may be due
	slow             chan struct{} // as many argon2id at once as there are cores
	counters, phones string        // where counters and phones reach it
}

// NewServer makes a server of a Home; mailer sends the codes.
func NewServer(h *Home, mailer Mailer, log *slog.Logger) *Server {
	return &Server{Home: h, mailer: mailer, log: log, wake: make(chan struct{}, 1), slow: make(chan struct{}, runtime.NumCPU())}
}

// link is what a mail links to: a page that explains, and activates nothing.
func (s *Server) link() string {
	if s.phones == "" {
		return ""
	}
	return s.phones + pathExplain
}

// Listen says where counters and phones reach this server: addresses as
// "https://host:port". Other processes of this Home (device codes) learn it too.
func (s *Server) Listen(ctx context.Context, counters, phones string) error {
	s.counters, s.phones = counters, phones
	err := s.store.tx(ctx, func(tx *sql.Tx) error {
		return errors.Join(putSetting(ctx, tx, settingCounters, []byte(counters)), putSetting(ctx, tx, settingPhones, []byte(phones)))
	})
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return nil
}

// hosts are the names that a listener's certificate is for.
func hosts(url string) []string {
	host, _, err := net.SplitHostPort(strings.TrimPrefix(url, "https://"))
	if err != nil {
		return nil
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		return []string{host, "localhost"}
	}
	return []string{host}
}

// Run answers on both listeners, mails codes and ends those that expire, until
// ctx ends. Listen has said before under which addresses. It closes the listeners.
func (s *Server) Run(ctx context.Context, counters, phones net.Listener) error {
	open, err := s.alarmsOpen(ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("run: %w", err), counters.Close(), phones.Close())
	}
	if open > 0 {
		s.log.Warn("audit alarms that nobody has looked into: central alarms", "count", open)
	}
	g, ctx := errgroup.WithContext(ctx)
	serve := func(l net.Listener, h http.Handler, c *tls.Config) {
		srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute,
			IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
		g.Go(func() error {
			if err := srv.Serve(tls.NewListener(l, c)); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
		g.Go(func() error {
			<-ctx.Done()
			grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if srv.Shutdown(grace) != nil {
				return srv.Close()
			}
			return nil
		})
	}
	serve(counters, s.Counters(), s.TLS(true, hosts(s.counters)...))
	serve(phones, s.Phones(), s.TLS(false, hosts(s.phones)...))
	g.Go(func() error { return s.Chores(ctx) })
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Chores mails what is due and ends expired codes until ctx ends. Several
// replicas may do so over one database.
func (s *Server) Chores(ctx context.Context) error {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		if _, err := s.mailDue(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("mail", slog.Any("err", err))
		}
		if n, err := s.expireCodes(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("codes", slog.Any("err", err))
		} else if n > 0 {
			s.log.Info("codes expired", "count", n)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-s.wake:
		}
	}
}

// nudge wakes Chores.
func (s *Server) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
