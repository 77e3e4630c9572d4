package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"loket/scanner/token"
	"loket/sync/wire"
)

const recordColumns = "nik, name, birth_place, born, sex, address, kelurahan, kecamatan, married, recorded, nik_status, ikd, photo, photo_taken, photo_source"

func scanRecord(row interface{ Scan(...any) error }) (wire.Record, error) {
	var r wire.Record
	err := row.Scan(&r.NIK, &r.Name, &r.BirthPlace, &r.Born, &r.Sex, &r.Address, &r.Kelurahan, &r.Kecamatan,
		&r.Married, &r.Recorded, &r.NIKStatus, &r.IKD, &r.Photo, &r.PhotoTaken, &r.PhotoSource)
	return r, err
}

// record finds a person; found is false for a NIK that the registry lacks.
func (h *Home) record(ctx context.Context, q queryer, nik string) (r wire.Record, found bool, err error) {
	r, err = scanRecord(q.QueryRowContext(ctx, "SELECT "+recordColumns+" FROM records WHERE nik = $1", nik))
	if errors.Is(err, sql.ErrNoRows) {
		return wire.Record{}, false, nil
	} else if err != nil {
		return wire.Record{}, false, fmt.Errorf("record: %w", err)
	}
	return r, true, nil
}

// presented gives the record of whoever made a presentation of now, and writes
// down who asked.
func (h *Home) presented(ctx context.Context, s session, ask wire.RecordRequest) (wire.RecordResponse, error) {
	if ask.Presentation == nil && ask.Code != "" {
		return h.typedRecord(ctx, s, ask)
	}
	p, c, err := token.OpenPresentation(ask.Presentation, h.issuers())
	if err != nil {
		return wire.RecordResponse{}, fault(wire.CodePresentation)
	}
	now := h.now()
	if now.Before(p.IssuedAt.Add(-wire.RequestLeeway)) || now.After(p.Expires.Add(wire.RequestLeeway)) || now.After(c.Expires) {
		return wire.RecordResponse{}, fault(wire.CodePresentation)
	}
	if len(p.Audience) > 0 && string(p.Audience) != string(ask.Audience) {
		return wire.RecordResponse{}, fault(wire.CodePresentation)
	}
	if _, err := h.registration(ctx, h.store.db, c.Registration); err != nil {
		return wire.RecordResponse{}, err
	}
	return h.shown(ctx, s, c.Registration, c.NIK)
}

// typedRecord is presented for a registration that was typed.
func (h *Home) typedRecord(ctx context.Context, s session, ask wire.RecordRequest) (wire.RecordResponse, error) {
	r, err := h.typed(ctx, s, ask.Code, ask.NIK)
	if err != nil {
		return wire.RecordResponse{}, err
	}
	return h.shown(ctx, s, r.ID, r.NIK)
}

// shown gives a record after it was written down who sees it.
func (h *Home) shown(ctx context.Context, s session, registration, nik string) (wire.RecordResponse, error) {
	r, found, err := h.record(ctx, h.store.db, nik)
	if err != nil {
		return wire.RecordResponse{}, err
	}
	if err := h.audit(ctx, s, accessRecord, registration, found); err != nil {
		return wire.RecordResponse{}, err
	}
	if !found {
		return wire.RecordResponse{}, nil
	}
	return wire.RecordResponse{Found: true, Record: &r}, nil
}

// audit writes down that somebody saw something, before it is shown. subject
// is a registration or an area, never a NIK.
func (h *Home) audit(ctx context.Context, s session, what, subject string, found bool) error {
	return h.store.tx(ctx, func(tx *sql.Tx) error { return h.auditIn(ctx, tx, s, what, subject, found) })
}

// auditIn is audit inside a transaction.
func (h *Home) auditIn(ctx context.Context, tx *sql.Tx, s session, what, subject string, found bool) error {
	n, err := next(ctx, tx, "access")
	if err == nil {
		_, err = tx.ExecContext(ctx, "INSERT INTO access (number, at, device, officer, what, subject, found) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			n, millis(h.now()), s.Device, s.ID, what, subject, found)
	}
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}
