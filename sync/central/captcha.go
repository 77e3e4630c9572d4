package central

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"loket/sync/wire"
)

// captchaLife is how long a question can be answered.
const captchaLife = 5 * time.Minute

var (
	digitsID = []string{"nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"}
	digitsEN = []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
)

// wordID writes 0 to 19 in Indonesian.
func wordID(n int) string {
	switch {
	case n < 10:
		return digitsID[n]
	case n == 10:
		return "sepuluh"
	case n == 11:
		return "sebelas"
	}
	return digitsID[n-10] + " belas"
}

// newCaptcha asks a sum in words: it reads aloud as well as it is seen.
func (h *Home) newCaptcha(ctx context.Context) (wire.CaptchaResponse, error) {
	a, b := 1+draw(9), 1+draw(9)
	raw := make([]byte, 12)
	rand.Read(raw)
	now := h.now()
	c := wire.CaptchaResponse{ID: hex.EncodeToString(raw), Expires: now.Add(captchaLife).UTC(),
		Question: fmt.Sprintf("Berapa %s tambah %s?", digitsID[a], digitsID[b]),
		English:  fmt.Sprintf("How much is %s plus %s?", digitsEN[a], digitsEN[b])}
	err := h.store.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM captchas WHERE expires < $1", millis(now)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO captchas (id, hash, expires) VALUES ($1, $2, $3)",
			c.ID, h.keys.mac("captcha", c.ID, strconv.Itoa(a+b)), millis(c.Expires))
		return err
	})
	if err != nil {
		return wire.CaptchaResponse{}, fmt.Errorf("captcha: %w", err)
	}
	return c, nil
}

// takeCaptcha uses a question up, whatever the answer, and says whether the
// answer was right: in digits or in words.
func (h *Home) takeCaptcha(ctx context.Context, tx queryer, id, answer string) (bool, error) {
	var hash []byte
	err := tx.QueryRowContext(ctx, "DELETE FROM captchas WHERE id = $1 AND expires > $2 RETURNING hash", id, millis(h.now())).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("captcha: %w", err)
	}
	return hmac.Equal(hash, h.keys.mac("captcha", id, plainAnswer(answer))), nil
}

// plainAnswer writes an answer as digits.
func plainAnswer(s string) string {
	s = strings.Join(strings.Fields(strings.ToLower(s)), " ")
	for n := range 20 {
		if s == wordID(n) || s == strings.ReplaceAll(wordID(n), " ", "") {
			return strconv.Itoa(n)
		}
	}
	return strings.TrimLeft(s, "0")
}
