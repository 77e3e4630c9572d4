package sameday_test

import (
	"bytes"
	"fmt"
	"math"
	"testing"
	"time"

	"loket/scanner/face"
	"loket/scanner/face/sameday"
)

var model = face.Model{Name: "contoh", SHA256: "ab", Metric: face.Similarity}

var morning = time.Date(2026, 11, 23, 9, 0, 0, 0, time.FixedZone("WIB", 7*3600))

// at is a unit descriptor at an angle in degrees: its cosine is the similarity.
func at(angle float64) face.Descriptor {
	sin, cos := math.Sincos(angle * math.Pi / 180)
	return face.Descriptor{float32(cos), float32(sin)}
}

func sighting(nik, id string, angle float64, when time.Time) sameday.Sighting {
	return sameday.Sighting{NIK: nik, Case: id, At: when, Model: model, Descriptor: at(angle), Crop: []byte("crop of " + id)}
}

const (
	sri  = "1702014505720003"
	budi = "1702010505720011"
)

func TestSee(t *testing.T) {
	later := morning.Add(2 * time.Hour)
	other := sighting(budi, "b", 0, later)
	other.Model.SHA256 = "cd"
	far := sighting(budi, "b", 0, later)
	far.Model.Metric, far.Descriptor = face.Distance, at(1)
	for _, c := range []struct {
		name   string
		before sameday.Sighting
		now    sameday.Sighting
		limit  float64
		want   int
	}{
		{"the same face, another NIK", sighting(sri, "a", 0, morning), sighting(budi, "b", 5, later), 0.9, 1},
		{"the same face, the same NIK", sighting(sri, "a", 0, morning), sighting(sri, "b", 5, later), 0.9, 0},
		{"another face", sighting(sri, "a", 0, morning), sighting(budi, "b", 60, later), 0.9, 0},
		{"exactly at the limit", sighting(sri, "a", 0, morning), sighting(budi, "b", 0, later), 1, 1},
		{"nobody measured a limit", sighting(sri, "a", 0, morning), sighting(budi, "b", 0, later), 0, 0},
		{"another model", sighting(sri, "a", 0, morning), other, 0.9, 0},
		{"another day", sighting(sri, "a", 0, morning), sighting(budi, "b", 0, morning.AddDate(0, 0, 1)), 0.9, 0},
		{"by distance", sighting(sri, "a", 0, morning), far, 0.1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d sameday.Day
			if near, err := d.See(c.before, c.limit); err != nil || len(near) != 0 {
				t.Fatalf("the first of the day: %v, %v", near, err)
			}
			near, err := d.See(c.now, c.limit)
			if err != nil || len(near) != c.want {
				t.Fatalf("near %+v, %v; want %d", near, err, c.want)
			}
			if c.want == 1 && (near[0].Last4 != "0003" || !near[0].At.Equal(morning) || string(near[0].Crop) != "crop of a") {
				t.Errorf("near %+v", near[0])
			}
		})
	}
}

// Every case is remembered once, whatever it tried; the closest comes first.
func TestSeeOrdersAndReplaces(t *testing.T) {
	var d sameday.Day
	for i, angle := range []float64{40, 3, 9} {
		if _, err := d.See(sighting(fmt.Sprintf("17020145057200%02d", i), "case", angle, morning), 0.5); err != nil {
			t.Fatal(err)
		}
	}
	if d.Len() != 1 {
		t.Errorf("one case left %d faces", d.Len())
	}
	if _, err := d.See(sighting(budi, "other", 3, morning), 0.5); err != nil {
		t.Fatal(err)
	}
	near, err := d.See(sighting("1702014505729999", "new", 2, morning), 0.9)
	if err != nil || len(near) != 2 || near[0].Last4 != budi[12:] || near[0].Score < near[1].Score {
		t.Errorf("near %+v, %v", near, err)
	}
}

func TestEnd(t *testing.T) {
	var d sameday.Day
	if _, err := d.See(sighting(sri, "a", 0, morning), 0.9); err != nil {
		t.Fatal(err)
	}
	d.Turn(morning.Add(14 * time.Hour))
	if d.Len() != 1 {
		t.Errorf("%d faces late on the same day", d.Len())
	}
	if d.Turn(morning.Add(15 * time.Hour)); d.Len() != 0 {
		t.Errorf("%d faces at midnight", d.Len())
	}
	if _, err := d.See(sighting(sri, "a", 0, morning), 0.9); err != nil {
		t.Fatal(err)
	}
	d.End()
	if d.Len() != 0 {
		t.Errorf("%d faces outlived the day", d.Len())
	}
	if near, err := d.See(sighting(budi, "b", 0, morning), 0.9); err != nil || len(near) != 0 {
		t.Errorf("near %+v, %v", near, err)
	}
}

// What a day holds in memory names nobody: neither NIK nor descriptor nor crop
// can be read in it, which a struct that keeps them plainly would show.
func TestNothingReadable(t *testing.T) {
	var d sameday.Day
	s := sighting(sri, "a", 33, morning)
	if _, err := d.See(s, 0.9); err != nil {
		t.Fatal(err)
	}
	held := fmt.Appendf(nil, "%x", d)
	for name, secret := range map[string]string{"NIK": sri, "crop": "crop of a"} {
		if bytes.Contains(held, fmt.Appendf(nil, "%x", secret)) {
			t.Errorf("the %s can be read", name)
		}
	}
	if plain := fmt.Appendf(nil, "%x", s.Crop); !bytes.Contains(fmt.Appendf(nil, "%x", s), plain) {
		t.Error("control: a sighting hides its crop as well")
	}
}
