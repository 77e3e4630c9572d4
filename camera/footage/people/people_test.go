package people_test

import (
	"bytes"
	"image"
	"testing"

	"loket/camera/footage/people"
)

// There is somebody of every kind that an office meets.
func TestAll(t *testing.T) {
	all := people.All()
	if len(all) < 24 {
		t.Fatalf("%d persons", len(all))
	}
	ids, count := map[string]bool{}, map[string]int{}
	for _, p := range all {
		if ids[p.ID] {
			t.Errorf("%s twice", p.ID)
		}
		ids[p.ID] = true
		count[string(p.Sex)]++
		if p.Hijab {
			count["hijab"]++
		}
		if p.Beard != people.Shaven {
			count["beard"]++
		}
		if p.Glasses != people.NoGlasses {
			count["glasses"]++
		}
		if (p.Hijab && p.Sex != people.Female) || (p.Beard != people.Shaven && p.Sex != people.Male) {
			t.Errorf("%s: %+v", p.ID, p)
		}
	}
	for _, kind := range []string{"L", "P", "hijab", "beard", "glasses"} {
		if n := count[kind]; n < 5 || n > len(all)-5 {
			t.Errorf("%d of %d with %s", n, len(all), kind)
		}
	}
	if p, ok := people.Find(all[3].ID); !ok || p.ID != all[3].ID {
		t.Error("Find")
	}
	if _, ok := people.Find("nobody"); ok {
		t.Error("Find nobody")
	}
}

// The same person and Look give the same bytes; whatever is changed changes
// the picture. The first row is the control.
func TestDraw(t *testing.T) {
	all := people.All()
	size := image.Pt(160, 120)
	p, base := all[1], people.Look{Noise: 2, Seed: 1}
	want := p.Draw(size, base)
	with := func(change func(*people.Look)) people.Look { l := base; change(&l); return l }
	tests := []struct {
		name   string
		person people.Person
		look   people.Look
		same   bool
	}{
		{"control: nothing changed", p, base, true},
		{"control: a copy made anew", people.All()[1], base, true},
		{"another person", all[3], base, false},
		{"yaw", p, with(func(l *people.Look) { l.Yaw = 5 }), false},
		{"pitch", p, with(func(l *people.Look) { l.Pitch = 5 }), false},
		{"roll", p, with(func(l *people.Look) { l.Roll = 5 }), false},
		{"eyes closed", p, with(func(l *people.Look) { l.Closed = 1 }), false},
		{"nearer", p, with(func(l *people.Look) { l.Scale = 0.5 }), false},
		{"aside", p, with(func(l *people.Look) { l.X = 0.1 }), false},
		{"light", p, with(func(l *people.Look) { l.Light = people.Light{Azimuth: 60, Strength: 1, Fill: 0.3} }), false},
		{"backdrop", p, with(func(l *people.Look) { l.Backdrop = people.Red }), false},
		{"the next frame's noise", p, with(func(l *people.Look) { l.Seed = 2 }), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.person.Draw(size, tt.look)
			if got.Rect != want.Rect || got.Stride != 4*size.X {
				t.Fatalf("%v, stride %d", got.Rect, got.Stride)
			}
			if bytes.Equal(got.Pix, want.Pix) != tt.same {
				t.Errorf("same as the first: %v, want %v", !tt.same, tt.same)
			}
		})
	}
}

func TestPortrait(t *testing.T) {
	p := people.All()[0]
	one, two := p.Portrait(), p.Portrait()
	if one.Rect != image.Rect(0, 0, 480, 640) || !bytes.Equal(one.Pix, two.Pix) {
		t.Errorf("%v, equal %v", one.Rect, bytes.Equal(one.Pix, two.Pix))
	}
	corner := one.RGBAAt(10, 10)
	if max(corner.R, corner.B) < 2*min(corner.R, corner.B) {
		t.Errorf("backdrop %v is neither blue nor red", corner)
	}
}

func BenchmarkDraw720p(b *testing.B) {
	p := people.All()[0]
	p.Draw(image.Pt(1280, 720), people.Look{})
	for b.Loop() {
		p.Draw(image.Pt(1280, 720), people.Look{Noise: 2})
	}
}
