package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"loket/scanner/qr"
	"loket/scanner/qr/clip"
)

// streamFigures is what `kiosk eval qr --stream` prints. Times count from the first frame with streamPixels pixels a
// module to the moment the text is there, reading included; a code read before that counts as 0.
type streamFigures struct {
	Clips    int     `json:"clips"`
	Seed     uint64  `json:"seed"`
	Read     int     `json:"read"`
	Wrong    int     `json:"wrong"`
	Within   float64 `json:"within_400ms"` // share of all clips
	MedianMS float64 `json:"median_ms"`    // of those read
	P95MS    float64 `json:"p95_ms"`
	FrameMS  float64 `json:"mean_frame_ms"` // time the reader takes for a frame

	Blur   int            `json:"blur,omitempty"`  // pixels that each frame is out of focus
	Hints  map[string]int `json:"hints,omitempty"` // frames with 2.5 pixels a module that were not read, by what was said
	Misled int            `json:"wrong_hints"`     // frames that were told to come closer from 3.5 pixels, or to hold still under 2
}

// Bounds within which a hint may be late: it stays for five frames, in which the code grows by half a pixel a module.
const (
	stillSmall  = 3.5
	neverEnough = 2
	hintsFrom   = 2.5
)

// hinted counts what an unread frame was told.
func (f *streamFigures) hinted(h qr.Hint, pixels float64) {
	if pixels >= hintsFrom {
		f.Hints[h.String()]++
	}
	if h == qr.HintCloser && pixels >= stillSmall || h == qr.HintHold && pixels < neverEnough {
		f.Misled++
	}
}

// Conditions of the stream's figures (DESIGN.md section 9).
const (
	streamPixels = 3
	streamWithin = 400 * time.Millisecond
	// streamBudget is the time box that the scan screen gives a frame at 10 reads a second, with room for the rest.
	streamBudget = 60 * time.Millisecond
)

// streamText is a presentation's length of base45, drawn from the clip's seed.
func streamText(seed uint64) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
	rnd := rand.New(rand.NewPCG(seed, 45))
	var b strings.Builder
	b.WriteString("IKD1:")
	for range 620 + rnd.IntN(140) {
		b.WriteByte(letters[rnd.IntN(len(letters))])
	}
	return b.String()
}

// runQRStream plays the clips of seed, seed+1, … to a new reader each. The reader is given the newest frame whenever it
// has finished with the one before, as on the scan screen.
func runQRStream(seed uint64, clips, blur int, each bool, out *json.Encoder) error {
	total := streamFigures{Clips: clips, Seed: seed, Blur: blur, Hints: map[string]int{}}
	var times []float64
	var busy time.Duration
	frames, soon := 0, 0
	for i := range clips {
		text := streamText(seed + uint64(i))
		c, err := clip.New(seed+uint64(i), text, qr.LevelL)
		if err != nil {
			return fmt.Errorf("prepare clip: %w", err)
		}
		first := 0
		for first < c.Len() && c.ModulePixels(first) < streamPixels {
			first++
		}
		reader := qr.NewReader(qr.Options{Plausible: func(s string) bool { return strings.HasPrefix(s, "IKD1:") }})
		line := struct {
			Seed    uint64  `json:"seed"`
			Read    bool    `json:"read"`
			MS      float64 `json:"ms"` // negative before there were enough pixels
			Attempt string  `json:"attempt,omitempty"`
			Pixels  float64 `json:"module_pixels"`
		}{Seed: seed + uint64(i)}
		for now, k := time.Duration(0), 0; k < c.Len(); k = max(k+1, int(now/clip.Every)) {
			img := clip.Blurred(c.Frame(k), blur)
			now = max(now, time.Duration(k)*clip.Every)
			start := time.Now()
			got := reader.Read(img, streamBudget)
			took := time.Since(start)
			now, busy, frames = now+took, busy+took, frames+1
			if len(got.Symbols) == 0 {
				total.hinted(got.Hint, c.ModulePixels(k))
				continue
			}
			if got.Symbols[0].Text != text {
				total.Wrong++
				break
			}
			after := now - time.Duration(first)*clip.Every
			line.Read, line.MS = true, float64(after)/1e6
			line.Attempt, line.Pixels = got.Symbols[0].Attempt, got.Symbols[0].ModulePixels
			total.Read++
			times = append(times, max(0, line.MS))
			if after <= streamWithin {
				soon++
			}
			break
		}
		if each {
			if err := out.Encode(line); err != nil {
				return fmt.Errorf("print line: %w", err)
			}
		}
	}
	if len(times) > 0 {
		slices.Sort(times)
		total.MedianMS, total.P95MS = times[len(times)/2], times[min(len(times)-1, len(times)*95/100)]
	}
	total.Within, total.FrameMS = float64(soon)/float64(clips), float64(busy)/1e6/float64(max(1, frames))
	if err := out.Encode(total); err != nil {
		return fmt.Errorf("print summary: %w", err)
	}
	return nil
}
