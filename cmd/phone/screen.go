package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"loket/assets"
	"loket/scanner/qr"
)

// The screen that Go draws when no browser is there: the same places and words
// as the page, 412 by 915 points at two pixels a point.
const (
	screenWide = 412
	screenHigh = 915
	density    = 2
)

// Colours of the house.
var (
	ink     = color.RGBA{0x14, 0x21, 0x2b, 0xff}
	muted   = color.RGBA{0x5b, 0x6b, 0x7a, 0xff}
	paper   = color.RGBA{0xf3, 0xf6, 0xf9, 0xff}
	white   = color.RGBA{0xff, 0xff, 0xff, 0xff}
	primary = color.RGBA{0x0b, 0x5f, 0xa5, 0xff}
)

// sheet is a picture that is drawn in points.
type sheet struct {
	img   *image.RGBA
	faces map[string]font.Face
}

func newSheet() *sheet {
	s := &sheet{image.NewRGBA(image.Rect(0, 0, screenWide*density, screenHigh*density)), map[string]font.Face{}}
	s.box(0, 0, screenWide, screenHigh, paper)
	return s
}

func (s *sheet) box(x, y, w, h int, c color.Color) {
	draw.Draw(s.img, image.Rect(x*density, y*density, (x+w)*density, (y+h)*density), image.NewUniform(c), image.Point{}, draw.Src)
}

func (s *sheet) face(size float64, bold bool) (font.Face, error) {
	key := fmt.Sprint(size, bold)
	if f, ok := s.faces[key]; ok {
		return f, nil
	}
	ttf := assets.Regular
	if bold {
		ttf = assets.Bold
	}
	parsed, err := opentype.Parse(ttf)
	if err != nil {
		return nil, fmt.Errorf("draw screen: %w", err)
	}
	f, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size * density, DPI: 72})
	if err != nil {
		return nil, fmt.Errorf("draw screen: %w", err)
	}
	s.faces[key] = f
	return f, nil
}

// text writes lines from the baseline y on, wrapped to the screen less its
// margins and centred where asked, and gives the baseline after the last.
func (s *sheet) text(y int, size float64, bold bool, c color.Color, centred bool, words string) (int, error) {
	f, err := s.face(size, bold)
	if err != nil {
		return y, err
	}
	const margin = 24
	room := fixed.I((screenWide - 2*margin) * density)
	write := func(line string) {
		x := fixed.I(margin * density)
		if centred {
			x = (fixed.I(screenWide*density) - font.MeasureString(f, line)) / 2
		}
		d := font.Drawer{Dst: s.img, Src: image.NewUniform(c), Face: f, Dot: fixed.Point26_6{X: x, Y: fixed.I(y * density)}}
		d.DrawString(line)
		y += int(size * 1.4)
	}
	line := ""
	for _, word := range strings.Fields(words) {
		if longer := strings.TrimSpace(line + " " + word); line == "" || font.MeasureString(f, longer) <= room {
			line = longer
			continue
		}
		write(line)
		line = word
	}
	write(line)
	return y, nil
}

// screenWords are the title and sentence of each step, as on the page.
var screenWords = map[Step][2]string{
	StepRegister: {"Daftar IKD", "Isi NIK, e-mail, dan nomor ponsel Anda."},
	StepQR:       {"Tunjukkan kode ini ke petugas", "Layanan ini gratis. Petugas tidak pernah meminta PIN Anda."},
	StepWait:     {"Disetujui", "Kode aktivasi sedang dikirim ke e-mail Anda."},
	StepCode:     {"Masukkan kode dari e-mail", "Kode hanya berlaku di ponsel ini."},
	StepPIN:      {"Buat PIN", "Enam angka yang hanya Anda yang tahu."},
	StepCard:     {"IKD Anda aktif", "KTP-el tetap berlaku di samping IKD."},
	StepStop:     {"Belum dapat dilanjutkan", "Ikuti petunjuk dari petugas Dukcapil."},
}

// screenPNG draws what the phone shows now.
func screenPNG(p *Phone) ([]byte, error) {
	status := p.Status()
	s := newSheet()
	s.box(0, 0, screenWide, 76, primary)
	if _, err := s.text(50, 20, true, white, false, "IKD · Latihan"); err != nil {
		return nil, err
	}
	words := screenWords[status.Step]
	y, err := s.text(120, 22, true, ink, true, words[0])
	if err == nil && status.QR != nil {
		y, err = s.code(y, p, *status.QR)
	}
	if err == nil && status.Code != "" {
		if y, err = s.text(y+6, 13, false, muted, true, "Kode tak terbaca? Sebutkan kode ini:"); err == nil {
			y, err = s.text(y+10, 22, true, ink, true, status.Code)
		}
	}
	if err == nil {
		_, err = s.text(y+12, 15, false, muted, true, words[1])
	}
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, s.img); err != nil {
		return nil, fmt.Errorf("draw screen: %w", err)
	}
	return b.Bytes(), nil
}

// code draws the QR as large as the screen's width allows, in whole pixels a
// module, and under it for how long it counts.
func (s *sheet) code(y int, p *Phone, q StatusQR) (int, error) {
	c, err := p.Code()
	if err != nil {
		return y, err
	}
	one, err := qr.Encode(c.Text, 1, qr.LevelL)
	if err != nil {
		return y, err
	}
	const side = screenWide - 16
	img, err := qr.Encode(c.Text, side*density/one.Rect.Dx(), qr.LevelL)
	if err != nil {
		return y, err
	}
	s.box(8, y, side, side, white)
	at := image.Pt((screenWide*density-img.Rect.Dx())/2, y*density+(side*density-img.Rect.Dx())/2)
	draw.Draw(s.img, img.Rect.Add(at), img, image.Point{}, draw.Src)
	left := max(0, q.Seconds)
	return s.text(y+side+36, 18, true, ink, true, fmt.Sprintf("berlaku %02d.%02d", left/60, left%60))
}
