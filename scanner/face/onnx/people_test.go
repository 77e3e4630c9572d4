package onnx_test

import (
	"image"
	"sync"
	"testing"

	"loket/assets/models"
	"loket/camera/footage/people"
	"loket/scanner/face"
	"loket/scanner/face/onnx"
)

// drawn are every sample citizen's enrolled photo and a live frame, drawn once
// a run: each costs a quarter of a second.
var drawn = sync.OnceValue(func() (all []struct {
	person         people.Person
	portrait, live *image.RGBA
}) {
	for _, p := range people.All() {
		all = append(all, struct {
			person         people.Person
			portrait, live *image.RGBA
		}{p, p.Portrait(), p.Draw(image.Pt(640, 480), people.Look{Yaw: 4, Pitch: 3, Noise: 4, Seed: 77})})
	}
	return all
})

// Every sample citizen is found with a score over 0.9, on the enrolled photo
// and before the camera, turned to one side or the other, alone in the picture;
// and the live frame is good enough to be taken.
func TestDrawnPeopleAreFound(t *testing.T) {
	det := detector(t, onnx.Options{})
	for i, d := range drawn() {
		t.Run(d.person.ID, func(t *testing.T) {
			turned := people.Look{Yaw: 25, Noise: 4}
			if i%2 == 0 {
				turned.Yaw = -25
			}
			for name, img := range map[string]*image.RGBA{"portrait": d.portrait, "live": d.live, "turned": d.person.Draw(image.Pt(640, 480), turned)} {
				faces, err := det.Detect(img)
				if err != nil || len(faces) != 1 || faces[0].Score <= 0.9 {
					t.Errorf("%s: %+v, %v", name, faces, err)
					continue
				}
				if name == "live" {
					if q := face.Measure(img, faces, face.Guide(640, 480)); q.Hint != "" {
						weakest, _ := q.Weakest()
						t.Errorf("the live frame is not good enough: %s, %+v", q.Hint, weakest)
					}
				}
			}
		})
	}
}

// The training bands that ship with the matcher hold on the sample citizens:
// each one's live frame matches the own portrait, and hardly another's.
func TestTrainingBandsHold(t *testing.T) {
	det, m := detector(t, onnx.Options{}), matcher(t, "")
	about, err := models.New().Describe(m.Model().Name)
	if err != nil {
		t.Fatal(err)
	}
	bands := about.TrainingThresholds()
	describe := func(img *image.RGBA) face.Descriptor {
		faces, err := det.Detect(img)
		if err != nil || len(faces) == 0 {
			t.Fatal(faces, err)
		}
		d, err := m.Describe(img, faces[0])
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	var portraits, lives []face.Descriptor
	for _, d := range drawn() {
		portraits = append(portraits, describe(d.portrait))
		lives = append(lives, describe(d.live))
	}
	counts := map[face.Band]int{}
	for i, live := range lives {
		for j, portrait := range portraits {
			score, err := face.Compare(live, portrait, bands.Metric)
			if err != nil {
				t.Fatal(err)
			}
			band := bands.Band(score)
			if i == j && band != face.Match {
				t.Errorf("%s is %s (%.3f) on the own portrait", drawn()[i].person.ID, band, score)
			}
			if i != j {
				counts[band]++
			}
		}
	}
	t.Logf("others: %v", counts)
	if n := len(lives) * (len(lives) - 1); counts[face.Match] > n/200 || counts[face.NoMatch] < n*95/100 {
		t.Errorf("of %d pairs of different people: %v", n, counts)
	}
}
