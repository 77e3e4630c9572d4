package token_test

import (
	"bytes"
	"crypto"
	"errors"
	"testing"

	"loket/scanner/token"
)

// world is a central, a device and a phone with everything signed that one
// visit needs.
type world struct {
	root, issuer, device, deviceCA, phone crypto.Signer
	trust                                 token.TrustList
	credential                            []byte
	certificate                           []byte
}

func sample(phone crypto.PublicKey) token.Credential {
	return token.Credential{
		Issuer: "central.contoh.id", Registration: "R-7K2M-Q4TX", IssuedAt: start.Add(-48 * 60 * 60 * 1e9), Expires: start.Add(5 * 24 * 60 * 60 * 1e9),
		Phone: phone, NIK: "1702014507900001", Email: "sri.contoh@contoh.id", Number: "+6281200000001", Selfie: [32]byte{1, 2, 3},
	}
}

func newWorld(t testing.TB) world {
	t.Helper()
	w := world{root: edKey(t), issuer: edKey(t), device: edKey(t), deviceCA: edKey(t), phone: edKey(t)}
	w.trust = token.TrustList{Version: 1, Issued: start, Expires: start.AddDate(0, 1, 0), Roots: []crypto.PublicKey{w.root.Public()},
		Keys: []token.TrustedKey{
			{Use: token.UseCredential, Key: w.issuer.Public(), Issuer: "central.contoh.id"},
			{Use: token.UseDevice, Key: w.deviceCA.Public()},
		}}
	var err error
	if w.credential, err = token.Issue(sample(w.phone.Public()), w.issuer); err != nil {
		t.Fatal(err)
	}
	if w.certificate, err = token.IssueCertificate(token.Certificate{Kind: token.KindDevice, Subject: "D-01", Office: "1702",
		Key: w.device.Public(), NotBefore: start.AddDate(0, -1, 0), NotAfter: start.AddDate(1, 0, 0)}, w.deviceCA); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w world) present(t testing.TB, audience []byte) []byte {
	t.Helper()
	msg, err := token.Present(w.credential, w.phone, start, audience)
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

func TestPresentation(t *testing.T) {
	w := newWorld(t)
	msg := w.present(t, nil)
	text := token.PresentationText(msg)
	t.Logf("presentation: %d bytes, %d characters", len(msg), len(text))
	if len(msg) > 460 {
		t.Errorf("presentation of %d bytes", len(msg))
	}
	p, c, err := token.OpenPresentation(msg, w.trust.Lookup(token.UseCredential, start))
	if err != nil {
		t.Fatal(err)
	}
	if c.NIK != "1702014507900001" || !p.IssuedAt.Equal(start) || !bytes.Equal(p.Raw, msg) {
		t.Errorf("%+v %+v", c, p)
	}
	back, err := token.DecodeBase45(text[len(token.PrefixPresentation):])
	if err != nil || !bytes.Equal(back, msg) {
		t.Errorf("base45 does not come back: %v", err)
	}
	for _, phone := range []crypto.Signer{ecKey(t)} {
		cred, err := token.Issue(sample(phone.Public()), w.issuer)
		if err != nil {
			t.Fatal(err)
		}
		msg, err := token.Present(cred, phone, start, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := token.OpenPresentation(msg, w.trust.Lookup(token.UseCredential, start)); err != nil {
			t.Errorf("P-256 phone: %v", err)
		}
	}
}

func TestCounterCode(t *testing.T) {
	w := newWorld(t)
	code, session, err := token.NewCounter("D-01", "1702", w.certificate, w.device, start)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("counter code: %d characters", len(code.Text))
	got, err := token.OpenCounter(code.Text, w.trust.Lookup(token.UseDevice, start), start)
	if err != nil {
		t.Fatal(err)
	}
	if got.Office != "1702" || !got.Key.Equal(session.PublicKey()) || !bytes.Equal(got.Audience(), code.Audience()) {
		t.Errorf("%+v", got)
	}
	sealed, err := token.SealPresentation(w.present(t, got.Audience()), got.Key)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("sealed presentation: %d characters", len(sealed))
	if _, err := token.OpenCounter(code.Text, w.trust.Lookup(token.UseDevice, start), start.Add(token.CounterLife+2e9)); !errors.Is(err, token.ErrValidity) {
		t.Errorf("expired code: %v", err)
	}
	stolen, _, err := token.NewCounter("D-01", "1702", w.certificate, edKey(t), start)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := token.OpenCounter(stolen.Text, w.trust.Lookup(token.UseDevice, start), start); !errors.Is(err, token.ErrUnknownKey) {
		t.Errorf("code signed without the device's key: %v", err)
	}
	other, _, err := token.NewCounter("D-02", "1702", w.certificate, w.device, start)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := token.OpenCounter(other.Text, w.trust.Lookup(token.UseDevice, start), start); !errors.Is(err, token.ErrFormat) {
		t.Errorf("code in another device's name: %v", err)
	}
}
