package app

import (
	"context"
	"image"
	"slices"
	"strings"
	"time"

	"loket/app/activation"
)

// Roster is the records that this counter takes along, for work without a line.
type Roster interface {
	// Areas are those that are here and, with a line, those that can be fetched.
	Areas(ctx context.Context) (areas []RosterArea, offered bool, err error)
	Download(ctx context.Context, code string, progress func(done, total int)) error
	Wipe(ctx context.Context, code string) error
	// Search finds people of the roster by NIK or name, Open gives one's record.
	// Both are audited, with the reason that the officer typed.
	Search(ctx context.Context, query, reason string) ([]Person, error)
	Open(ctx context.Context, nik, reason string) (*Record, error)
	// Forget wipes what searching has put into memory.
	Forget()
}

// RosterArea is a kecamatan or one of its desa.
type RosterArea struct {
	Code     string
	Name     string // "Curup", "Pasar Baru"; "" where only the code is known
	Desa     bool
	People   int   // as central said
	Bytes    int64 // over the line, about; 0 unknown
	Here     int   // people that are here
	Complete bool
	Fetched  time.Time // zero: not here
	Expires  time.Time
	Old      bool // older than policy allows
	Locked   bool // its end may have come: until the clock is certain
}

// Person is one line of a search.
type Person struct {
	NIK  string
	Name string
	Born time.Time
	Desa string
}

// leastReason is how many letters a reason must have.
const leastReason = 8

// RosterView is the roster's screen: areas, or the search.
type RosterView struct {
	Areas    []RosterArea
	Selected int
	Asked    bool // Areas is known
	Offered  bool // central was reached: what can be fetched stands there too
	Search   *SearchView
}

// SearchView is the search: its fields, then what was found, then one record.
type SearchView struct {
	Asked    bool // Found answers a query
	Found    []Person
	Selected int
	Record   *Record
	Photo    image.Image
	NIK      [3]string
	Age      int
}

// rostering is the desk's side of it.
type rostering struct {
	areas    []RosterArea
	selected int
	asked    bool
	offered  bool
	search   *SearchView
	reason   string
}

// areasEvery is how often the areas are read anew.
const areasEvery = 5 * time.Second

func (d *Desk) beatRoster(now time.Time) {
	if d.at.screen != ScreenRoster || d.locked || d.job != "" || d.roster.search != nil || now.Sub(d.asked) < areasEvery {
		return
	}
	d.asked = now
	d.start(d.bound(), func(ctx context.Context, t tell) {
		areas, offered, err := d.ports.Roster.Areas(ctx)
		t(func() {
			if err != nil {
				d.fail("roster-failed", err)
				return
			}
			d.roster.areas, d.roster.asked, d.roster.offered = areas, true, offered
			d.roster.selected = min(d.roster.selected, max(len(areas)-1, 0))
		})
	})
}

// takeRoster answers on the roster's screen.
func (d *Desk) takeRoster(i Intent) {
	r := &d.roster
	if r.search != nil {
		d.takeSearch(i)
		return
	}
	switch i := i.(type) {
	case Select:
		if i.Index >= 0 && i.Index < len(r.areas) {
			r.selected = i.Index
		}
	case Find:
		r.search = &SearchView{}
	case Fetch:
		d.fetchArea()
	case Drop:
		d.dropArea()
	case Back:
		d.screen = ScreenHome
	}
}

func (d *Desk) fetchArea() {
	if d.roster.selected >= len(d.roster.areas) {
		return
	}
	code := d.roster.areas[d.roster.selected].Code
	d.doing("fetching-roster", func(ctx context.Context, progress func(done, total int)) func() {
		err := d.ports.Roster.Download(ctx, code, progress)
		return func() {
			d.asked = time.Time{}
			if err != nil {
				d.fail("roster-broke", err)
				return
			}
			d.say("roster-fetched", Good)
		}
	})
}

func (d *Desk) dropArea() {
	if d.roster.selected >= len(d.roster.areas) || d.roster.areas[d.roster.selected].Fetched.IsZero() {
		return
	}
	code := d.roster.areas[d.roster.selected].Code
	d.do("wiping-roster", func(ctx context.Context) func() {
		err := d.ports.Roster.Wipe(ctx, code)
		return func() {
			d.asked = time.Time{}
			if err != nil {
				d.fail("roster-failed", err)
				return
			}
			d.say("roster-wiped", Info)
		}
	})
}

// takeSearch answers in the search.
func (d *Desk) takeSearch(i Intent) {
	s := d.roster.search
	switch i := i.(type) {
	case Find:
		query, reason := strings.TrimSpace(i.Query), strings.TrimSpace(i.Reason)
		switch {
		case query == "":
		case len([]rune(reason)) < leastReason:
			d.say("search-reason", Attention)
		default:
			d.find(query, reason)
		}
	case Select:
		if s.Record == nil && i.Index >= 0 && i.Index < len(s.Found) {
			s.Selected = i.Index
		}
	case Next:
		if s.Record == nil && s.Selected < len(s.Found) {
			d.openPerson(s.Found[s.Selected].NIK)
		}
	case Back:
		switch {
		case s.Record != nil:
			d.closePerson()
		case s.Asked:
			*s = SearchView{}
		default:
			d.roster.search = nil
		}
	}
}

func (d *Desk) find(query, reason string) {
	s := d.roster.search
	d.do("searching", func(ctx context.Context) func() {
		found, err := d.ports.Roster.Search(ctx, query, reason)
		return func() {
			if d.roster.search != s {
				return
			}
			if err != nil {
				d.fail("search-failed", err)
				return
			}
			*s, d.roster.reason = SearchView{Asked: true, Found: found}, reason
		}
	})
}

func (d *Desk) openPerson(nik string) {
	s, reason := d.roster.search, d.roster.reason
	d.do("searching", func(ctx context.Context) func() {
		rec, err := d.ports.Roster.Open(ctx, nik, reason)
		return func() {
			if d.roster.search != s || d.locked {
				return
			}
			if err != nil || rec == nil {
				d.fail("search-failed", err)
				return
			}
			s.Record, s.Photo, s.Age = rec, photoOf(pictureOf(rec.Photo)), yearsOf(rec.Born, d.now())
			if n, err := activation.ParseNIK(rec.NIK, d.now()); err == nil {
				s.NIK = n.Parts()
			}
		}
	})
}

// closePerson forgets the record that was open.
func (d *Desk) closePerson() {
	s := d.roster.search
	if s == nil || s.Record == nil {
		return
	}
	clear(s.Record.Photo)
	s.Record, s.Photo, s.NIK, s.Age = nil, nil, [3]string{}, 0
	d.shown = View{}
}

// forgetRoster is for who leaves the screen or the desk: what was searched goes
// from memory, here and behind the port.
func (d *Desk) forgetRoster() {
	d.closePerson()
	d.roster = rostering{}
	if d.ports.Roster != nil {
		d.ports.Roster.Forget()
	}
}

// viewRoster is the roster's screen.
func (d *Desk) viewRoster() RosterView {
	r := d.roster
	v := RosterView{Areas: r.areas, Selected: r.selected, Asked: r.asked, Offered: r.offered}
	if r.search != nil {
		s := *r.search
		s.Found = slices.Clone(s.Found)
		v.Search = &s
	}
	return v
}

// leaveScreens closes what is open on the screens beside the counter's work:
// another screen comes, the lock, or somebody else.
func (d *Desk) leaveScreens() {
	d.closeReview()
	d.forgetRoster()
	d.cancelling, d.stick = nil, sticking{}
}
