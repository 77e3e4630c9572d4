package central

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"loket/scanner/token"
	"loket/sync/wire"
)

// registration is a phone that said who its owner is.
type registration struct {
	ID, NIK, Email, Number string
	Key                    crypto.PublicKey
	State                  wire.Progress
	StateAt                time.Time
	Reason                 string
	Activated              time.Time
	Expires                time.Time // of the credential
	Code                   string    // for people; "" for none
}

// errNoRegistration says that central never made a registration.
var errNoRegistration = errors.New("unknown registration")

func (h *Home) registration(ctx context.Context, q queryer, id string) (registration, error) {
	r := registration{ID: id}
	var der []byte
	var at, activated, expires int64
	err := q.QueryRowContext(ctx, "SELECT nik, email, number, spki, state, state_at, reason, activated_at, expires, code FROM registrations WHERE id = $1", id).
		Scan(&r.NIK, &r.Email, &r.Number, &der, &r.State, &at, &r.Reason, &activated, &expires, &r.Code)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errNoRegistration
	} else if err != nil {
		return r, fmt.Errorf("registration: %w", err)
	}
	r.StateAt, r.Activated, r.Expires = fromMillis(at), fromMillis(activated), fromMillis(expires)
	r.Key, _, err = parseKey(der)
	return r, err
}

func (h *Home) setProgress(ctx context.Context, tx queryer, id string, state wire.Progress, reason string) error {
	_, err := tx.ExecContext(ctx, "UPDATE registrations SET state = $1, state_at = $2, reason = $3 WHERE id = $4", string(state), millis(h.now()), reason, id)
	return err
}

var phoneNumber = regexp.MustCompile(`^(\+62|62|0)8[0-9]{7,11}$`)

// normalNumber is the international form of an Indonesian mobile number.
func normalNumber(s string) (string, bool) {
	s = strings.NewReplacer(" ", "", "-", "", ".", "").Replace(s)
	if !phoneNumber.MatchString(s) {
		return "", false
	}
	s = strings.TrimPrefix(s, "+")
	return "+62" + strings.TrimPrefix(strings.TrimPrefix(s, "62"), "0"), true
}

// normalEmail accepts a bare address, without a display name.
func normalEmail(s string) (string, bool) {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	_, domain, _ := strings.Cut(s, "@")
	if err != nil || a.Address != s || len(s) > 254 || !strings.Contains(domain, ".") {
		return "", false
	}
	return s, true
}

// register makes a registration from what a phone said. It never looks into
// the registry: the answer is alike for every NIK.
func (h *Home) register(ctx context.Context, r wire.Registration, key crypto.PublicKey) (wire.RegistrationResponse, error) {
	email, okEmail := normalEmail(r.Email)
	number, okNumber := normalNumber(r.Number)
	if !nikDigits.MatchString(r.NIK) || !okEmail || !okNumber || len(r.Selfie) == 0 || len(r.Selfie) > wire.MaxSelfie || !isJPEG(r.Selfie) {
		return wire.RegistrationResponse{}, fault(wire.CodeBadRequest)
	}
	raw := make([]byte, 10)
	rand.Read(raw)
	now := h.now().UTC().Truncate(time.Second)
	out := wire.RegistrationResponse{Registration: base32.StdEncoding.EncodeToString(raw), Expires: now.Add(token.CredentialLife)}
	var err error
	out.Credential, err = token.Issue(token.Credential{Issuer: Issuer, Registration: out.Registration, IssuedAt: now, Expires: out.Expires,
		Phone: key, NIK: r.NIK, Email: email, Number: number, Selfie: sha256.Sum256(r.Selfie)}, h.keys.issuer)
	if err != nil {
		return wire.RegistrationResponse{}, fault(wire.CodeBadRequest)
	}
	err = h.store.tx(ctx, func(tx *sql.Tx) error {
		if err := h.fresh(ctx, tx, r.Ask); err != nil {
			return err
		}
		var err error
		if out.Code, err = drawCode(ctx, tx, r.NIK); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO registrations (id, nik, email, number, selfie, spki, credential, created, expires, state, state_at, code)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, out.Registration, r.NIK, email, number, r.Selfie, r.Key, out.Credential,
			millis(now), millis(out.Expires), string(wire.ProgressRegistered), millis(now), out.Code)
		return err
	})
	if err != nil {
		return wire.RegistrationResponse{}, fmt.Errorf("register: %w", err)
	}
	return out, nil
}

func isJPEG(b []byte) bool { return len(b) > 3 && b[0] == 0xff && b[1] == 0xd8 && b[2] == 0xff }

// fresh takes a signed request once, and only while its time is about now.
func (h *Home) fresh(ctx context.Context, tx queryer, a wire.Ask) error {
	now := h.now()
	if d := now.Sub(a.At); d > wire.RequestLeeway || d < -wire.RequestLeeway {
		return fault(wire.CodeRequestOld)
	}
	if len(a.Nonce) != 16 {
		return fault(wire.CodeBadRequest)
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM requests WHERE at < $1", millis(now.Add(-3*wire.RequestLeeway))); err != nil {
		return err
	}
	ok, err := one(tx.ExecContext(ctx, "INSERT INTO requests (nonce, at) VALUES ($1, $2) ON CONFLICT (nonce) DO NOTHING", a.Nonce, millis(now)))
	if err == nil && !ok {
		err = fault(wire.CodeRequestSeen)
	}
	return err
}

// progressWords says to the citizen what comes next.
var progressWords = map[wire.Progress]string{
	wire.ProgressRegistered: "Datang ke loket Dukcapil dengan KTP-el dan ponsel ini, lalu tunjukkan kode QR.",
	wire.ProgressApproved:   "Disetujui. Kode aktivasi sedang dikirim ke e-mail Anda.",
	wire.ProgressMailed:     "Buka e-mail Anda, lalu masukkan kode aktivasi di ponsel ini.",
	wire.ProgressCoded:      "Kode diterima. Pilih PIN enam angka.",
	wire.ProgressActive:     "IKD Anda aktif. KTP-el tetap berlaku.",
	wire.ProgressRefused:    "Belum dapat diaktifkan. Ikuti petunjuk dari petugas.",
	wire.ProgressBlocked:    "IKD diblokir. Hubungi Dukcapil.",
	wire.ProgressExpired:    "Kode sudah tidak berlaku. Minta kode baru kepada petugas Dukcapil.",
	wire.ProgressCancelled:  "Aktivasi dibatalkan. Hubungi petugas Dukcapil.",
}

// state is what a phone may see of its registration.
func (r registration) state() wire.StateResponse {
	return wire.StateResponse{Registration: r.ID, State: r.State, Reason: r.Reason, Next: progressWords[r.State], Email: maskEmail(r.Email), At: r.StateAt}
}

// maskEmail leaves the first letter and the domain.
func maskEmail(s string) string {
	local, domain, _ := strings.Cut(s, "@")
	if local == "" {
		return ""
	}
	return string([]rune(local)[:1]) + "•••@" + domain
}
