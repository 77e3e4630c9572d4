package app_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"golang.org/x/image/font/sfnt"

	"loket/app"
	"loket/app/activation"
	"loket/assets"
)

// carried is a bare card that the world's citizen may carry.
func carried(nik string) activation.Code {
	return activation.Code{Kind: "claim169", Valid: true, NIK: nik, Card: &activation.Card{NIK: nik, Issuer: "https://kartu.contoh.id",
		Attributes: []activation.CardAttribute{{Name: "fullName", Value: "SRI CONTOH"}}, Photo: photo(citizen)},
		Checks: []activation.Check{{Name: "format", OK: true}, {Name: "signature", OK: true}, {Name: "issuer", OK: true}, {Name: "validity", OK: true},
			{Name: "device", OK: true, Reason: "no-proof"}}}
}

const cardText = "6BFKARTU" // what the world's tokensPort takes as a card

func (w *world) showCard(code activation.Code) {
	w.set(func() { w.texts[shop], w.codes[cardText] = cardText, code })
	w.show(shop, time.Second)
}

// A card shows what it says and names no registration. With the typed code of
// one it goes on, and an approval needs the supervisor; the control below is
// the same case with the phone's proof.
func TestCardIsShownAndNeedsTheSupervisor(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toScan()
		w.showCard(carried("1702014505720003"))
		w.on(app.ScreenScan)
		s := w.now().Scan
		if s.Card == nil || len(s.Card.Attributes) != 1 || s.Photo == nil {
			t.Fatalf("scan %+v", s)
		}
		if last := s.CardChecks[len(s.CardChecks)-1]; last.Code != "no-proof" || last.State != app.LineWarn || len(s.CardChecks) != 5 {
			t.Errorf("checks %+v", s.CardChecks)
		}
		w.send(app.Next{})
		w.on(app.ScreenScan) // nobody knows whose phone
		w.send(app.TypedCode{Code: spoken, NIK: "1702014505720004"})
		if got := w.typedSlips(); !slices.Equal(got, []string{"nik-card"}) || w.lookups != 0 {
			t.Errorf("another NIK than the card's: %v, %d lookups", got, w.lookups)
		}
		w.send(app.TypedCode{Code: spoken, NIK: "1702014505720003"})
		w.on(app.ScreenCompare)
		w.decideAlone(t, true)
		c := w.only()
		var names []string
		for _, x := range c.Session.Code.Checks {
			names = append(names, x.Name)
		}
		if c.Session.Code.Card == nil || c.Session.Code.Typed != spoken || c.Session.Code.Registration != "r1" ||
			!slices.Equal(names, []string{"format", "signature", "issuer", "validity", "device", "typed"}) {
			t.Errorf("code %+v", c.Session.Code)
		}
		if !slices.Equal(c.Causes, []activation.Cause{activation.CauseNoProof}) || c.Session.Outcome.Supervisor != "002" {
			t.Errorf("causes %v, supervisor %q", c.Causes, c.Session.Outcome.Supervisor)
		}
		if !w.ledger.audited("card-read " + c.Session.ID) {
			t.Error("the audit log has no card")
		}
	})
}

// decideAlone goes from compare to a signed approval; second says that a
// supervisor must be asked for.
func (w *world) decideAlone(t *testing.T, second bool) {
	t.Helper()
	w.pass(time.Second)
	w.send(app.MarkField{Mark: app.MarkSame}, app.Tick{Item: "contact", On: true}, app.Next{})
	w.on(app.ScreenFace)
	w.show(citizen, 2*time.Second)
	w.send(app.Tick{Item: "look", On: true}, app.Next{})
	w.on(app.ScreenDecide)
	w.send(app.PIN{PIN: "271828"})
	if w.now().Decide.Second != second || (w.ledger.counts().cases == 0) != second {
		t.Fatalf("decide %+v, %d decided", w.now().Decide, w.ledger.counts().cases)
	}
	if second {
		w.send(app.PIN{PIN: "314159"})
	}
	w.on(app.ScreenDone)
}

// The control: were a card a proof, one officer's PIN would do.
func TestCardTakenForAProofNeedsNobody(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toScan()
		code := carried("1702014505720003")
		code.Card, code.Proof, code.Fresh = nil, true, true
		code.Registration, code.Email, code.Number = "r1", "sri@contoh.id", "+6281234567217"
		w.showCard(code)
		w.on(app.ScreenCompare)
		w.decideAlone(t, false)
	})
}

