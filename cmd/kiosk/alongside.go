package main

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"loket/app"
	"loket/sync/client"
	"loket/sync/roster"
	"loket/sync/vault"
	"loket/sync/wire"
)

// alongside is app.Roster: the records that this counter takes along.
type alongside struct {
	s    *station
	zone *time.Location
	name func(code string) string // of a kecamatan; "" unknown

	mu        sync.Mutex
	directory *roster.Directory // of who is logged in; nil until somebody searches
}

// areasWait is how long central may take to say what it has.
const areasWait = 10 * time.Second

// Areas implements app.Roster.
func (a *alongside) Areas(ctx context.Context) ([]app.RosterArea, bool, error) {
	here, err := a.s.roster.Areas(ctx)
	if err != nil {
		return nil, false, err
	}
	k, ok := a.s.known()
	if !ok || k.officer == nil {
		return nil, false, errNoOfficer
	}
	var list []app.RosterArea
	ask, cancel := context.WithTimeout(ctx, areasWait)
	defer cancel()
	var offers wire.AreasResponse
	err = a.s.inSession(ask, k, func() (err error) {
		offers, err = k.central.Areas(ask)
		return err
	})
	offered := err == nil
	if !offered {
		a.s.log.Info("areas", "link", client.LinkOf(err))
	}
	for _, o := range offers.Areas {
		list = append(list, app.RosterArea{Code: o.Code, Name: a.areaName(o.Code), Desa: o.Desa != "", People: o.People, Bytes: o.Bytes})
	}
	now := a.s.now()
	for _, x := range here {
		i := slices.IndexFunc(list, func(l app.RosterArea) bool { return l.Code == x.Code })
		if i < 0 {
			list, i = append(list, app.RosterArea{Code: x.Code, Name: a.areaName(x.Code), Desa: strings.Contains(x.Code, "/"), People: x.Total}), len(list)
		}
		l := &list[i]
		l.Here, l.Complete, l.Fetched, l.Expires = x.Records, x.Complete, x.Fetched.In(a.zone), x.Expires.In(a.zone)
		l.Locked = x.Locked
		l.Old = roster.Found{Fetched: x.Fetched}.Old(now, k.policy.Offline.RosterDays)
	}
	return list, offered, nil
}

// areaName is how people call an area.
func (a *alongside) areaName(code string) string {
	if _, desa, ok := strings.Cut(code, "/"); ok {
		return desa
	}
	return a.name(code)
}

// Download implements app.Roster: it goes on where it broke off, and brings
// changes only where the area is here already.
func (a *alongside) Download(ctx context.Context, code string, progress func(done, total int)) error {
	k, ok := a.s.known()
	if !ok || k.officer == nil {
		return errNoOfficer
	}
	fetch := func(ctx context.Context, area, after string) (out wire.RosterResponse, err error) {
		err = a.s.inSession(ctx, k, func() (err error) {
			out, err = k.central.Roster(ctx, area, after)
			return err
		})
		return out, err
	}
	err := a.s.roster.Download(ctx, k.officer, code, fetch, rosterLife, progress)
	a.Forget() // the next search knows the new ones
	if link := client.LinkOf(err); err != nil && link != client.Online && link != client.Unchecked {
		return &app.Fault{Code: "roster-broke", Tone: app.Info, Err: err}
	}
	if err != nil {
		return lineFault("roster", err)
	}
	return nil
}

// Wipe implements app.Roster.
func (a *alongside) Wipe(ctx context.Context, code string) error {
	a.Forget()
	if err := a.s.roster.Wipe(ctx, code); err != nil {
		return err
	}
	return a.s.ledger.Record(ctx, "roster-wiped", map[string]string{"area": code})
}

// searchMost is how many people a search shows.
const searchMost = 40

// Search implements app.Roster.
func (a *alongside) Search(ctx context.Context, query, reason string) ([]app.Person, error) {
	k, ok := a.s.known()
	if !ok || k.officer == nil {
		return nil, errNoOfficer
	}
	if err := a.audit(ctx, k.officer, "roster-search", "", reason); err != nil {
		return nil, err
	}
	a.mu.Lock()
	d := a.directory
	a.mu.Unlock()
	if d == nil {
		var err error
		if d, err = a.s.roster.Directory(ctx, k.officer); err != nil {
			return nil, err
		}
		a.mu.Lock()
		a.directory = d
		a.mu.Unlock()
	}
	list := []app.Person{}
	entries := d.Search(query, searchMost)
	if len(entries) == 0 && d.Locked() {
		return nil, rosterFault(roster.ErrClock)
	}
	for _, e := range entries {
		born, err := time.Parse(time.DateOnly, e.Born)
		if err != nil {
			return nil, err
		}
		list = append(list, app.Person{NIK: e.NIK, Name: e.Name, Born: born, Desa: e.Kelurahan})
	}
	return list, nil
}

// Open implements app.Roster.
func (a *alongside) Open(ctx context.Context, nik, reason string) (*app.Record, error) {
	k, ok := a.s.known()
	if !ok || k.officer == nil {
		return nil, errNoOfficer
	}
	if err := a.audit(ctx, k.officer, "roster-record", nik[max(len(nik)-4, 0):], reason); err != nil {
		return nil, err
	}
	found, err := a.s.roster.Get(ctx, k.officer, nik)
	if err != nil {
		return nil, rosterFault(err)
	}
	rec, err := recordOf(found.Record)
	if err != nil {
		return nil, err
	}
	rec.Source, rec.Fetched, rec.Old = "roster", found.Fetched.In(a.zone), found.Old(a.s.now(), k.policy.Offline.RosterDays)
	return rec, nil
}

// rosterFault says in words that records are locked while the clock is uncertain.
func rosterFault(err error) error {
	if errors.Is(err, roster.ErrClock) {
		return &app.Fault{Code: "roster-locked", Tone: app.Attention, Err: err}
	}
	return err
}

// audit writes down who searched and why, before anything is shown. The reason
// is sealed with the counter's data key: an officer may have written a name.
func (a *alongside) audit(ctx context.Context, who *vault.Session, kind, last4, reason string) error {
	sealed, err := who.Seal("reason", []byte(reason))
	if err != nil {
		return err
	}
	fields := map[string]string{"officer": who.Officer().ID, "reason": hex.EncodeToString(sealed)}
	if last4 != "" {
		fields["last4"] = last4
	}
	return a.s.ledger.Record(ctx, kind, fields)
}

// Forget implements app.Roster: names leave the memory when the screen is left,
// locked, or somebody else comes.
func (a *alongside) Forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.directory != nil {
		a.directory.Forget()
		a.directory = nil
	}
}
