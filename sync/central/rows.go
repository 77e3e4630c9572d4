package central

import (
	"context"
	"fmt"

	"loket/sync/wire"
)

// Rows is what the database holds, counted: no personal data. It is read from
// the tables as they are, so that another process can check what a running
// server did.
type Rows struct {
	Tables        map[string]int            `json:"tables"`        // rows per table
	States        map[string]map[string]int `json:"states"`        // rows per state: packets, registrations, codes, mail, records (by IKD), alarms (by kind)
	Registrations []RegistrationRows        `json:"registrations"` // in order of creation
}

// RegistrationRows are the rows that belong to one registration.
type RegistrationRows struct {
	Registration string        `json:"registration"`
	State        wire.Progress `json:"state"`
	Reason       string        `json:"reason,omitempty"`
	IKD          string        `json:"ikd"` // of the record; "" where the NIK is not recorded
	Packets      []PacketRow   `json:"packets"`
	Codes        []string      `json:"codes"`       // states
	Mail         []string      `json:"mail"`        // states
	MessageIDs   []string      `json:"message_ids"` // of mail, without angle brackets
	Access       int           `json:"access"`      // how often the record was shown
}

// PacketRow is one packet as central holds it.
type PacketRow struct {
	Packet string      `json:"packet"`
	Device string      `json:"device"`
	Kind   string      `json:"kind"`
	Result wire.Result `json:"result"`
	State  wire.State  `json:"state"`
	Reason string      `json:"reason,omitempty"`
}

var countedTables = []string{"officers", "sessions", "device_codes", "devices", "heads", "officer_certificates", "records", "registrations",
	"packets", "codes", "mail", "events", "captchas", "presentations", "requests", "access", "alarms"}

var countedStates = map[string]string{"packets": "state", "registrations": "state", "codes": "state", "mail": "state", "records": "ikd", "alarms": "kind"}

// Rows counts.
func (h *Home) Rows(ctx context.Context) (Rows, error) {
	out := Rows{Tables: map[string]int{}, States: map[string]map[string]int{}, Registrations: []RegistrationRows{}}
	for _, table := range countedTables {
		var n int
		if err := h.store.db.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			return out, fmt.Errorf("count %s: %w", table, err)
		}
		out.Tables[table] = n
	}
	for table, column := range countedStates {
		counts := map[string]int{}
		err := h.each(ctx, "SELECT "+column+", count(*) FROM "+table+" GROUP BY "+column, nil, func(scan func(...any) error) error {
			var state string
			var n int
			err := scan(&state, &n)
			counts[state] = n
			return err
		})
		if err != nil {
			return out, fmt.Errorf("count %s: %w", table, err)
		}
		out.States[table] = counts
	}
	err := h.each(ctx, `SELECT r.id, r.state, r.reason, coalesce(p.ikd, '') FROM registrations r LEFT JOIN records p ON p.nik = r.nik ORDER BY r.created, r.id`, nil,
		func(scan func(...any) error) error {
			r := RegistrationRows{Packets: []PacketRow{}, Codes: []string{}, Mail: []string{}, MessageIDs: []string{}}
			err := scan(&r.Registration, &r.State, &r.Reason, &r.IKD)
			out.Registrations = append(out.Registrations, r)
			return err
		})
	if err != nil {
		return out, fmt.Errorf("registrations: %w", err)
	}
	for i := range out.Registrations {
		if err := h.fill(ctx, &out.Registrations[i]); err != nil {
			return out, fmt.Errorf("registrations: %w", err)
		}
	}
	return out, nil
}

// fill adds the rows that belong to a registration.
func (h *Home) fill(ctx context.Context, r *RegistrationRows) error {
	id := []any{r.Registration}
	err := h.each(ctx, "SELECT id, device, kind, result, state, reason FROM packets WHERE registration = $1 ORDER BY received, id", id, func(scan func(...any) error) error {
		var p PacketRow
		err := scan(&p.Packet, &p.Device, &p.Kind, &p.Result, &p.State, &p.Reason)
		r.Packets = append(r.Packets, p)
		return err
	})
	if err != nil {
		return err
	}
	err = h.each(ctx, "SELECT state FROM codes WHERE registration = $1 ORDER BY created, id", id, func(scan func(...any) error) error {
		var s string
		err := scan(&s)
		r.Codes = append(r.Codes, s)
		return err
	})
	if err != nil {
		return err
	}
	err = h.each(ctx, "SELECT state, message_id FROM mail WHERE registration = $1 ORDER BY created, id", id, func(scan func(...any) error) error {
		var s, m string
		err := scan(&s, &m)
		r.Mail, r.MessageIDs = append(r.Mail, s), append(r.MessageIDs, m)
		return err
	})
	if err != nil {
		return err
	}
	return h.store.db.QueryRowContext(ctx, "SELECT count(*) FROM access WHERE what = 'record' AND subject = $1", r.Registration).Scan(&r.Access)
}

// each calls f for every row of a query.
func (h *Home) each(ctx context.Context, query string, args []any, f func(scan func(...any) error) error) error {
	rows, err := h.store.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
