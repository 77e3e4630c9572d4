package app

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"time"

	"loket/app/activation"
	"loket/scanner/face"
)

// current is the case at the counter. What is not in its saved part is found
// out again when the case is taken up.
type current struct {
	s activation.Session
	material

	turn   int  // another turn at the same place: its workers start again
	asking bool // the panel of reasons is open

	scan    Scan
	counter CounterCode                // of this counter, for this session
	codes   map[string]activation.Code // valid codes by their text, so that going back does not make a replay of them

	cardPhoto *image.RGBA // of the card in the session's code

	photo    *image.RGBA
	fetched  bool // the registry answered, one way or the other
	selected int
	revealed map[activation.Field]time.Time

	ref      *reference
	live     FaceView
	compared bool // an attempt's outcome is on show
	crop     *image.RGBA
	shutter  chan struct{}
	faceWork

	choice     *Choose  // what the officer chose instead of what the case proposes
	signed     *Officer // the officer's PIN was right; a supervisor's is awaited
	supervisor int
	others     []OfficerChoice // supervisors who may sign
	pin        int

	request *request // to supervisors at other counters; nil for none

	packet  string
	item    QueueItem
	doneAt  time.Time
	seconds int
}

// material is what a draft keeps beside the session.
type material struct {
	Record *Record `json:"record,omitempty"`
	Probe  []byte  `json:"probe,omitempty"`
	Engine Engine  `json:"engine"`
}

// kept is a draft's content.
type kept struct {
	Session activation.Session `json:"session"`
	material
}

// screen is the one that belongs to the case's stage.
func (c *current) screen() Screen {
	switch {
	case c.packet != "":
		return ScreenDone
	case c.choice != nil:
		return ScreenDecide
	}
	switch c.s.Stage {
	case activation.StageReady, activation.StageConsent:
		return ScreenReady
	case activation.StageScan:
		return ScreenScan
	case activation.StageCompare, activation.StageContact:
		return ScreenCompare
	case activation.StageFace:
		return ScreenFace
	case activation.StageDecide:
		return ScreenDecide
	}
	return ScreenDone
}

// takeUp makes a case of a session, with what belongs to it.
func (d *Desk) takeUp(s activation.Session, keep material) {
	d.c = &current{s: s, material: keep, codes: map[string]activation.Code{}, revealed: map[activation.Field]time.Time{},
		shutter: make(chan struct{}, 1)}
	d.ports.Codes.Reset()
	if keep.Record != nil {
		d.c.photo, d.c.fetched = pictureOf(keep.Record.Photo), true
	}
	if card := d.c.card(); card != nil {
		d.c.cardPhoto = pictureOf(card.Card.Photo)
	}
	if _, ok := s.Last(); ok { // taken up again: what was compared is on show
		d.c.compared, d.c.crop = true, pictureOf(keep.Probe)
	}
}

// nextCitizen begins.
func (d *Desk) nextCitizen() {
	if d.frozen() {
		return
	}
	d.takeUp(activation.Begin(d.ports.NewID(), d.officer.ID, d.now()), material{})
	d.audit("case", d.c.s.ID)
	if !d.keep() { // what can't even be begun on the disk could not be decided there
		n := d.notice
		d.home()
		d.notice = n
	}
}

// keep saves the case as a draft, so that a kiosk that is killed offers it
// again. A draft that can't be saved is told, and the case goes on; false then.
func (d *Desk) keep() bool {
	c := d.c
	if c == nil || c.s.Stage == activation.StageDone || c.packet != "" {
		return true
	}
	plain, err := json.Marshal(kept{c.s, c.material})
	if err == nil {
		meta := Draft{ID: c.s.ID, Since: d.now(), Stage: c.s.Stage}
		if c.s.Code != nil && len(c.s.Code.NIK) == 16 {
			meta.Last4 = c.s.Code.NIK[12:]
		}
		ctx, cancel := context.WithTimeout(d.ctx, diskLimit)
		defer cancel()
		err = d.ports.Ledger.SaveDraft(ctx, meta, plain)
	}
	clear(plain)
	if err != nil {
		d.fail("draft-failed", err)
	}
	return err == nil
}

func (d *Desk) listDrafts() {
	ctx, cancel := context.WithTimeout(d.ctx, diskLimit)
	defer cancel()
	drafts, err := d.ports.Ledger.Drafts(ctx)
	if err != nil {
		d.fail("ledger-failed", err)
		return
	}
	d.drafts = drafts
}

// resume takes up the oldest case that waits; setting it aside again puts it
// last, so that each is reached.
func (d *Desk) resume() {
	if len(d.drafts) == 0 {
		d.say("no-drafts", Info)
		return
	}
	id := d.drafts[0].ID
	d.do("opening-draft", func(ctx context.Context) func() {
		plain, err := d.ports.Ledger.OpenDraft(ctx, id)
		var k kept
		if err == nil {
			err = json.Unmarshal(plain, &k)
			clear(plain)
		}
		return func() {
			if err != nil {
				d.fail("draft-unreadable", fmt.Errorf("draft %s: %w", id, err))
				return
			}
			d.takeUp(k.Session, k.material)
			if d.c.s.Officer != d.officer.ID {
				d.step("", activation.TakenOver{Officer: d.officer.ID})
				d.keep()
			}
			d.audit("case-resumed", id)
		}
	})
}

// abandon ends a case that nothing was decided in, and drops its draft.
func (d *Desk) abandon() {
	id := d.c.s.ID
	ctx, cancel := context.WithTimeout(d.ctx, diskLimit)
	defer cancel()
	if err := d.ports.Ledger.DropDraft(ctx, id); err != nil {
		d.fail("draft-failed", err)
		return
	}
	d.audit("case-abandoned", id)
	d.home()
}

// home is the counter with nobody at it.
func (d *Desk) home() {
	d.wipe()
	d.screen = ScreenHome
	d.listDrafts()
}

// wipe forgets the citizen: JPEGs of the face are overwritten, the preview shows
// nothing, and nothing here refers to the rest any more (pictures that a View
// holds are the window's until the next one).
func (d *Desk) wipe() {
	c := d.c
	if c == nil {
		return
	}
	d.withdraw()
	d.ports.Tokens.Forget()
	clear(c.Probe)
	if card := c.card(); card != nil {
		clear(card.Card.Photo)
	}
	if c.Record != nil {
		clear(c.Record.Photo)
	}
	d.c = nil
	d.shown = View{}
	d.blank()
}

// blank takes the last picture off the preview.
func (d *Desk) blank() {
	if d.ports.Preview != nil {
		d.ports.Preview(image.NewRGBA(image.Rect(0, 0, 4, 3)))
	}
}

// reference is the enrolled photo's face.
type reference struct {
	weak       []activation.Weakness // small, blurred
	missing    bool                  // no face was found in it, or there is no photo
	crop       *image.RGBA
	descriptor face.Descriptor
	model      face.Model
}
