package qr_test

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"loket/scanner/qr"
)

// pose is where a code stands in a drawn frame: the pixels of its four corners (with the quiet zone).
type pose [4][2]float64

// upright is a code of side pixels, turned by angle around the middle of a w×h frame.
func upright(w, h, side, angle float64) pose {
	var p pose
	for i, c := range [4][2]float64{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}} {
		x, y := c[0]*side/2, c[1]*side/2
		p[i] = [2]float64{w/2 + x*math.Cos(angle) - y*math.Sin(angle), h/2 + x*math.Sin(angle) + y*math.Cos(angle)}
	}
	return p
}

// shot draws a code as a camera would see it: in perspective, blurred over a square of blur pixels, with noise.
// white and black are its grey values, clipped like a sensor's.
func shot(t testing.TB, rnd *rand.Rand, w, h int, text string, level qr.Level, p pose, blur, noise, white, black float64) *image.RGBA {
	t.Helper()
	code, err := qr.Encode(text, 1, level)
	if err != nil {
		t.Fatal(err)
	}
	side := float64(code.Rect.Dx())
	// The plane from the frame to the code: solved by the usual square-to-quad map and its adjugate.
	x0, y0, x1, y1, x2, y2, x3, y3 := p[0][0], p[0][1], p[1][0], p[1][1], p[2][0], p[2][1], p[3][0], p[3][1]
	dx1, dx2, dx3 := x1-x2, x3-x2, x0-x1+x2-x3
	dy1, dy2, dy3 := y1-y2, y3-y2, y0-y1+y2-y3
	den := dx1*dy2 - dx2*dy1
	g, k := (dx3*dy2-dx2*dy3)/den, (dx1*dy3-dx3*dy1)/den
	a, b, c := x1-x0+g*x1, x3-x0+k*x3, x0
	d, e, f := y1-y0+g*y1, y3-y0+k*y3, y0
	inv := [9]float64{e - f*k, c*k - b, b*f - c*e, f*g - d, a - c*g, c*d - a*f, d*k - e*g, b*g - a*k, a*e - b*d}
	at := func(x, y float64) float64 {
		z := inv[6]*x + inv[7]*y + inv[8]
		u, v := (inv[0]*x+inv[1]*y+inv[2])/z*side, (inv[3]*x+inv[4]*y+inv[5])/z*side
		if u < 0 || v < 0 || u >= side || v >= side {
			return 60
		}
		if code.Pix[int(v)*code.Stride+int(u)] == 0 {
			return black
		}
		return white
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	n := max(3, int(math.Ceil(1.3*blur)))
	lo := [2]float64{min(x0, x1, x2, x3) - blur - 1, min(y0, y1, y2, y3) - blur - 1}
	hi := [2]float64{max(x0, x1, x2, x3) + blur + 1, max(y0, y1, y2, y3) + blur + 1}
	for y := range h {
		for x := range w {
			sum := 0.0
			if px, py := float64(x), float64(y); px < lo[0] || py < lo[1] || px > hi[0] || py > hi[1] {
				sum = 60 * float64(n*n)
			} else {
				for j := range n {
					for i := range n {
						sum += at(float64(x)+0.5+((float64(i)+0.5)/float64(n)-0.5)*blur, float64(y)+0.5+((float64(j)+0.5)/float64(n)-0.5)*blur)
					}
				}
			}
			v := uint8(max(0, min(255, sum/float64(n*n)+noise*rnd.NormFloat64())))
			img.SetRGBA(x, y, color.RGBA{v, v, v, 255})
		}
	}
	return img
}

func isOurs(s string) bool { return strings.HasPrefix(s, "IKD1:") }

func TestReaderBelieves(t *testing.T) {
	img := shot(t, rand.New(rand.NewPCG(1, 1)), 640, 480, "IKD1:ABC", qr.LevelM, upright(640, 480, 200, 0.2), 1, 2, 220, 40)
	plausible := qr.NewReader(qr.Options{Plausible: isOurs})
	if got := plausible.Read(img, time.Second); len(got.Symbols) != 1 {
		t.Errorf("a plausible text counts at once: got %+v", got)
	}
	twice := qr.NewReader(qr.Options{Plausible: func(string) bool { return false }})
	for i, want := range []int{0, 1, 1} {
		if got := twice.Read(img, time.Second); len(got.Symbols) != want {
			t.Errorf("frame %d of an implausible text: %d symbols, want %d", i, len(got.Symbols), want)
		}
	}
	twice.Reset()
	if got := twice.Read(img, time.Second); len(got.Symbols) != 0 {
		t.Errorf("after Reset one frame counts again: got %+v", got)
	}
}

func TestReaderHints(t *testing.T) {
	text := "IKD1:" + strings.Repeat("6BF+70790T9WJWG.FKY*4GO0.O1CV2", 20)
	for _, tt := range []struct {
		name              string
		side, blur, noise float64
		white, black      float64
		want              qr.Hint
		atLeast, lessThan float64 // pixels a module
		alsoReadable      bool
	}{
		{name: "sharp", side: 400, blur: 1, noise: 2, white: 220, black: 40, want: qr.HintNone, alsoReadable: true},
		{name: "too far", side: 170, blur: 4, noise: 2, white: 220, black: 40, want: qr.HintCloser, lessThan: 2.5},
		{name: "too bright", side: 420, blur: 6, noise: 2, white: 1000, black: 40, want: qr.HintDimmer, atLeast: 2.5},
		{name: "moving", side: 420, blur: 10, noise: 2, white: 220, black: 40, want: qr.HintHold, atLeast: 2.5},
		{name: "nothing", side: 4, blur: 1, noise: 2, white: 220, black: 40, want: qr.HintNone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			img := shot(t, rand.New(rand.NewPCG(2, 2)), 640, 480, text, qr.LevelL, upright(640, 480, tt.side, 0.1),
				tt.blur, tt.noise, tt.white, tt.black)
			r := qr.NewReader(qr.Options{Plausible: isOurs})
			var got qr.Reading
			for range 6 { // so that every attempt has had its turn
				got = r.Read(img, time.Second)
			}
			if got.Hint != tt.want || (len(got.Symbols) > 0) != tt.alsoReadable {
				t.Fatalf("got hint %v at %.2f pixels, %d symbols", got.Hint, got.ModulePixels, len(got.Symbols))
			}
			if got.ModulePixels < tt.atLeast || tt.lessThan > 0 && got.ModulePixels >= tt.lessThan {
				t.Errorf("%.2f pixels a module", got.ModulePixels)
			}
		})
	}
}

