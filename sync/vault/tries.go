package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// PINError is a wrong PIN or a pause. It is ErrPIN or ErrPaused for errors.Is.
type PINError struct {
	Left   int           // tries left before a pause
	Paused time.Duration // still to wait; 0 is not paused
}

func (e *PINError) Error() string {
	if e.Paused > 0 {
		return fmt.Sprintf("%v: %v to wait", ErrPaused, e.Paused.Round(time.Second))
	}
	return fmt.Sprintf("%v: %d tries left", ErrPIN, e.Left)
}

// Is implements errors.Is.
func (e *PINError) Is(target error) bool {
	return target == ErrPIN && e.Paused == 0 || target == ErrPaused && e.Paused > 0
}

// triesRow counts wrong PINs since the last right one.
type triesRow struct {
	Wrong int       `json:"wrong"`
	Until time.Time `json:"until"` // of the pause, by the floor: nobody ends it by setting the PC's clock
}

// Paused says how long an officer still has to wait, and how many tries are left.
func (v *Vault) Paused(ctx context.Context, officer string) (wait time.Duration, left int, err error) {
	row, err := v.tries(ctx, officer)
	return max(row.Until.Sub(v.floor()), 0), Tries - row.Wrong, err
}

// tries reads the count; a pause that is over begins a new one, and one that is
// longer than a pause was written before central lowered the floor.
func (v *Vault) tries(ctx context.Context, officer string) (triesRow, error) {
	var row triesRow
	if _, err := v.load(ctx, rowTries+officer, &row); err != nil {
		return row, err
	}
	if !row.Until.IsZero() && !v.floor().Before(row.Until) {
		row = triesRow{}
	}
	if row.Until.Sub(v.floor()) > Pause {
		row.Until = v.floor().Add(Pause)
		return row, v.saveTries(ctx, officer, row)
	}
	return row, nil
}

// try opens an officer's secrets with a PIN. The try is on the disk as a wrong
// one before it is made, so that pulling the plug gives none for free.
func (v *Vault) try(ctx context.Context, id, pin string) (officerRow, officerSecrets, error) {
	var sec officerSecrets
	row, err := v.officer(ctx, id)
	if err != nil {
		return row, sec, fmt.Errorf("officer %s: %w", id, err)
	}
	count, err := v.tries(ctx, id)
	if err != nil {
		return row, sec, err
	}
	if wait := count.Until.Sub(v.floor()); wait > 0 {
		return row, sec, &PINError{Paused: wait}
	}
	if count.Wrong++; count.Wrong >= Tries {
		count.Until = v.floor().Add(Pause)
	}
	if err := v.saveTries(ctx, id, count); err != nil {
		return row, sec, err
	}
	plain, err := v.openOfficer(row, pin)
	if errors.Is(err, ErrPaused) { // the machine itself has counted
		return row, sec, &PINError{Paused: Pause}
	}
	if errors.Is(err, ErrOpen) || errors.Is(err, ErrPIN) {
		if count.Wrong >= Tries {
			return row, sec, &PINError{Paused: Pause}
		}
		return row, sec, &PINError{Left: Tries - count.Wrong}
	}
	if err != nil {
		return row, sec, err
	}
	if err := json.Unmarshal(plain, &sec); err != nil {
		return row, sec, fmt.Errorf("officer %s: %w", id, err)
	}
	return row, sec, v.store.Put(ctx, map[string][]byte{rowTries + id: nil})
}

func (v *Vault) openOfficer(row officerRow, pin string) ([]byte, error) {
	key, err := v.pinKey(row.ID, pin, row.Salt, row.Argon2)
	if err != nil {
		return nil, err
	}
	if row.Bound != nil {
		if key, _, err = v.guarded(key, row.Bound); err != nil {
			return nil, err
		}
	}
	return unseal(key, rowOfficer+row.ID, row.Sealed)
}

func (v *Vault) saveTries(ctx context.Context, id string, count triesRow) error {
	b, err := v.row(rowTries+id, count)
	if err != nil {
		return err
	}
	return v.store.Put(ctx, map[string][]byte{rowTries + id: b})
}
