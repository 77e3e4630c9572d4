package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"loket/app"
	"loket/app/activation"
	"loket/app/storybook"
)

// press types keys on the window as the driver brings them: a named key with
// its press before it, text letter by letter. "Enter*2" is a held Enter.
func press(w fyne.Window, keys ...string) {
	f := w.Canvas().Focused()
	for _, k := range keys {
		name, held := strings.CutSuffix(k, "*2")
		named := map[string]fyne.KeyName{"Enter": fyne.KeyReturn, "Esc": fyne.KeyEscape, "Space": fyne.KeySpace,
			"Tab": fyne.KeyTab, "Backspace": fyne.KeyBackspace, "Up": fyne.KeyUp, "Down": fyne.KeyDown, "Left": fyne.KeyLeft, "Right": fyne.KeyRight}
		key, ok := named[name]
		if !ok && len(name) > 1 && name[0] == 'F' {
			key, ok = fyne.KeyName(name), true
		}
		if ok {
			f.(desktop.Keyable).KeyDown(&fyne.KeyEvent{Name: key})
			f.TypedKey(&fyne.KeyEvent{Name: key})
			if held {
				f.TypedKey(&fyne.KeyEvent{Name: key})
			}
			if key == fyne.KeySpace {
				f.TypedRune(' ')
			}
			continue
		}
		for _, r := range name {
			f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyName(strings.ToUpper(string(r)))})
			f.TypedRune(r)
		}
	}
}

// told is what was sent, without what only says that somebody is there.
func told(sent []app.Intent) []string {
	out := []string{}
	for _, i := range sent {
		switch i.(type) {
		case app.Seen, app.Digits:
			continue
		}
		out = append(out, fmt.Sprintf("%T%+v", i, i))
	}
	return out
}