// TestReaderFuses shows frames of which none can be read alone: only their sum can.
func TestReaderFuses(t *testing.T) {
	text := "IKD1:" + strings.Repeat("6BF+70790T9WJWG.FKY*4GO0.O1CV2", 20)
	frames := func(seed uint64) func() *image.RGBA {
		rnd := rand.New(rand.NewPCG(seed, seed))
		return func() *image.RGBA {
			return shot(t, rnd, 640, 480, text, qr.LevelL, upright(640, 480, 230+rnd.Float64()*4, rnd.Float64()*0.1), 4, 55, 230, 20)
		}
	}
	next := frames(7)
	alone := 0
	for range 10 {
		if len(qr.NewReader(qr.Options{Plausible: isOurs}).Read(next(), time.Second).Symbols) > 0 {
			alone++
		}
	}
	next = frames(7)
	r := qr.NewReader(qr.Options{Plausible: isOurs})
	for i := range 10 {
		got := r.Read(next(), time.Second)
		if len(got.Symbols) == 0 {
			continue
		}
		if s := got.Symbols[0]; s.Text != text || s.Attempt != "fused" {
			t.Fatalf("frame %d: attempt %q, right text: %v", i, s.Attempt, s.Text == text)
		}
		t.Logf("fused at frame %d; alone %d of 10", i, alone)
		if alone != 0 {
			t.Errorf("%d of the 10 frames can be read alone, so this shows nothing", alone)
		}
		return
	}
	t.Error("ten frames together were not read")
}

// TestReaderFollows moves a code and then shows another one elsewhere.
func TestReaderFollows(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	r := qr.NewReader(qr.Options{Plausible: isOurs})
	for i := range 12 {
		p := upright(640, 480, 180, 0.1)
		for c := range p {
			p[c][0] += 15*float64(i) - 120
		}
		got := r.Read(shot(t, rnd, 640, 480, "IKD1:SATU", qr.LevelM, p, 1, 3, 220, 40), time.Second)
		if len(got.Symbols) != 1 {
			t.Fatalf("frame %d: %+v", i, got)
		}
		if x := got.Symbols[0].Corners[0].X; math.Abs(x-(p[0][0]+got.Symbols[0].ModulePixels*4)) > 8 {
			t.Errorf("frame %d: corner at %.1f, drawn at %.1f", i, x, p[0][0])
		}
	}
	other := upright(640, 480, 150, 0)
	for c := range other {
		other[c][0] -= 230
		other[c][1] -= 120
	}
	got := r.Read(shot(t, rnd, 640, 480, "IKD1:DUA", qr.LevelM, other, 1, 3, 220, 40), time.Second)
	if len(got.Symbols) != 1 || got.Symbols[0].Text != "IKD1:DUA" {
		t.Errorf("the other code: %+v", got)
	}
}

// TestReaderBudget counts looks at the clock: with no time left only the first attempt is made.
func TestReaderBudget(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	now, looks := time.Unix(0, 0), 0
	r := qr.NewReader(qr.Options{Now: func() time.Time { looks++; now = now.Add(time.Millisecond); return now }})
	r.Read(img, 0)
	short := looks
	r.Read(img, time.Hour)
	if long := looks - short; short != 2 || long != 2+2 {
		t.Errorf("looked at the clock %d times without time, %d with plenty", short, long)
	}
}
