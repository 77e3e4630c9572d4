package centraltest

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"image"
	"image/jpeg"
	"net/http"
	"os"
	"testing"
	"time"

	"loket/scanner/token"
	"loket/sync/wire"
)

// Phone is a citizen's phone, as far as central sees one.
type Phone struct {
	Key          ed25519.PrivateKey
	Registration wire.RegistrationResponse
	Now          func() time.Time // time.Now unless set

	url    string
	client *http.Client
	t      testing.TB
}

// Phone makes a phone with a key of its own that trusts this central.
func (c *Central) Phone() *Phone {
	c.t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	c.ok(err)
	root, err := os.ReadFile(c.RootFile)
	c.ok(err)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(root) {
		c.t.Fatal("root is not PEM")
	}
	return &Phone{Key: key, Now: time.Now, url: c.Phones, t: c.t,
		client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}, Timeout: 2 * time.Minute}}
}

// Post sends a body and reads central's answer: nil or a *wire.Error.
func (p *Phone) Post(path string, body, answer any) error {
	p.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := p.client.Post(p.url+path, "application/json", bytes.NewReader(data))
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	dec := json.NewDecoder(resp.Body)
	if resp.StatusCode != http.StatusOK {
		told := &wire.Error{Status: resp.StatusCode}
		if err := dec.Decode(told); err != nil {
			p.t.Fatal(err)
		}
		return told
	}
	if err := dec.Decode(answer); err != nil {
		p.t.Fatal(err)
	}
	return nil
}

// Ask signs a body for a purpose and posts it.
func (p *Phone) Ask(path string, purpose wire.Purpose, body wire.Asking, answer any) error {
	p.t.Helper()
	r, err := wire.SignRequest(purpose, body, p.Now(), p.Key)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.Post(path, r, answer)
}

// Subject names the phone's registration in a request.
func (p *Phone) Subject() wire.Ask { return wire.Ask{Subject: p.Registration.Registration} }

// Register registers this NIK with the phone.
func (p *Phone) Register(nik, email string) error {
	p.t.Helper()
	body := &wire.Registration{NIK: nik, Email: email, Number: "0812 3456 7890", Selfie: JPEG(), Key: p.SPKI()}
	return p.Ask(wire.PathRegistrations, wire.PurposeRegistration, body, &p.Registration)
}

// SPKI is the phone's public key.
func (p *Phone) SPKI() []byte { return SPKI(p.t, p.Key.Public()) }

// Present makes a presentation of now.
func (p *Phone) Present() []byte {
	p.t.Helper()
	msg, err := token.Present(p.Registration.Credential, p.Key, p.Now(), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return msg
}

// State asks where the registration stands.
func (p *Phone) State() wire.Progress {
	p.t.Helper()
	var s wire.StateResponse
	ask := p.Subject()
	if err := p.Ask(wire.PathState, wire.PurposeState, &ask, &s); err != nil {
		p.t.Fatal(err)
	}
	return s.State
}

// Activate hands in a code with a right answer to a captcha.
func (p *Phone) Activate(code string) error {
	p.t.Helper()
	var c wire.CaptchaResponse
	if err := p.Post(wire.PathCaptchas, struct{}{}, &c); err != nil {
		p.t.Fatal(err)
	}
	var s wire.StateResponse
	return p.Ask(wire.PathActivations, wire.PurposeActivation,
		&wire.Activation{Ask: p.Subject(), Code: code, Captcha: c.ID, Answer: Answer(c.Question)}, &s)
}

// SetPIN chooses the PIN.
func (p *Phone) SetPIN(pin string) error {
	p.t.Helper()
	var s wire.StateResponse
	return p.Ask(wire.PathPIN, wire.PurposePIN, &wire.PIN{Ask: p.Subject(), PIN: pin}, &s)
}

// SPKI is the DER of a public key.
func SPKI(t testing.TB, key crypto.PublicKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// JPEG is a small grey picture: a selfie or photo for those who look at no face.
func JPEG() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}