// The phone's own code, shown while a card stands on the screen, is worth more.
func TestPhoneAfterACard(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toScan()
		w.showCard(carried(""))
		w.show(phone, time.Second)
		w.on(app.ScreenCompare)
		w.decideAlone(t, false)
		if c := w.only(); c.Session.Code.Card != nil || !c.Session.Code.Proof {
			t.Errorf("code %+v", c.Session.Code)
		}
	})
}

// A card that lies before the camera is taken once, outlives a break, and goes
// with the case.
func TestCardInADraft(t *testing.T) {
	counter(t, func(w *world) {
		w.logIn()
		w.toScan()
		code := carried("1702014505720003")
		w.showCard(code)
		w.pass(5 * time.Second)
		w.show(nobody, time.Second)
		w.send(app.SetAside{})
		w.on(app.ScreenHome)
		if slices.ContainsFunc(code.Card.Photo, func(b byte) bool { return b != 0 }) {
			t.Error("the card's photo is still in memory")
		}
		w.send(app.Resume{})
		w.on(app.ScreenScan)
		if s := w.now().Scan; s.Card == nil || s.Photo == nil || s.Card.Attributes[0].Value != "SRI CONTOH" {
			t.Errorf("scan %+v", s)
		}
		w.ledger.mu.Lock()
		defer w.ledger.mu.Unlock()
		read := 0
		for _, entry := range w.ledger.audit {
			if strings.HasPrefix(entry, "card-read") {
				read++
			}
		}
		if read != 1 {
			t.Errorf("one card was read %d times", read)
		}
	})
}

// TestCardWords says that each attribute, coded value and form of a sample that
// the verifier knows has words.
func TestCardWords(t *testing.T) {
	var keys []string
	for _, m := range regexp.MustCompile(`\d+: \{"(\w+)", (text|number|octets|numbers|biometric)\}`).FindAllStringSubmatch(textOf(t, "../scanner/token/claim169.go"), -1) {
		keys = append(keys, "card."+m[1])
	}
	if len(keys) != 39 {
		t.Errorf("%d attributes, want 23 and 16 of biometrics", len(keys))
	}
	source := textOf(t, "../scanner/token/card.go")
	for _, m := range regexp.MustCompile(`"((?:fe)?male|others|(?:un)?married|divorced|unknown|(?:right|left)-\w+|image|template|sound|biohash)"[,:}]`).FindAllStringSubmatch(source, -1) {
		keys = append(keys, "card.word."+m[1])
	}
	if len(keys) != 39+6+12+4 {
		t.Errorf("%d keys: has the verifier other words now?", len(keys))
	}
	for _, k := range keys {
		if !app.HasWords(k) {
			t.Errorf("no words for %s", k)
		}
	}
}

// TestGlyphs holds what is taken for printable to what the shipped fonts hold.
func TestGlyphs(t *testing.T) {
	for name, data := range map[string][]byte{"regular": assets.Regular, "bold": assets.Bold} {
		f, err := sfnt.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		var b sfnt.Buffer
		for r := rune(0x20); r < 0x20000; r++ {
			i, err := f.GlyphIndex(&b, r)
			if has := err == nil && i != 0; has != app.HasGlyph(r) && r != 0xfffd {
				t.Fatalf("%s: %U has a glyph: %v, taken for printable: %v", name, r, has, app.HasGlyph(r))
			}
		}
	}
}

// TestCardSheets: a card with more than one sheet loses nothing between them.
func TestCardSheets(t *testing.T) {
	var card activation.Card
	for i := range 90 {
		card.Attributes = append(card.Attributes, activation.CardAttribute{Label: strings.Repeat("x", 1+i%7), Value: "nilai " + strings.Repeat("i", 1+i)})
	}
	v := app.View{Screen: app.ScreenScan, Scan: app.Scan{CanType: true, Card: &card}}
	win, w := open(t, fyne.NewSize(1366, 768), nil)
	seen := map[string]bool{}
	win.Show(v)
	for range 6 {
		for _, m := range app.DrawnBy(win).Texts {
			seen[m.Text] = true
		}
		press(w, "Right")
	}
	for i := range 20 { // longer ones take several lines
		if want := "nilai " + strings.Repeat("i", 1+i); !seen[want] {
			t.Errorf("%q stands on no sheet", want)
		}
	}
}
