package main

import (
	"fmt"
	"image"
	"math/rand/v2"

	"loket/camera/footage/people"
)

// looksEach is how many live frames of each drawn citizen are compared with all portraits: with 28 citizens they make
// the 10,000 impostor pairs that a false match rate of 1e-3 needs.
const looksEach = 14

// samplePairs compares the live frames of every drawn citizen with every citizen's portrait, as the counter does: one
// fold of genuine and impostor pairs. The looks are drawn from a fixed seed: turns of up to 8 degrees, other places and
// distances, lamps and sensor noise.
func samplePairs() faceTrials {
	var out faceTrials
	all := people.All()
	for _, p := range all {
		out.pictures = append(out.pictures, facePicture{name: p.ID, open: func() (*image.RGBA, error) { return p.Portrait(), nil }})
	}
	var pairs []facePair
	for i, p := range all {
		for n := range looksEach {
			live := len(out.pictures)
			out.pictures = append(out.pictures, facePicture{name: fmt.Sprintf("%s/%d", p.ID, n), open: func() (*image.RGBA, error) {
				return p.Draw(image.Pt(640, 480), sampleLook(uint64(i), uint64(n))), nil
			}})
			for j := range all {
				pairs = append(pairs, facePair{a: int32(live), b: int32(j), same: i == j})
			}
		}
	}
	out.folds = [][]facePair{pairs}
	return out
}

// sampleLook is how a citizen at a counter may look into the camera.
func sampleLook(person, n uint64) people.Look {
	r := rand.New(rand.NewPCG(person, n))
	within := func(limit float64) float64 { return (2*r.Float64() - 1) * limit }
	return people.Look{
		Yaw: within(8), Pitch: within(6), Roll: within(5),
		Scale: 0.38 + within(0.06), X: within(0.08), Y: within(0.05),
		Light: people.Light{Azimuth: within(35), Elevation: 35 + within(15), Strength: 0.95 + within(0.15), Fill: 1 + within(0.2), Warm: within(0.3)},
		Noise: 3 + within(1.5), Seed: r.Uint64(),
	}
}
