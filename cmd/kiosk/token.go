package main

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"loket/scanner/token"
	"loket/sync/ledger"
)

// maxTokenInput is the most that is read from standard input, in bytes.
const maxTokenInput = 1 << 20

// tokenAnswer is the one JSON object that `kiosk token verify` prints.
type tokenAnswer struct {
	Valid  bool           `json:"valid"`
	Checks []token.Check  `json:"checks"`
	Claims map[string]any `json:"claims"`
	Kind   string         `json:"kind,omitempty"`
	Proof  bool           `json:"proof"`           // a phone proved that it holds the key
	Error  string         `json:"error,omitempty"` // what was wrong with the call
}

// tokenCall is how it was asked.
type tokenCall struct {
	profile           string
	hex               bool
	decrypt, external []byte
	audience          []byte
	session           *ecdh.PrivateKey
	ledger            string
	keys              token.KeyFile
	now               time.Time
}

// profiles and the use under which a single key is believed for them.
var tokenProfiles = map[string]token.Use{
	"ikd": token.UseCredential, "claim169": token.UseClaim169, "dgc": "dgc", "cose": "cose",
	"counter": token.UseDevice, "trust": token.UseCredential,
}

// tokenVerify checks one code from standard input against keys from a file and
// prints one JSON object. It returns 0 for a valid code, 1 for an invalid one,
// 2 for wrong usage.
func tokenVerify(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	answer := func(a tokenAnswer, code int) int {
		if a.Checks == nil {
			a.Checks = []token.Check{}
		}
		if a.Claims == nil {
			a.Claims = map[string]any{}
		}
		if err := json.NewEncoder(stdout).Encode(a); err != nil {
			fmt.Fprintf(stderr, "kiosk token verify: %v\n", err)
			return 2
		}
		return code
	}
	call, err := parseTokenCall(args, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "kiosk token verify: %v\n", err)
		return answer(tokenAnswer{Error: err.Error()}, 2)
	}
	input, err := io.ReadAll(io.LimitReader(stdin, maxTokenInput))
	if err != nil {
		return answer(tokenAnswer{Error: err.Error()}, 2)
	}
	v, err := call.verify(input)
	if err != nil {
		fmt.Fprintf(stderr, "kiosk token verify: %v\n", err)
		return answer(tokenAnswer{Error: err.Error()}, 2)
	}
	code := 1
	if v.Valid {
		code = 0
	}
	return answer(tokenAnswer{Valid: v.Valid, Checks: v.Checks, Claims: v.Claims, Kind: v.Kind, Proof: v.Proof}, code)
}

