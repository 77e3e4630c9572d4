package storybook

import (
	"slices"
	"time"

	"loket/app"
	"loket/app/activation"
)

// travelling are the screens of what a van carries: packets by stick, records by
// roster.
func travelling(a Art, add adder) {
	v := base(app.ScreenLogIn)
	v.Officer, v.Link = "", app.Link{State: app.LinkRevoked}
	v.LogIn.Officers = []app.OfficerChoice{{ID: "014", Name: "Petugas Contoh"}}
	add("login-revoked", v)
	v = base(app.ScreenSetup)
	v.Officer, v.Link, v.Setup.Again = "", app.Link{State: app.LinkRevoked}, true
	add("setup-again", v)

	v = base(app.ScreenQueue)
	v.CanStick, v.CanTake = true, true
	v.Link = app.Link{State: app.LinkOffline, Waiting: 37}
	v.Queue = app.Queue{Waiting: 37, Items: []app.QueueItem{{Packet: "a", At: now(), Last4: "0003", Decision: activation.Approve, State: "queued"}}}
	add("queue-offline", v)

	v = base(app.ScreenStick)
	v.CanStick, v.CanTake = true, true
	v.Link = app.Link{State: app.LinkOffline, Waiting: 37}
	v.Stick = app.StickView{Looked: true, Waiting: 37}
	add("stick-none", v)
	v.Stick.Places = []app.StickPlace{{Path: "/media/a", Name: "KINGSTON", Free: 14_200_000_000}, {Path: "/media/b", Name: "Mobil keliling", Free: 480_000_000, Bundles: 2}}
	v.Stick.Selected = 1
	add("stick", v)
	v.Busy = &app.Busy{Code: "stick-writing", Done: 21, Total: 37}
	add("stick-writing", v)
	v.Busy = nil
	v.Stick.Result = &app.StickResult{File: "ikd-dev-9a31-20261121T024100Z.ikdb", Packets: 37, Relayed: 4, Left: 3}
	v.Notice = &app.Notice{Code: "stick-written", Tone: app.Good}
	add("stick-written", v)
	v.Stick.Result = &app.StickResult{Import: true, Bundles: 2, New: 51, Known: 4, Forged: 1}
	v.Notice = &app.Notice{Code: "stick-read", Tone: app.Good}
	add("stick-read", v)
	v.Stick.Result = nil
	v.Notice = &app.Notice{Code: "stick-pulled", Tone: app.Bad}
	add("stick-pulled", v)

	v = base(app.ScreenRoster)
	v.CanTake = true
	add("roster-asking", v)
	v.Roster = app.RosterView{Asked: true, Offered: true, Selected: 1, Areas: []app.RosterArea{
		{Code: "17.02.09", Name: "CURUP", People: 14210, Bytes: 812_000_000, Here: 14210, Complete: true, Fetched: now().Add(-20 * time.Hour), Expires: now().Add(52 * time.Hour)},
		{Code: "17.02.12", Name: "CURUP UTARA", People: 9120, Bytes: 530_000_000, Here: 3150, Fetched: now(), Expires: now().Add(72 * time.Hour)},
		{Code: "17.02.12/BATU PANCO", Name: "BATU PANCO", Desa: true, People: 812, Bytes: 47_000_000},
		{Code: "17.02.12/TABARENAH", Name: "TABARENAH", Desa: true, People: 640, Bytes: 37_400_000, Here: 640, Complete: true, Old: true, Fetched: now().Add(-50 * time.Hour), Expires: now().Add(22 * time.Hour)},
		{Code: "17.02.16", Name: "BERMANI ULU", People: 7300, Bytes: 420_000_000},
	}}
	add("roster", v)
	busy := v
	busy.Busy = &app.Busy{Code: "fetching-roster", Done: 3150, Total: 9120}
	add("roster-fetching", busy)
	away := v
	away.Roster.Offered, away.Link, away.Roster.Areas = false, app.Link{State: app.LinkOffline, Waiting: 3}, v.Roster.Areas[:2]
	away.Notice = &app.Notice{Code: "roster-broke", Tone: app.Bad}
	add("roster-offline", away)
	locked := away
	locked.Roster.Areas = slices.Clone(away.Roster.Areas)
	locked.Roster.Areas[0].Locked = true
	locked.Notice = &app.Notice{Code: "roster-locked", Tone: app.Attention}
	add("roster-locked", locked)

	v.Roster.Search = &app.SearchView{}
	v.Notice = nil
	s := add("roster-search", v)
	s.Keys = []string{"kode tidak terbaca kamera", "Tab", "si con"}
	v.Roster.Search = &app.SearchView{Asked: true, Selected: 1, Found: []app.Person{
		{NIK: "1702014505920003", Name: "SITI CONTOH", Born: time.Date(1992, 5, 5, 0, 0, 0, 0, time.UTC), Desa: "BATU PANCO"},
		{NIK: "1702014505920011", Name: "SITI AMINAH CONTOH", Born: time.Date(1960, 1, 2, 0, 0, 0, 0, time.UTC), Desa: "TABARENAH"}}}
	add("roster-found", v)
	v.Roster.Search = &app.SearchView{Asked: true}
	add("roster-nobody", v)
	v.Roster.Search = &app.SearchView{Asked: true, NIK: nik(), Age: 34, Photo: a.Photo, Record: &app.Record{Source: "roster", Old: true, Fetched: now().Add(-50 * time.Hour),
		Record: activation.Record{NIK: "1702014505920003", Name: "SRI CONTOH", Born: time.Date(1992, 5, 5, 0, 0, 0, 0, time.UTC), Sex: activation.Female,
			Address: "Jl. Merdeka 1, Talang Benih", Recorded: true, Status: activation.NIKActive, IKD: activation.IKDNone}}}
	add("roster-person", v)
}
