package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/sync/client"
	"loket/sync/roster"
	"loket/sync/vault"
	"loket/sync/wire"
)

// records is app.Records: central's, by the presentation that was scanned, and
// where there is no line the roster's.
type records struct{ s *station }

// centralWait is how long central may take for a record before the roster is
// asked.
const centralWait = 5 * time.Second

func (r *records) Record(ctx context.Context, code activation.Code) (*app.Record, error) {
	k, ok := r.s.known()
	if !ok || k.officer == nil {
		return nil, errNotEnrolled
	}
	rec, err := r.fromCentral(ctx, k, code)
	if link := client.LinkOf(err); link == client.Online || link == client.Unchecked && !errors.Is(err, vault.ErrPINAgain) {
		return rec, err
	}
	// Nobody in the roster is not nobody in the registry: the line's fault stands.
	found, missing := r.s.roster.Get(ctx, k.officer, code.NIK)
	if errors.Is(missing, roster.ErrClock) {
		return nil, rosterFault(missing)
	}
	if missing != nil {
		if !errors.Is(missing, roster.ErrNotFound) {
			r.s.log.Warn("roster", "err", missing)
		}
		return nil, err
	}
	if rec, err = recordOf(found.Record); err != nil {
		return nil, err
	}
	rec.Source, rec.Fetched = "roster", found.Fetched
	rec.Old = found.Old(r.s.now(), k.policy.Offline.RosterDays)
	return rec, nil
}

func (r *records) fromCentral(ctx context.Context, k known, code activation.Code) (*app.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, centralWait)
	defer cancel()
	var answer wire.RecordResponse
	err := r.s.inSession(ctx, k, func() (err error) {
		if code.Typed != "" {
			answer, err = k.central.TypedRecord(ctx, code.Typed, code.NIK)
		} else {
			answer, err = k.central.Record(ctx, code.Presentation, code.Audience)
		}
		return err
	})
	if err != nil {
		return nil, lineFault("record", err)
	}
	if !answer.Found || answer.Record == nil {
		return nil, nil
	}
	rec, err := recordOf(*answer.Record)
	if err != nil {
		return nil, err
	}
	rec.Fetched = r.s.now()
	return rec, nil
}

// recordOf reads central's record.
func recordOf(w wire.Record) (*app.Record, error) {
	born, err := time.Parse(time.DateOnly, w.Born)
	if err != nil {
		return nil, fmt.Errorf("record: date of birth: %w", err)
	}
	rec := &app.Record{Source: "central", Photo: w.Photo, Record: activation.Record{
		NIK: w.NIK, Name: w.Name, Born: born, Sex: activation.Sex(w.Sex), Address: address(w), Married: w.Married,
		Recorded: w.Recorded, Status: activation.NIKStatus(w.NIKStatus), IKD: activation.IKDStatus(w.IKD)}}
	if w.PhotoTaken != "" {
		if rec.Taken, err = time.Parse(time.DateOnly, w.PhotoTaken); err != nil {
			return nil, fmt.Errorf("record: photo's date: %w", err)
		}
	}
	return rec, nil
}

func address(w wire.Record) string {
	switch {
	case w.Kelurahan == "":
		return w.Address
	case w.Address == "":
		return w.Kelurahan
	}
	return w.Address + ", " + w.Kelurahan
}
