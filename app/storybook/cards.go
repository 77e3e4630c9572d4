package storybook

import (
	"time"

	"loket/app"
	"loket/app/activation"
)

// carrying are the scan's screens of somebody who brings a bare card.
func carrying(a Art, add adder) {
	v := during(app.ScreenScan, activation.StageScan)
	show := func(name string, c activation.Card, edit func(s *app.Scan)) *Story {
		v := v
		v.Scan = app.Scan{CanType: true, CanShow: true, Items: readyItems(4), Card: &c, CardChecks: []app.Line{
			{Code: "format", State: app.LineOK}, {Code: "signature", State: app.LineOK}, {Code: "issuer", State: app.LineOK},
			{Code: "validity", State: app.LineOK}, {Code: "no-proof", State: app.LineWarn}}}
		if c.NotShown == "" {
			v.Scan.Photo = a.Photo
		}
		if edit != nil {
			edit(&v.Scan)
		}
		return add(name, v)
	}
	show("scan-card", citizenCard(), nil)

	long := citizenCard()
	long.Attributes[1].Value = "RADEN AYU SITI CONTOH KUSUMANINGRUM WIDYANINGSIH TJOKROSOEMARTOSOEWIRJO"
	long.Attributes[4].Value = "JALAN CONTOH PANJANG SEKALI NOMOR SERATUS DUA PULUH TIGA BLOK EMPAT\nRT 001 RW 002 KELURAHAN PASAR BARU\nKECAMATAN CURUP KABUPATEN REJANG LEBONG"
	long.Attributes[5].Value = "sri.contoh.kusumaningrum.widyaningsih.tjokrosoemarto@surat.contoh.id"
	long.NotShown = "AVIF"
	show("scan-card-long", long, nil)

	letters := citizenCard()
	letters.Attributes = append(letters.Attributes,
		activation.CardAttribute{Name: "secondaryFullName", Value: "سري تشونتوه"},
		activation.CardAttribute{Name: "secondaryLanguage", Value: "ara"},
		activation.CardAttribute{Name: "guardian", Value: "BUDI ꦧꦸꦢꦶ CONTOH"})
	letters.NIK, letters.Attributes[0].Value = "", "ID-169-0002"
	letters.NotShown = "JPEG2000"
	show("scan-card-letters", letters, nil)

	show("scan-card-all", everyAttribute(), nil)
	s := show("scan-card-all-2", everyAttribute(), func(s *app.Scan) {
		s.Slips = []app.Line{{Code: "code-digit", State: app.LineBad, Args: []any{4}}}
	})
	s.Keys = []string{"Right", "482 513 0730"}
	show("scan-card-refused", citizenCard(), func(s *app.Scan) {
		s.Checks = []app.Line{{Code: "format", State: app.LineOK}, {Code: "signature", State: app.LineOK}, {Code: "issuer", State: app.LineOK},
			{Code: "validity", State: app.LineBad, Detail: "expired"}}
	})
	show("scan-card-closed", citizenCard(), func(s *app.Scan) {
		s.Card, s.CardChecks, s.Photo = nil, nil, nil
		s.Checks = []app.Line{{Code: "format", State: app.LineOK}, {Code: "card", State: app.LineBad, Detail: "card"}}
	}).Picture = a.Phone
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// citizenCard is a card as an issuer here would make it.
func citizenCard() activation.Card {
	return activation.Card{NIK: "1702014505920003", Issuer: "https://kartu.contoh.id", Subject: "1702014505920003",
		Issued: day(2026, 1, 5), NotBefore: day(2026, 1, 5), Expires: day(2027, 1, 5),
		Attributes: []activation.CardAttribute{
			{Name: "id", Value: "1702014505920003"}, {Name: "fullName", Value: "SRI CONTOH"}, {Name: "dateOfBirth", Value: "1992-05-05"},
			{Name: "gender", Value: "2", Word: "female"}, {Name: "address", Value: "JL. CONTOH 1\nPASAR BARU\nCURUP"},
			{Name: "email", Value: "sri@contoh.id"}, {Name: "maritalStatus", Value: "2", Word: "married"},
			{Name: "nationality", Value: "IDN"}, {Name: "photoFormat", Value: "4", Word: "WEBP"}}}
}

// everyAttribute is a card with all that version 1.2.0 of the specification
// knows, and with what it does not.
func everyAttribute() activation.Card {
	c := activation.Card{Issuer: "https://kartu.contoh.id", Subject: "SUB-169-0002",
		Issued: day(2026, 1, 5), NotBefore: day(2026, 1, 5), Expires: day(2027, 1, 5)}
	for _, a := range [][3]string{{"id", "ID-169-0002"}, {"version", "1.2.0"}, {"language", "ind"}, {"fullName", "SRI CONTOH LESTARI"},
		{"firstName", "SRI"}, {"middleName", "CONTOH"}, {"lastName", "LESTARI"}, {"dateOfBirth", "1992-05-10"}, {"gender", "2", "female"},
		{"address", "JL. CONTOH 1\nPASAR BARU\nCURUP"}, {"email", "sri.contoh@contoh.id"}, {"phone", "+62 812 0000 0001"},
		{"nationality", "IDN"}, {"maritalStatus", "2", "married"}, {"guardian", "BUDI CONTOH"}, {"photoFormat", "4", "WEBP"},
		{"bestQualityFingers", "1, 6, 10", "right-thumb left-thumb left-little"}, {"secondaryFullName", "SRI TELADAN"},
		{"secondaryLanguage", "jav"}, {"locationCode", "6P4FGG8R+2X"}, {"legalStatus", "WNI"}, {"countryOfIssuance", "IDN"}} {
		c.Attributes = append(c.Attributes, activation.CardAttribute{Name: a[0], Value: a[1], Word: a[2]})
	}
	c.Attributes = append(c.Attributes, activation.CardAttribute{Label: "24", Value: "sesuatu"}, activation.CardAttribute{Label: "agama", Value: "1"})
	for i, name := range []string{"rightThumb", "rightPointerFinger", "rightMiddleFinger", "rightRingFinger", "rightLittleFinger", "leftThumb",
		"leftPointerFinger", "leftMiddleFinger", "leftRingFinger", "leftLittleFinger", "rightIris", "leftIris", "face", "rightPalm", "leftPalm", "voice"} {
		a := activation.CardAttribute{Name: name, Word: "image WEBP", Size: 600 + 31*i}
		switch {
		case i%2 == 1:
			a.Word, a.Value = "template ISO19794-2", "VendorA"
		case name == "voice":
			a.Word = "sound MP3"
		}
		c.Attributes = append(c.Attributes, a)
	}
	return c
}
