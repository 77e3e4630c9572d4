package token_test

import (
	"bytes"
	"errors"
	"image/color"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"loket/scanner/token"
)

// cardOf verifies a fresh card and gives what it says.
func cardOf(t *testing.T, edit func(c *card)) (*token.Card, token.Verdict) {
	t.Helper()
	c := newCard()
	if edit != nil {
		edit(c)
	}
	got := c.vector().verify(t)
	if !got.Valid || got.Card == nil {
		t.Fatalf("card: %v", got.Checks)
	}
	if got.Proof {
		t.Error("a card proves no possession")
	}
	return got.Card, got
}

// TestCard reads every attribute of version 1.2.0.
func TestCard(t *testing.T) {
	c, v := cardOf(t, everyAttribute)
	want := map[string][2]string{
		"id": {"ID-169-0002"}, "version": {"1.2.0"}, "language": {"ind"}, "fullName": {"SRI CONTOH LESTARI"}, "firstName": {"SRI"},
		"middleName": {"CONTOH"}, "lastName": {"LESTARI"}, "dateOfBirth": {"1992-05-10"}, "gender": {"2", "female"},
		"address": {"JL. CONTOH 1\nPASAR BARU\nCURUP"}, "email": {"sri.contoh@contoh.id"}, "phone": {"+62 812 0000 0001"},
		"nationality": {"IDN"}, "maritalStatus": {"2", "married"}, "guardian": {"BUDI CONTOH"}, "photoFormat": {"4", "WEBP"},
		"bestQualityFingers": {"0, 1, 6, 10", "unknown right-thumb left-thumb left-little"}, "secondaryFullName": {"سري تشونتوه"},
		"secondaryLanguage": {"ara"}, "locationCode": {"6P4FGG8R+2X"}, "legalStatus": {"WNI"}, "countryOfIssuance": {"IDN"},
	}
	if len(c.Attributes) != len(want) {
		t.Errorf("%d attributes, want %d", len(c.Attributes), len(want))
	}
	for i, a := range c.Attributes {
		if w, ok := want[a.Name]; !ok || a.Value != w[0] || a.Word != w[1] {
			t.Errorf("%d %s: %q, %q; want %q", a.Number, a.Name, a.Value, a.Word, w)
		}
		if i > 0 && c.Attributes[i-1].Number >= a.Number {
			t.Errorf("%s stands out of turn", a.Name)
		}
	}
	if len(c.Biometrics) != 2*14+2 {
		t.Errorf("%d samples", len(c.Biometrics))
	}
	for i, b := range map[int]token.Biometric{0: {Name: "rightThumb", Format: "biohash"}, 1: {Name: "rightPointerFinger", Format: "image", Sub: "WEBP"},
		2: {Name: "rightPointerFinger", Format: "template", Issuer: "VendorA"}, 29: {Name: "voice", Format: "sound", Sub: "MP3"}} {
		if got := c.Biometrics[i]; got.Name != b.Name || got.Format != b.Format || got.Sub != b.Sub || got.Issuer != b.Issuer || len(got.Data) == 0 {
			t.Errorf("sample %d: %+v, want %+v", i, got, b)
		}
	}
	if named := v.Claims["claim169"].(map[string]any); len(named) != 23+16 {
		t.Errorf("%d names in JSON", len(named))
	}
	if c.Issuer != "https://kartu.contoh.id" || c.Expires.Year() != 2027 || len(c.Unknown()) != 0 {
		t.Errorf("%q until %s, unknown %v", c.Issuer, c.Expires, c.Unknown())
	}
}

// TestCardBorn reads both forms of a date, and leaves what is none as it is.
func TestCardBorn(t *testing.T) {
	for _, c := range []struct {
		name  string
		value any
		shown string
		ok    bool
	}{
		{"as the table has it", "19920510", "1992-05-10", true},
		{"as the example has it", "1992-05-10", "1992-05-10", true},
		{"as a number", 19920510, "1992-05-10", true},
		{"no such day", "19920230", "19920230", false},
		{"day first", "10-05-1992", "10-05-1992", false},
		{"year only", "1992", "1992", false},
		{"empty", "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			card, _ := cardOf(t, func(x *card) { x.identity.set(8, c.value) })
			at, ok := card.Born()
			if ok != c.ok || card.Text("dateOfBirth") != c.shown || ok && !at.Equal(time.Date(1992, 5, 10, 0, 0, 0, 0, time.UTC)) {
				t.Errorf("%v %v, shown %q", at, ok, card.Text("dateOfBirth"))
			}
		})
	}
}

