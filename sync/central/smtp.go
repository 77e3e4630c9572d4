package central

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"
)

// SMTP is a Mailer that speaks to a mail server.
type SMTP struct {
	Addr     string // host:port
	From     string // bare address
	STARTTLS string // "required" (the default), "tried", or "none": only to a loopback address
	User     string
	Password string
	Roots    *tls.Config // nil: the system's certificates
}

// ErrPlain says that mail would cross a network unencrypted.
var ErrPlain = errors.New("mail without TLS is for a loopback address only")

// client checks the settings and makes a client for one connection, which ends
// with ctx: go-mail itself heeds it only while it dials.
func (m SMTP) client(ctx context.Context) (*mail.Client, error) {
	host, text, err := net.SplitHostPort(m.Addr)
	if err != nil {
		return nil, fmt.Errorf("mail server's address: %w", err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("mail server's port: %w", err)
	}
	policy := mail.TLSMandatory
	ip := net.ParseIP(host)
	loopback := host == "localhost" || (ip != nil && ip.IsLoopback())
	switch m.STARTTLS {
	case "", "required":
	case "tried":
		policy = mail.TLSOpportunistic
	case "none":
		policy = mail.NoTLS
	default:
		return nil, fmt.Errorf("STARTTLS %q: want required, tried or none", m.STARTTLS)
	}
	if policy != mail.TLSMandatory && !loopback {
		return nil, ErrPlain
	}
	opts := []mail.Option{mail.WithPort(port), mail.WithTLSPolicy(policy), mail.WithTimeout(15 * time.Second), mail.WithHELO("loket-ikd")}
	opts = append(opts, mail.WithDialContextFunc(func(dial context.Context, network, addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(dial, network, addr)
		if err == nil {
			context.AfterFunc(ctx, func() { conn.Close() })
		}
		return conn, err
	}))
	if m.Roots != nil {
		opts = append(opts, mail.WithTLSConfig(m.Roots))
	}
	if m.User != "" {
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.User), mail.WithPassword(m.Password))
	}
	return mail.NewClient(host, opts...)
}

// Check says whether the settings can be used at all.
func (m SMTP) Check() error {
	_, err := m.client(context.Background())
	if err == nil {
		err = mail.NewMsg().From(m.From)
	}
	return err
}

// Send implements Mailer. Its errors name no address.
func (m SMTP) Send(ctx context.Context, l Letter) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c, err := m.client(ctx)
	if err != nil {
		return err
	}
	msg := mail.NewMsg()
	if err := msg.FromFormat(l.Sender, m.From); err != nil {
		return fmt.Errorf("mail's sender: %w", err)
	}
	if err := msg.To(l.To); err != nil {
		return ErrBounced
	}
	msg.Subject(l.Subject)
	msg.SetMessageIDWithValue(l.MessageID)
	msg.SetDateWithValue(l.At)
	msg.SetGenHeader(mail.Header("Auto-Submitted"), "auto-generated")
	msg.SetBodyString(mail.TypeTextPlain, l.Text)
	err = c.DialAndSendWithContext(ctx, msg)
	var refused *mail.SendError
	if !errors.As(err, &refused) {
		return err
	}
	code := refused.ErrorCode()
	switch refused.Reason {
	case mail.ErrSMTPRcptTo, mail.ErrSMTPData, mail.ErrSMTPDataClose:
		if code >= 500 {
			return fmt.Errorf("%w: %d %s", ErrBounced, code, refused.EnhancedStatusCode())
		}
	}
	return fmt.Errorf("mail server: %s: %d %s", refused.Reason, code, refused.EnhancedStatusCode())
}