func TestKeys(t *testing.T) {
	stories := map[string]app.View{}
	for _, s := range storybook.All(drawn()) {
		stories[s.Name] = s.View
	}
	signing := stories["decide"]
	signing.Decide.PIN = 0
	typing := stories["scan"]
	typing.Scan.CanType = true
	for _, c := range []struct {
		name string
		view app.View
		keys []string
		want []app.Intent
	}{
		{"device code", stories["setup"], []string{"LK-1", "Enter"}, []app.Intent{app.DeviceCode{Code: "LK-1"}}},
		{"no device code", stories["setup"], []string{"Enter"}, nil},
		{"choose an officer", stories["login-pin"], []string{"Down"}, []app.Intent{app.LogInAs{Officer: "003"}}},
		{"PIN goes with the sixth figure", stories["login-pin"], []string{"12", "Backspace", "34567"}, []app.Intent{app.PIN{PIN: "134567"}}},
		{"somebody new", stories["login-pin"], []string{"F2"}, []app.Intent{app.LogInAs{}}},
		{"first log-in", stories["login-first"], []string{"014", "Enter", "rahasia ya", "Enter"}, []app.Intent{app.Credentials{Officer: "014", Password: "rahasia ya"}}},
		{"first log-in by Tab", stories["login-first"], []string{"014", "Tab", "x y", "Tab", "5", "Tab", "Enter"}, []app.Intent{app.Credentials{Officer: "0145", Password: "x y"}}},
		{"new password", stories["login-new-password"], []string{"panjang sekali", "Enter", "panjang sekali", "Enter"}, []app.Intent{app.NewPassword{Password: "panjang sekali"}}},
		{"new passwords differ", stories["login-new-password"], []string{"panjang sekali", "Enter", "panjang sekalj", "Enter"}, nil},
		{"new password too short", stories["login-new-password"], []string{"pendek", "Enter", "pendek", "Enter"}, nil},
		{"new PIN", stories["login-new-pin"], []string{"193746", "193746"}, []app.Intent{app.NewPIN{PIN: "193746"}}},
		{"new PINs differ", stories["login-new-pin"], []string{"193746", "193747"}, nil},
		{"easy PIN", stories["login-new-pin"], []string{"123456", "123456"}, nil},
		{"begin", stories["home"], []string{"Enter"}, []app.Intent{app.Next{}}},
		{"a held Enter begins once", stories["home"], []string{"Enter*2"}, []app.Intent{app.Next{}}},
		{"take up a case", stories["home-drafts"], []string{"F6"}, []app.Intent{app.Resume{}}},
		{"places", stories["home"], []string{"F2", "F3"}, []app.Intent{app.Open{Screen: app.ScreenQueue}, app.Open{Screen: app.ScreenTools}}},
		{"lock", stories["home"], []string{"F12"}, []app.Intent{app.LockNow{}}},
		{"log out", stories["home"], []string{"F10"}, []app.Intent{app.LogOut{}}},
		{"unlock", stories["lock"], []string{"123456"}, []app.Intent{app.PIN{PIN: "123456"}}},
		{"readiness", stories["ready"], []string{"1", "3", "a", "Space", "F5", "Enter"}, []app.Intent{
			app.Tick{Item: "own-phone"}, app.Tick{Item: "email-opens", On: true}, app.TickAll{}, app.TickAll{}, app.Tick{Item: "consent", On: true}, app.Next{}}},
		{"leave", stories["ready"], []string{"Esc", "F9", "F8"}, []app.Intent{app.Back{}, app.SetAside{}, app.Ask{}}},
		{"reasons", stories["ready-asking"], []string{"Down", "Enter", "n", "Esc"}, []app.Intent{
			app.Choose{Decision: activation.Refer, Reason: activation.Under17}, app.Choose{Decision: activation.Decline, Reason: activation.NotAble}, app.Back{}}},
		{"hand scanner", stories["scan"], []string{"IKD1:A B/9 ", "Enter"}, []app.Intent{app.Typed{Text: "IKD1:A B/9 "}}},
		{"stray keys before Enter", stories["scan"], []string{"ab", "Enter"}, nil},
		{"typed code", typing, []string{"F3", "AB12", "Enter", "1702014505920003", "Enter"}, []app.Intent{app.TypedCode{Code: "AB12", NIK: "1702014505920003"}}},
		{"typed code without a NIK", typing, []string{"F3", "AB12", "Enter", "Enter"}, nil},
		{"a NIK that is too short is named by the desk", typing, []string{"F3", "1234567890", "Enter", "1702", "Enter"}, []app.Intent{app.TypedCode{Code: "1234567890", NIK: "1702"}}},
		{"hand scanner into the field", typing, []string{"F3", "IKD1:ABC", "Tab", "Enter"}, []app.Intent{app.Typed{Text: "IKD1:ABC"}}},
		{"hand scanner into the field, with its own Enter", typing, []string{"F3", "IKD1:" + strings.Repeat("A B/", 10), "Enter"},
			[]app.Intent{app.Typed{Text: "IKD1:" + strings.Repeat("A B/", 10)}}},
		{"hand scanner reads a card into the field", typing, []string{"F3", strings.Repeat("6BF+ ", 10), "Enter"},
			[]app.Intent{app.Typed{Text: strings.Repeat("6BF+ ", 10)}}},
		{"hand scanner beside a card", stories["scan-card"], []string{"IKD1:" + strings.Repeat("A B/", 10), "Enter"},
			[]app.Intent{app.Typed{Text: "IKD1:" + strings.Repeat("A B/", 10)}}},
		{"the card's own NIK goes along", stories["scan-card"], []string{"482 513 0730", "Enter"},
			[]app.Intent{app.TypedCode{Code: "482 513 0730", NIK: "1702014505920003"}}},
		{"a card without a NIK asks for one", stories["scan-card-letters"], []string{"482 513 0730", "Enter", "1702014505920003", "Enter"},
			[]app.Intent{app.TypedCode{Code: "482 513 0730", NIK: "1702014505920003"}}},
		{"other direction", stories["scan"], []string{"F4"}, []app.Intent{app.ShowCounterCode{}}},
		{"compare", stories["compare"], []string{"Down", "Space", "d", "a", "F6", "F7", "Enter"}, []app.Intent{
			app.Select{Index: 5}, app.MarkField{Field: activation.FieldEmail, Mark: app.MarkSame}, app.MarkField{Field: activation.FieldEmail, Mark: app.MarkDiffer},
			app.MarkField{Mark: app.MarkSame}, app.Reveal{Field: activation.FieldEmail}, app.Tick{Item: "contact", On: true}, app.Next{}}},
		{"face", stories["face-match"], []string{"r", "F7", "Enter"}, []app.Intent{app.Retry{}, app.Tick{Item: "look"}, app.Next{}}},
		{"shutter", stories["face-say-light-left"], []string{"Space"}, []app.Intent{app.Capture{}}},
		{"can't move", stories["face"], []string{"F6", "Enter"}, []app.Intent{app.CannotMove{}, app.Next{}}},
		{"another round of movements", stories["face-move-late"], []string{"Space", "Enter", "r", "F6"}, []app.Intent{app.Capture{}, app.Capture{}, app.Retry{}, app.CannotMove{}}},
		{"sign", signing, []string{"193746", "Enter"}, []app.Intent{app.PIN{PIN: "193746"}}},
		{"sign too early", signing, []string{"19374", "Enter"}, nil},
		{"decide otherwise", stories["decide"], []string{"F1", "F3", "F8"}, []app.Intent{
			app.Choose{Decision: activation.Refer, Reason: activation.DataProblem}, app.Choose{Decision: activation.Decline, Reason: activation.NotWanted}, app.Ask{}}},
		{"supervisor", stories["decide-second"], []string{"Down", "555000", "Enter"}, []app.Intent{app.Select{Index: 1}, app.PIN{PIN: "555000"}}},
		{"done", stories["done-approve"], []string{"u", "Enter"}, []app.Intent{app.Undo{}, app.Next{}}},
		{"too late to undo", stories["done-sent"], []string{"u"}, nil},
		{"queue", stories["queue"], []string{"Up", "Space", "p", "F5", "F1"}, []app.Intent{
			app.Select{Index: 1}, app.Act{Packet: "c", Action: "retry"}, app.Pause{}, app.Retry{}, app.Open{Screen: app.ScreenHome}}},
		{"tools", stories["tools"], []string{"F5", "Esc"}, []app.Intent{app.Retry{}, app.Open{Screen: app.ScreenHome}}},
		{"end the day", stories["tools"], []string{"F6"}, []app.Intent{app.EndDay{}}},
		{"or not", stories["tools-ending"], []string{"Esc", "F6"}, []app.Intent{app.Back{}, app.EndDay{}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var sent []app.Intent
			win, w := open(t, fyne.NewSize(1366, 768), func(i app.Intent) { sent = append(sent, i) })
			win.Show(c.view)
			press(w, c.keys...)
			if got, want := told(sent), told(c.want); !slices.Equal(got, want) {
				t.Errorf("sent %v\nwant %v", got, want)
			}
		})
	}
}