func parseTokenCall(args []string, stderr io.Writer) (tokenCall, error) {
	flags := flag.NewFlagSet("kiosk token verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: kiosk token verify --profile ikd|claim169|dgc|cose|counter|trust --trust FILE --now RFC3339 <CODE")
		flags.PrintDefaults()
	}
	var c tokenCall
	flags.StringVar(&c.profile, "profile", "", "ikd, claim169, dgc, cose, counter (a counter's own code) or trust (a signed trust list, in hexadecimal, after the one of --trust)")
	flags.BoolVar(&c.hex, "hex", false, "standard input is hexadecimal")
	decrypt := flags.String("decrypt-key", "", "AES key of an encrypted card, `HEX`")
	external := flags.String("external-aad", "", "external data that was signed too, `HEX` (cose)")
	audience := flags.String("audience", "", "SHA-256 of the counter's code on show, `HEX` (ikd)")
	session := flags.String("session-key", "", "X25519 private key of the counter's code on show, `HEX` (ikd)")
	flags.StringVar(&c.ledger, "ledger", "", "`FILE` that remembers each valid code, so that none counts twice (ikd); made when missing")
	trust := flags.String("trust", "", "`FILE`: trust list, signing_key, JWK or COSE_Key in JSON, or PEM")
	now := flags.String("now", "", "time to check at, `RFC3339`; the PC's clock when missing (cose: no dates are checked)")
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	use, ok := tokenProfiles[c.profile]
	if !ok || flags.NArg() > 0 {
		flags.Usage()
		return c, fmt.Errorf("--profile %q, %d further arguments", c.profile, flags.NArg())
	}
	for _, f := range []struct {
		name, value string
		into        *[]byte
	}{{"decrypt-key", *decrypt, &c.decrypt}, {"external-aad", *external, &c.external}, {"audience", *audience, &c.audience}} {
		var err error
		if *f.into, err = hex.DecodeString(f.value); err != nil {
			return c, fmt.Errorf("--%s: %w", f.name, err)
		}
	}
	if *session != "" {
		raw, err := hex.DecodeString(*session)
		if err != nil {
			return c, fmt.Errorf("--session-key: %w", err)
		}
		if c.session, err = ecdh.X25519().NewPrivateKey(raw); err != nil {
			return c, fmt.Errorf("--session-key: %w", err)
		}
	}
	if *now != "" {
		var err error
		if c.now, err = time.Parse(time.RFC3339, *now); err != nil {
			return c, fmt.Errorf("--now: %w", err)
		}
	} else if c.profile != "cose" {
		c.now = time.Now()
	}
	data, err := os.ReadFile(*trust)
	if err != nil {
		return c, fmt.Errorf("--trust: %w", err)
	}
	if c.keys, err = token.ReadKeyFile(data, use); err != nil && !errors.Is(err, token.ErrUnknownKey) {
		// A key of a kind that is not used here is no mistake of the caller: nothing is believed then.
		return c, fmt.Errorf("--trust: %w", err)
	}
	if len(c.decrypt) == 0 {
		c.decrypt = c.keys.Decrypt
	}
	return c, nil
}

// verify takes the input as it is, but for one line end at its end, which is
// no letter of any code and which shells add.
func (c tokenCall) verify(input []byte) (token.Verdict, error) {
	c.hex = c.hex || c.profile == "trust"
	if c.profile != "cose" || c.hex || isHex(input) {
		input = bytes.TrimSuffix(bytes.TrimSuffix(input, []byte("\n")), []byte("\r"))
	}
	if c.hex || c.profile == "cose" && isHex(input) {
		raw, err := hex.DecodeString(string(input))
		if err != nil {
			return token.Verdict{Checks: []token.Check{{Name: token.CheckFormat, Reason: token.ReasonMalformed}}}, nil
		}
		input = raw
	}
	foreign := token.Foreign{Trust: c.keys.Trust, Use: tokenProfiles[c.profile], Decrypt: c.decrypt}
	switch c.profile {
	case "claim169":
		return foreign.Claim169(string(input), c.now), nil
	case "dgc":
		return foreign.DGC(string(input), c.now), nil
	case "cose":
		foreign.AnyKID = c.keys.AnyKID
		return foreign.COSE(input, c.external, c.now), nil
	case "counter":
		return token.VerifyCounter(string(input), c.keys.Trust, c.now), nil
	case "trust":
		return token.VerifyTrust(input, c.keys.Trust, c.now), nil
	}
	v := token.Verifier{Trust: c.keys.Trust, SessionKey: c.session}
	if len(c.audience) > 0 {
		v.Audience = c.audience
	}
	if c.ledger == "" {
		return v.Verify(string(input), c.now), nil
	}
	l, err := ledger.Open(context.Background(), c.ledger, ledger.Options{Now: func() time.Time { return c.now }})
	if err != nil {
		return token.Verdict{}, fmt.Errorf("--ledger: %w", err)
	}
	v.Replay = l
	out := v.Verify(string(input), c.now)
	if err := l.Close(); err != nil {
		return out, fmt.Errorf("--ledger: %w", err)
	}
	return out, nil
}

// isHex says that input is hexadecimal digits, at most with a line end.
func isHex(input []byte) bool {
	digits := strings.TrimRight(string(input), "\r\n")
	return digits != "" && strings.Trim(digits, "0123456789abcdefABCDEF") == ""
}
