package central

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"loket/sync/wire"
)

// rosterPage is how many records one answer carries: at some 60 KB a photo,
// about 3 MB.
const rosterPage = 50

// changedNow is the number that a change of a record gets inside its
// transaction: above every number that a reader was given before.
const changedNow = "(SELECT value + 1 FROM counters WHERE name = 'record')"

// areaWhere is the condition that a row is of an area, for $1 to $3: a
// kabupaten/kota, a kecamatan, or with "/NAME" behind it a desa or kelurahan.
func areaWhere(area string) (where string, args []any) {
	code, desa, one := strings.Cut(area, "/")
	if one {
		return "(kecamatan = $1 AND kelurahan = $2 AND $3 = '')", []any{code, desa, ""}
	}
	return "(kecamatan = $1 OR substr(kecamatan, 1, $2) = $3)", []any{area, len(area) + 1, area + "."}
}

// mayTake says whether an area is within an officer's office.
func mayTake(s session, area string) bool {
	code, _, _ := strings.Cut(area, "/")
	return s.Office != "" && (code == s.Office || strings.HasPrefix(code, s.Office+"."))
}

// rosterCursor is where a reader stands: all records, or those that changed
// since a number, after a NIK.
type rosterCursor struct {
	since, change int64 // change is the number that this reading is of
	nik           string
}

// parseRosterCursor reads "" or NIK (all records), "~SINCE" (a delta begins) and
// "~SINCE~CHANGE~NIK" or "~~CHANGE~NIK" (a reading goes on).
func parseRosterCursor(s string) (c rosterCursor, err error) {
	if !strings.HasPrefix(s, "~") {
		c.nik = s
		return c, nil
	}
	part := strings.Split(s[1:], "~")
	if len(part) != 1 && len(part) != 3 {
		return c, fault(wire.CodeBadRequest)
	}
	if part[0] != "" {
		if c.since, err = strconv.ParseInt(part[0], 10, 64); err != nil || c.since < 1 {
			return c, fault(wire.CodeBadRequest)
		}
	}
	if len(part) == 3 {
		if c.change, err = strconv.ParseInt(part[1], 10, 64); err != nil {
			return c, fault(wire.CodeBadRequest)
		}
		c.nik = part[2]
	}
	return c, nil
}

func (c rosterCursor) String() string {
	since := ""
	if c.since > 0 {
		since = strconv.FormatInt(c.since, 10)
	}
	return "~" + since + "~" + strconv.FormatInt(c.change, 10) + "~" + c.nik
}

// roster is one page of the recorded people of an area within the officer's
// office: all, or those whose record changed since a number, and who has left.
func (h *Home) roster(ctx context.Context, s session, area, after string) (wire.RosterResponse, error) {
	if !mayTake(s, area) {
		return wire.RosterResponse{}, fault(wire.CodeForbidden)
	}
	at, err := parseRosterCursor(after)
	if err != nil {
		return wire.RosterResponse{}, err
	}
	out := wire.RosterResponse{Area: area, Records: []wire.Record{}}
	where, args := areaWhere(area)
	err = h.store.tx(ctx, func(tx *sql.Tx) (err error) {
		if at.change == 0 {
			if at.change, err = next(ctx, tx, "record"); err != nil {
				return err
			}
		}
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM records WHERE "+where+" AND changed > $4", append(args, at.since)...).Scan(&out.Total); err != nil {
			return err
		}
		if at.nik == "" && at.since > 0 {
			if out.Gone, err = gone(ctx, tx, where, append(args, at.since)); err != nil {
				return err
			}
		}
		return h.auditIn(ctx, tx, s, "roster", area, out.Total > 0)
	})
	if err != nil {
		return wire.RosterResponse{}, fmt.Errorf("roster: %w", err)
	}
	err = h.each(ctx, "SELECT "+recordColumns+" FROM records WHERE "+where+" AND changed > $4 AND nik > $5 ORDER BY nik LIMIT $6",
		append(args, at.since, at.nik, rosterPage), func(scan func(...any) error) error {
			r, err := scanRecord(scanner(scan))
			out.Records = append(out.Records, r)
			return err
		})
	if err != nil {
		return wire.RosterResponse{}, fmt.Errorf("roster: %w", err)
	}
	out.Change = at.change
	if n := len(out.Records); n == rosterPage {
		at.nik = out.Records[n-1].NIK
		out.Next = at.String()
	}
	return out, nil
}

// scanner makes an interface of a row's Scan.
type scanner func(...any) error

func (s scanner) Scan(to ...any) error { return s(to...) }

// gone lists who was in the area when it was read last and is not any more.
func gone(ctx context.Context, tx queryer, where string, args []any) ([]string, error) {
	rows, err := tx.QueryContext(ctx, "SELECT nik FROM moves WHERE "+where+" AND changed > $4 AND NOT EXISTS (SELECT 1 FROM records WHERE records.nik = moves.nik AND "+
		strings.NewReplacer("kecamatan", "records.kecamatan", "kelurahan", "records.kelurahan").Replace(where)+") ORDER BY nik", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var nik string
		if err := rows.Scan(&nik); err != nil {
			return nil, err
		}
		out = append(out, nik)
	}
	return out, rows.Err()
}

// areas is what a van of the officer's office can take along, by kecamatan and
// by desa, with how much each is.
func (h *Home) areas(ctx context.Context, s session) (wire.AreasResponse, error) {
	out := wire.AreasResponse{Areas: []wire.AreaOffer{}}
	if s.Office == "" {
		return out, fault(wire.CodeForbidden)
	}
	where, args := areaWhere(s.Office)
	err := h.each(ctx, "SELECT kecamatan, kelurahan, count(*), coalesce(sum(length(photo)), 0) FROM records WHERE "+where+" GROUP BY kecamatan, kelurahan ORDER BY kecamatan, kelurahan",
		args, func(scan func(...any) error) error {
			var kecamatan, desa string
			var people int
			var photos int64
			if err := scan(&kecamatan, &desa, &people, &photos); err != nil {
				return err
			}
			bytes := photos*4/3 + int64(people)*recordBytes
			if n := len(out.Areas); n == 0 || !strings.HasPrefix(out.Areas[n-1].Code+"/", kecamatan+"/") {
				out.Areas = append(out.Areas, wire.AreaOffer{Code: kecamatan})
			}
			for i := len(out.Areas) - 1; i >= 0; i-- {
				if out.Areas[i].Code == kecamatan {
					out.Areas[i].People += people
					out.Areas[i].Bytes += bytes
					break
				}
			}
			if desa != "" {
				out.Areas = append(out.Areas, wire.AreaOffer{Code: kecamatan + "/" + desa, Desa: desa, People: people, Bytes: bytes})
			}
			return nil
		})
	if err != nil {
		return out, fmt.Errorf("areas: %w", err)
	}
	return out, h.audit(ctx, s, "areas", s.Office, len(out.Areas) > 0)
}

// recordBytes is about what a record is over the line besides its photo.
const recordBytes = 450

// withAreas answers areas.
func withAreas(s *Server) http.Handler {
	return withQuery(s, func(r *http.Request, p session) (wire.AreasResponse, error) { return s.areas(r.Context(), p) })
}
