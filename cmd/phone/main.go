// Command phone is a citizen's phone, simulated: for training, demos and tests.
//
// The process is the phone. It holds the key that a real one keeps in its
// secure element, registers with central, makes the QR that is renewed every 30
// seconds, and signs what it asks central for. A web page is its glass: `phone
// serve` prints the page's address on standard output. The other commands do
// single steps for scripts and print one JSON object each.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"loket/sync/wire"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `usage: phone COMMAND [flags]

  serve      show the page; prints "listening http://127.0.0.1:PORT"
             [--listen ADDR] [--https]: over TLS by a certificate of its own, for
             the browser of a real phone nearby, which opens its camera for no
             other address (training only: whoever reaches the page is the phone)
  register   --nik --email --number [--selfie FILE]
  text       the text of the QR now
  counter    --text: scan the counter's code; further QRs are sealed to it
  state      ask central where the registration stands
  captcha    ask central for a question
  activate   --code --captcha --answer
  pin        --pin
  card       the active IKD

flags of every command: --central URL --root FILE --data DIR
`

// options are the flags of all commands.
type options struct {
	central, root, data, listen, selfie string
	nik, email, number                  string
	text, code, captcha, answer, pin    string
	https                               bool
}

// run is main with everything it touches handed in. It returns the exit code:
// 0 done, 1 could not be done, 2 wrong usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return 2
	}
	var o options
	flags := flag.NewFlagSet("phone "+args[0], flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage) }
	for name, into := range map[string]*string{
		"central": &o.central, "root": &o.root, "data": &o.data, "selfie": &o.selfie, "nik": &o.nik, "email": &o.email, "number": &o.number,
		"text": &o.text, "code": &o.code, "captcha": &o.captcha, "answer": &o.answer, "pin": &o.pin,
	} {
		flags.StringVar(into, name, "", "")
	}
	flags.StringVar(&o.listen, "listen", "127.0.0.1:0", "")
	flags.BoolVar(&o.https, "https", false, "")
	command, known := commands[args[0]]
	if err := flags.Parse(args[1:]); err != nil || !known || flags.NArg() > 0 || o.central == "" || o.root == "" || o.data == "" {
		fmt.Fprint(stderr, usage)
		return 2
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	p, err := open(o, log)
	if err == nil {
		err = command(ctx, p, o, stdout)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		var told *wire.Error
		if errors.As(err, &told) {
			fmt.Fprintf(stderr, "phone %s: %s: %s %s\n", args[0], told.Code, told.Message, told.Next)
		} else {
			fmt.Fprintf(stderr, "phone %s: %v\n", args[0], err)
		}
		return 1
	}
	return 0
}

// open makes the phone of a data directory.
func open(o options, log *slog.Logger) (*Phone, error) {
	c, err := Dial(o.central, o.root)
	if err != nil {
		return nil, err
	}
	return Open(o.data, c, time.Now, rand.Reader, log)
}

var commands = map[string]func(context.Context, *Phone, options, io.Writer) error{
	"serve": serve,
	"register": func(ctx context.Context, p *Phone, o options, out io.Writer) error {
		selfie, err := selfieFor(o.selfie, o.nik)
		if err != nil {
			return err
		}
		if err := p.Register(ctx, Form{NIK: o.nik, Email: o.email, EmailAgain: o.email, Number: o.number, NumberAgain: o.number, Selfie: selfie}); err != nil {
			return err
		}
		return print(out, p.Status())
	},
	"text": func(_ context.Context, p *Phone, _ options, out io.Writer) error {
		c, err := p.Code()
		if err != nil {
			return err
		}
		return print(out, map[string]any{"text": c.Text, "expires": c.Expires, "sealed": c.Sealed})
	},
	"counter": func(ctx context.Context, p *Phone, o options, out io.Writer) error {
		if err := p.ScanCounter(ctx, o.text); err != nil {
			return err
		}
		c, err := p.Code()
		if err != nil {
			return err
		}
		return print(out, map[string]any{"text": c.Text, "expires": c.Expires, "sealed": c.Sealed})
	},
	"state": func(ctx context.Context, p *Phone, _ options, out io.Writer) error {
		if err := p.Refresh(ctx); err != nil {
			return err
		}
		return print(out, p.Status())
	},
	"captcha": func(ctx context.Context, p *Phone, _ options, out io.Writer) error {
		q, err := p.Captcha(ctx)
		if err != nil {
			return err
		}
		return print(out, q)
	},
	"activate": func(ctx context.Context, p *Phone, o options, out io.Writer) error {
		if err := p.Activate(ctx, o.code, o.captcha, o.answer); err != nil {
			return err
		}
		return print(out, p.Status())
	},
	"pin": func(ctx context.Context, p *Phone, o options, out io.Writer) error {
		if err := p.ChoosePIN(ctx, o.pin, o.pin); err != nil {
			return err
		}
		return print(out, p.Status())
	},
	"card": func(ctx context.Context, p *Phone, _ options, out io.Writer) error {
		c, err := p.Card(ctx)
		if err != nil {
			return err
		}
		return print(out, c)
	},
}

func print(out io.Writer, v any) error { return json.NewEncoder(out).Encode(v) }