// TestCardUnknown: what the specification does not assign is kept and shown.
func TestCardUnknown(t *testing.T) {
	c, _ := cardOf(t, func(x *card) {
		x.identity.set(40, "x\x07y")
		x.identity.set(80, []any{1, pairs(1, "b")})
		x.identity = append(x.identity, "gol", "O")
		x.identity.set(9, 7)
	})
	got := map[string]string{}
	for _, a := range c.Unknown() {
		got[a.Label] = a.Value
	}
	if len(got) != 3 || got["40"] != "x y" || got["80"] != "1, 1: b" || got["gol"] != "O" {
		t.Errorf("%v", got)
	}
	for _, a := range c.Attributes {
		if a.Name == "gender" && (a.Value != "7" || a.Word != "") {
			t.Errorf("a gender that is not assigned: %+v", a)
		}
	}
}

// TestPhoto unpacks JPEG and WebP, wherever on the card they stand; all else
// is said to be there and not shown.
func TestPhoto(t *testing.T) {
	jpg, webp := pictureFile("photo.jpg"), pictureFile("photo.webp")
	huge := append([]byte{}, jpg...)
	frame := bytes.Index(huge, []byte("\xff\xc0"))
	copy(huge[frame+5:], []byte{0xff, 0xff, 0xff, 0xff})
	in := func(data []byte, format int) func(x *card) {
		return func(x *card) { x.identity.set(16, data); x.identity.set(17, format) }
	}
	for _, c := range []struct {
		name, kind string
		shown      bool
		edit       func(x *card)
	}{
		{"JPEG", "JPEG", true, in(jpg, 1)},
		{"WebP", "WEBP", true, in(webp, 4)},
		{"WebP that calls itself JPEG", "WEBP", true, in(webp, 1)},
		{"the first face", "WEBP", true, func(x *card) {
			x.identity.set(62, []any{pairs(0, []byte{1}, 1, 1, 2, 0), pairs(0, webp, 1, 0, 2, 4)})
		}},
		{"JPEG 2000", "JPEG2000", false, in([]byte("\x00\x00\x00\x0cjP  \r\n\x87\n"), 2)},
		{"AVIF", "AVIF", false, in([]byte("\x00\x00\x00\x20ftypavif\x00\x00\x00\x00"), 3)},
		{"nothing known", "", false, in([]byte("foto"), 1)},
		{"cut JPEG", "JPEG", false, in(jpg[:300], 1)},
		{"cut WebP", "WEBP", false, in(webp[:40], 4)},
		{"JPEG of 65,535 pixels a side", "JPEG", false, in(huge, 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _ := cardOf(t, c.edit)
			if got.Photo == nil || got.Photo.Kind() != c.kind {
				t.Fatalf("photo %+v", got.Photo)
			}
			img, err := got.Photo.Image()
			if !c.shown {
				if !errors.Is(err, token.ErrNotShown) {
					t.Errorf("error %v", err)
				}
				if n := allocated(func() { got.Photo.Image() }); n > 256<<10 {
					t.Errorf("%d bytes allocated", n)
				}
				return
			}
			if err != nil || img.Bounds().Dx() != 48 || img.Bounds().Dy() != 60 {
				t.Fatalf("image %v", err)
			}
			if a, b := color.GrayModel.Convert(img.At(24, 30)).(color.Gray).Y, color.GrayModel.Convert(img.At(1, 1)).(color.Gray).Y; a == b {
				t.Error("the picture is empty")
			}
		})
	}
	if c, _ := cardOf(t, nil); c.Photo != nil {
		t.Errorf("a photo from nowhere: %+v", c.Photo)
	}
}

// shared finds a file among the data that others made, beside the module.
func shared(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", path))
	if err != nil {
		t.Skipf("data of others is not there: %v", err)
	}
	return string(data)
}

