package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"

	"loket/sync/central"
	"loket/sync/wire"
)

// tally counts what a world went through.
type tally struct {
	VanWeeks         int   `json:"van_weeks"`
	Decisions        int   `json:"decisions_acknowledged"`
	Unsure           int   `json:"decisions_while_uncertain"`
	Undone           int   `json:"undone"`
	Seconds          int   `json:"with_supervisor"`
	TurnedAway       int   `json:"turned_away"`
	HonestRefused    int   `json:"honest_codes_refused_before_servers_time"`
	Rounds           int   `json:"rounds"`
	LostRequests     int   `json:"requests_lost"`
	LostAnswers      int   `json:"answers_lost"`
	PowerCuts        int   `json:"power_cuts"`
	WrongClocks      int   `json:"wrong_clocks"`
	DoubtfulMornings int   `json:"doubtful_mornings"`
	Changes          int   `json:"changes_of_officer"`
	Lockouts         int   `json:"pin_lockouts"`
	PINAgain         int   `json:"pin_asked_again"`
	Trespasses       int   `json:"tries_at_a_locked_screen"`
	Expired          int   `json:"expired_codes_shown"`
	SetBack          int   `json:"clock_set_back_to_an_old_code"`
	ExpiredDoubted   int   `json:"expired_codes_left_to_a_supervisor"`
	Bundles          int   `json:"bundles"`
	Relayed          int   `json:"packets_relayed"`
	Spoilt           int   `json:"bundles_spoilt"`
	Backups          int   `json:"backups"`
	Restores         int   `json:"restores"`
	Revocations      int   `json:"revocations"`
	Stolen           int   `json:"disks_stolen"`
	StolenBytes      int64 `json:"disk_bytes_searched"`
	OldRecords       int   `json:"records_of_an_old_roster"`
	Accepted         int   `json:"at_central_accepted"`
	Held             int   `json:"at_central_held"`
	Refused          int   `json:"at_central_refused"`
	Aside            int   `json:"at_central_set_aside"`
}

// check holds what central has against what was acknowledged.
func (w *world) check() {
	rows, err := w.home.Rows(w.ctx)
	must(err)
	want := 0
	for _, v := range w.vans {
		for _, d := range v.own() {
			if !d.acked || d.undone {
				continue
			}
			want++
			w.arrived(d)
		}
	}
	if got := rows.Tables["packets"]; got != want {
		w.breach("count", "central has %d packets of %d decisions", got, want)
	}
	for _, r := range rows.Registrations {
		decisions := slices.DeleteFunc(slices.Clone(r.Packets), func(p central.PacketRow) bool { return p.Kind == "cancel" })
		if len(decisions) > 1 {
			w.breach("twice", "central has %d decisions of one case", len(decisions))
		}
		if len(r.Codes) > 1 {
			w.breach("twice", "central made %d codes for one registration", len(r.Codes))
		}
	}
	for _, v := range w.vans {
		v.heads()
	}
	w.tally.VanWeeks = len(w.vans)
}

// arrived asks central, over the line of any van that it still serves, about the
// very bytes that were acknowledged: it must know them, and no others under
// their id.
func (w *world) arrived(d *decided) {
	i := slices.IndexFunc(w.vans, func(v *van) bool { return !v.revoked })
	if i < 0 {
		return
	}
	body, err := json.Marshal(wire.PacketsRequest{Packets: [][]byte{d.bytes}})
	must(err)
	req, err := http.NewRequestWithContext(w.ctx, http.MethodPost, "https://central.contoh.id"+wire.PathPackets, bytes.NewReader(body))
	must(err)
	req.Header.Set("Content-Type", "application/json")
	w.vans[i].line.loss = 0
	resp, err := w.vans[i].line.RoundTrip(req)
	must(err)
	var out wire.PacketsResponse
	must(json.NewDecoder(resp.Body).Decode(&out))
	if len(out.Results) != 1 || out.Results[0].Result != wire.ResultDuplicate {
		w.breach("lost", "%s: decision %d (%s): central did not have it: %v", d.van.name, d.c.n, d.kind, resp.Status)
		return
	}
	if d.unsure {
		w.tally.Unsure++
	}
	r := out.Results[0]
	switch r.State {
	case wire.StateHeld:
		w.tally.Held++
	case wire.StateRefused:
		w.tally.Refused++
	case wire.StateAside:
		w.tally.Aside++
	default:
		w.tally.Accepted++
	}
	w.note("central has %d %s: %s %s", d.c.n, d.kind, r.State, r.Reason)
	if !d.trusted && r.State != wire.StateAside && r.State != wire.StateRefused {
		w.breach("officer", "%s: decision %d by nobody who typed a PIN is %s", d.van.name, d.c.n, r.State)
	}
}

// heads compares the audit log with what central holds of it.
func (v *van) heads() {
	w := v.w
	r, err := v.ledger.Verify(w.ctx)
	must(err)
	for _, f := range r.Faults {
		w.breach("audit", "%s: %s", v.name, f.What)
	}
	if v.revoked {
		return // central no longer speaks to it
	}
	held, err := v.central.HeldHead(w.ctx)
	must(err)
	head, err := v.ledger.Head(w.ctx, v.trust.Version)
	must(err)
	if held.Size != head.Size || !bytes.Equal(held.Hash, head.Root[:]) {
		w.breach("heads", "%s has %d entries, central holds %d", v.name, head.Size, held.Size)
	}
}

// fingerprint is SHA-256 of the story.
func (w *world) fingerprint() string { return hex.EncodeToString(w.story.Sum(nil)) }
