package onnx_test

import (
	"image"
	"testing"

	"loket/assets/models"
	"loket/camera/footage/people"
	"loket/scanner/face"
	"loket/scanner/face/onnx"
)

// Every sample citizen is found with a score over 0.9, on the enrolled photo
// and before the camera, and is alone in the picture.
func TestDrawnPeopleAreFound(t *testing.T) {
	det := detector(t, onnx.Options{})
	for _, p := range people.All() {
		t.Run(p.ID, func(t *testing.T) {
			for _, c := range []struct {
				name string
				img  *image.RGBA
			}{
				{"portrait", p.Portrait()},
				{"live", p.Draw(image.Pt(640, 480), people.Look{Noise: 4})},
				{"turned to the left", p.Draw(image.Pt(640, 480), people.Look{Yaw: -25, Noise: 4})},
				{"turned to the right", p.Draw(image.Pt(640, 480), people.Look{Yaw: 25, Noise: 4})},
			} {
				faces, err := det.Detect(c.img)
				if err != nil || len(faces) != 1 || faces[0].Score <= 0.9 {
					t.Errorf("%s: %+v, %v", c.name, faces, err)
					continue
				}
				if c.name == "live" {
					if q := face.Measure(c.img, faces, face.Guide(640, 480)); q.Hint != "" {
						weakest, _ := q.Weakest()
						t.Errorf("the straight live frame is not good enough: %s, %+v", q.Hint, weakest)
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
	for _, p := range people.All() {
		portraits = append(portraits, describe(p.Portrait()))
		lives = append(lives, describe(p.Draw(image.Pt(640, 480), people.Look{Yaw: 4, Pitch: 3, Noise: 4, Seed: 77})))
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
				t.Errorf("%s is %s (%.3f) on the own portrait", people.All()[i].ID, band, score)
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