// TestMapping: numbers, names and coded values are those of the attribute map
// that others published with their vectors.
func TestMapping(t *testing.T) {
	text := shared(t, "vectors/claim169/mapping.yaml")
	_, text, _ = strings.Cut(text, "\nclaim_169:")
	text, rest, _ := strings.Cut(text, "\nbiometric:")
	entry := regexp.MustCompile(`(?m)^  (\d+):\n    name: .*\n    rust_name: (\w+)\n    type: (.*)\n`).FindAllStringSubmatch(text, -1)
	if len(entry) != 39 {
		t.Fatalf("%d attributes in the map", len(entry))
	}
	for _, e := range entry {
		words := strings.Split(e[2], "_")
		for i := range words[1:] {
			words[i+1] = strings.ToUpper(words[i+1][:1]) + words[i+1][1:]
		}
		if name, kind := token.Attribute169(e[1]); name != strings.Join(words, "") || kind != strings.Trim(e[3], `"`) {
			t.Errorf("%s is %q (%s), want %q (%s)", e[1], name, kind, strings.Join(words, ""), e[3])
		}
	}
	flat := strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToUpper(rest))
	for _, sub := range token.SubFormats169() {
		if !strings.Contains(flat, strings.ReplaceAll(strings.ToUpper(sub), "-", "")) {
			t.Errorf("format %s is not in the map", sub)
		}
	}
}

// TestSpecificationExample reads the one whole card that the specification prints.
func TestSpecificationExample(t *testing.T) {
	text := shared(t, "vectors/claim169/claim_169_spec_v1.2.0.md")
	block := regexp.MustCompile(`(?s)h'(A501[0-9A-F\s]{900,})'`).FindStringSubmatch(text)
	if block == nil {
		t.Fatal("no example in the specification")
	}
	payload := unhex(t, strings.Join(strings.Fields(block[1]), ""))
	c, _ := cardOf(t, func(x *card) { x.sign.payload, x.list.Keys[0].Issuer = payload, "" })
	born, _ := c.Born()
	word := ""
	for _, a := range c.Attributes {
		if a.Name == "gender" {
			word = a.Word
		}
	}
	if born.Format(time.DateOnly) != "1984-04-18" || c.Text("id") != "3918592438" || word != "male" || c.Text("nationality") != "IN" || len(c.Unknown()) > 0 {
		t.Errorf("born %v, gender %q, %+v", born, word, c.Attributes)
	}
	if c.Photo == nil || c.Photo.Kind() != "WEBP" {
		t.Fatalf("no face")
	}
	if _, err := c.Photo.Image(); err != nil {
		t.Error(err)
	}
}

// TestAllocation: no refused vector allocates more than 256 KiB, whatever it
// claims to hold.
func TestAllocation(t *testing.T) {
	var worst uint64
	var which string
	n := 0
	for _, v := range readVectors(t) {
		if v.Valid {
			continue
		}
		check := v.ready(t)
		if got := allocated(func() { check() }); got > worst {
			worst, which = got, v.Name
		}
		n++
	}
	if worst > 256<<10 {
		t.Errorf("%s: %d bytes allocated", which, worst)
	}
	t.Logf("%d refused vectors: at most %d bytes (%s)", n, worst, which)
}

// TestBareCard is policy's word on cards without a phone: taken and marked, or
// refused as what they are, whether or not anybody trusted signed them.
func TestBareCard(t *testing.T) {
	for name, c := range map[string]struct {
		policy, encrypted bool
		edit              func(text string) string
		want              token.Check // the last line
		valid             bool
	}{
		"taken":                 {policy: true, want: token.Check{Name: token.CheckDevice, OK: true, Reason: token.ReasonNoProof}, valid: true},
		"not taken":             {want: token.Check{Name: token.CheckDevice, Reason: token.ReasonCard}},
		"encrypted, not taken":  {encrypted: true, want: token.Check{Name: token.CheckDevice, Reason: token.ReasonCard}},
		"no card, and none are": {edit: func(string) string { return "SELAMAT DATANG" }, want: token.Check{Name: token.CheckFormat, Reason: token.ReasonNotOurs}},
		"cut off": {edit: func(text string) string { return text[:len(text)/3*2/3*3] },
			want: token.Check{Name: token.CheckFormat, Reason: token.ReasonNotOurs}},
	} {
		t.Run(name, func(t *testing.T) {
			card := newCard()
			if c.encrypted {
				card.crypt = newCrypt(32)
			}
			text := card.vector().QR
			if c.edit != nil {
				text = c.edit(text)
			}
			got := token.Verifier{Trust: card.list, Claim169: c.policy}.Verify(text, start)
			if last := got.Checks[len(got.Checks)-1]; last != c.want || got.Valid != c.valid || got.Proof || (got.Card != nil) != c.valid {
				t.Errorf("%v, valid %v, card %v", got.Checks, got.Valid, got.Card)
			}
		})
	}
}