// TestSecretsGo says that what was typed does not outlive its screen: a PIN
// begun at log-in is not there on the next screen that asks for one.
func TestSecretsGo(t *testing.T) {
	var sent []app.Intent
	win, w := open(t, fyne.NewSize(1366, 768), func(i app.Intent) { sent = append(sent, i) })
	stories := map[string]app.View{}
	for _, s := range storybook.All(drawn()) {
		stories[s.Name] = s.View
	}
	win.Show(stories["login-pin"])
	press(w, "123")
	win.Show(stories["lock"])
	press(w, "456")
	if got := told(sent); len(got) != 0 {
		t.Errorf("figures of two screens made a PIN: %v", got)
	}
	press(w, "789")
	if got, want := told(sent), told([]app.Intent{app.PIN{PIN: "456789"}}); !slices.Equal(got, want) {
		t.Errorf("sent %v, want %v", got, want)
	}
}

// TestClicks says that what a key does a click does too.
func TestClicks(t *testing.T) {
	var sent []app.Intent
	win, w := open(t, fyne.NewSize(1366, 768), func(i app.Intent) { sent = append(sent, i) })
	for _, s := range storybook.All(drawn()) {
		if s.Name == "ready-done" {
			win.Show(s.View)
		}
	}
	tap := w.Content().(fyne.Tappable)
	for _, p := range []fyne.Position{{X: 1250, Y: 733}, {X: 80, Y: 733}, {X: 400, Y: 140}, {X: 1290, Y: 24}, {X: 600, Y: 690}} {
		tap.Tapped(&fyne.PointEvent{Position: p})
	}
	want := []app.Intent{app.Next{}, app.Back{}, app.Tick{Item: "own-phone"}, app.LockNow{}}
	if got := told(sent); !slices.Equal(got, told(want)) {
		t.Errorf("sent %v\nwant %v", got, told(want))
	}
}

// TestPictureGoes says that a screen begins without the picture of the one
// before: nobody sees the last citizen.
func TestPictureGoes(t *testing.T) {
	win, w := open(t, fyne.NewSize(1366, 768), nil)
	stories := map[string]storybook.Story{}
	for _, s := range storybook.All(drawn()) {
		stories[s.Name] = s
	}
	seen := func() bool {
		r, g, b, _ := w.Canvas().Capture().At(577, 350).RGBA()
		return r>>8 > 0x40 || g>>8 > 0x40 || b>>8 > 0x40
	}
	win.Show(stories["face"].View)
	if seen() {
		t.Error("something is seen before a picture came")
	}
	win.Preview().Post(stories["face"].Picture)
	if !seen() {
		t.Error("the picture is not seen")
	}
	win.Show(stories["scan"].View)
	if seen() {
		t.Error("the face is still seen on the next screen")
	}
}
