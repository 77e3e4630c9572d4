package main

import (
	"errors"
	"time"

	"loket/sync/roster"
)

// aheadCounts are what a PC that wakes a month ahead did with what a wrong
// clock must neither destroy nor open.
type aheadCounts struct {
	Rosters  int `json:"rosters_when_it_wakes_a_month_ahead"`
	Locked   int `json:"of_them_locked"`
	Wiped    int `json:"of_them_wiped"`
	Readable int `json:"of_them_read_past_their_end"`
	Back     int `json:"read_again_when_set_right"`
	Pauses   int `json:"pin_pauses_when_it_wakes"`
	Cut      int `json:"of_them_ended_by_the_clock"`
}

// wakeAhead is how every scenario ends: a roster is here, somebody's wrong PINs
// have begun a pause, and the PC is switched off for a minute. It wakes a month
// ahead, without a line; then its clock is set right.
func (v *van) wakeAhead(n *aheadCounts) {
	v.line.down = false
	v.unlock()
	must(v.officer.Confirm(v.w.ctx, vanPIN)) // central wants a session before it gives records
	v.sync()
	v.line.down = true
	if areas, err := v.roster.Areas(v.w.ctx); err != nil || len(areas) != 1 || areas[0].Records == 0 {
		must(err)
		return // a control's: central gives nothing to a clock that does not listen
	}
	nik := (&citizen{}).nik()
	paused := vanOfficers[1].ID
	v.lockOut(paused)

	v.off(time.Minute, 30*day)
	n.Rosters++
	n.Pauses++
	if wait, _, err := v.vault.Paused(v.w.ctx, paused); err != nil {
		must(err)
	} else if wait == 0 {
		n.Cut++
	}
	v.unlock()
	_, err := v.roster.Get(v.w.ctx, v.officer, nik)
	switch {
	case errors.Is(err, roster.ErrNotFound):
		n.Wiped++
	case errors.Is(err, roster.ErrClock):
		n.Locked++
	case err == nil:
		n.Readable++
	default:
		must(err)
	}

	v.off(time.Minute, 0)
	v.unlock()
	if _, err := v.roster.Get(v.w.ctx, v.officer, nik); err == nil {
		n.Back++
	}
}
