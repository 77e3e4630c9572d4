package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"sync"
	"time"

	xdraw "golang.org/x/image/draw"
)

// frameRate is what a common webcam gives at 720p.
const frameRate = 15

// A webcam is an MJPEG stream that shows a scene as a camera would: 1280×720,
// with sensor noise that differs from frame to frame. The kiosk opens it
// through camera/webcam like any network camera.
type webcam struct {
	mu    sync.Mutex
	scene scene

	server *http.Server
	URL    string
}

// A scene draws what stands before the camera at time t since it was shown.
type scene func(t time.Duration) *image.RGBA

// openWebcam serves /stream on a free port of the loopback interface.
func openWebcam() (*webcam, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open webcam: %w", err)
	}
	w := &webcam{scene: emptyRoom()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stream", w.stream)
	w.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	w.URL = "http://" + ln.Addr().String() + "/stream"
	go w.server.Serve(ln) // ends with Close
	return w, nil
}

func (w *webcam) Close() error { return w.server.Close() }

// Show puts a scene before the camera.
func (w *webcam) Show(s scene) {
	start := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.scene = func(time.Duration) *image.RGBA { return s(time.Since(start)) }
}

func (w *webcam) stream(rw http.ResponseWriter, r *http.Request) {
	parts := multipart.NewWriter(rw)
	rw.Header().Set("Content-Type", "multipart/x-mixed-replace; boundary="+parts.Boundary())
	tick := time.NewTicker(time.Second / frameRate)
	defer tick.Stop()
	noise := newNoise(rand.New(rand.NewPCG(1, 2)))
	var buf bytes.Buffer
	for {
		w.mu.Lock()
		s := w.scene
		w.mu.Unlock()
		frame := s(0)
		noise.add(frame)
		buf.Reset()
		if err := jpeg.Encode(&buf, frame, &jpeg.Options{Quality: 90}); err != nil {
			return
		}
		part, err := parts.CreatePart(textproto.MIMEHeader{
			"Content-Type":   {"image/jpeg"},
			"Content-Length": {fmt.Sprint(buf.Len())},
		})
		if err != nil {
			return
		}
		if _, err := part.Write(buf.Bytes()); err != nil {
			return
		}
		rw.(http.Flusher).Flush()
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}

// frameSize is 720p, what cheap webcams give.
var frameSize = image.Rect(0, 0, 1280, 720)

// emptyRoom is a plain wall.
func emptyRoom() scene {
	wall := image.NewRGBA(frameSize)
	draw.Draw(wall, frameSize, image.NewUniform(color.RGBA{96, 104, 112, 255}), image.Point{}, draw.Src)
	return func(time.Duration) *image.RGBA { return clone(wall) }
}

// approach is how long a hand takes to bring a phone before the camera.
const approach = 2 * time.Second

// phoneHeld is a phone's screen that a hand brings closer to the camera until
// it fills the height of the frame, as at about 15 cm, trembling a little.
// screen is a picture of the whole phone screen.
func phoneHeld(screen image.Image) scene {
	const stops = 8
	var sizes [stops]*image.RGBA
	b := screen.Bounds()
	for i := range sizes {
		height := 150 + (700-150)*i/(stops-1)
		sizes[i] = image.NewRGBA(image.Rect(0, 0, height*b.Dx()/b.Dy(), height))
		xdraw.CatmullRom.Scale(sizes[i], sizes[i].Bounds(), screen, b, draw.Src, nil)
	}
	hand := rand.New(rand.NewPCG(3, 4))
	room := emptyRoom()
	return func(t time.Duration) *image.RGBA {
		frame := room(t)
		phone := sizes[min(stops-1, int(stops*t/approach))]
		size := phone.Bounds().Size()
		at := frameSize.Max.Sub(size).Div(2).Add(image.Pt(hand.IntN(3)-1, hand.IntN(3)-1))
		bezel := image.Rectangle{at.Sub(image.Pt(12, 12)), at.Add(size).Add(image.Pt(12, 12))}
		draw.Draw(frame, bezel, image.NewUniform(color.RGBA{24, 26, 30, 255}), image.Point{}, draw.Src)
		draw.Draw(frame, phone.Bounds().Add(at), phone, image.Point{}, draw.Src)
		return frame
	}
}

// film is what the phone's camera sees of the citizen's screen, held in a hand:
// frames of 720p one after the other, as Chromium takes them from a file.
func film(seen image.Image) ([]byte, error) {
	const frames = 10
	hand, noise := rand.New(rand.NewPCG(5, 6)), newNoise(rand.New(rand.NewPCG(7, 8)))
	room := emptyRoom()
	b := seen.Bounds()
	near := image.NewRGBA(image.Rect(0, 0, 1200, 1200*b.Dy()/b.Dx()))
	xdraw.CatmullRom.Scale(near, near.Rect, seen, b, draw.Src, nil)
	var out bytes.Buffer
	for range frames {
		frame := room(0)
		at := frameSize.Max.Sub(near.Rect.Max).Div(2).Add(image.Pt(hand.IntN(5)-2, hand.IntN(5)-2))
		draw.Draw(frame, near.Rect.Add(at), near, image.Point{}, draw.Src)
		noise.add(frame)
		if err := jpeg.Encode(&out, frame, &jpeg.Options{Quality: 90}); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

func clone(img *image.RGBA) *image.RGBA {
	c := *img
	c.Pix = append([]byte(nil), img.Pix...)
	return &c
}

// noise is a sensor's: about 2.5 grey levels, alike in all channels, another
// each frame. A long table read from a random place is fast enough for 15
// frames a second beside the programs under test.
type noise struct {
	table []int8
	rng   *rand.Rand
}

func newNoise(rng *rand.Rand) *noise {
	n := &noise{table: make([]int8, 1<<20+4099), rng: rng}
	for i := range n.table {
		n.table[i] = int8(max(-8, min(8, rng.NormFloat64()*2.5)))
	}
	return n
}

func (n *noise) add(img *image.RGBA) {
	p := img.Pix
	for y := range img.Rect.Dy() {
		row := p[y*img.Stride : y*img.Stride+4*img.Rect.Dx()]
		at := n.rng.IntN(len(n.table) - img.Rect.Dx())
		for x := 0; x < len(row); x += 4 {
			d := int(n.table[at+x/4])
			row[x] = clamp(int(row[x]) + d)
			row[x+1] = clamp(int(row[x+1]) + d)
			row[x+2] = clamp(int(row[x+2]) + d)
		}
	}
}

func clamp(v int) byte { return byte(max(0, min(255, v))) }
