package main

import (
	"encoding/json"
	"image"
	"math/rand/v2"

	"loket/scanner/face"
)

// degradeLine is one spoilt picture: which component should fall most, and which did.
type degradeLine struct {
	Picture   string    `json:"picture"`
	Seed      uint64    `json:"seed"`
	Degraded  string    `json:"degraded"`
	Amount    float64   `json:"amount"` // how strongly
	Unit      string    `json:"unit"`
	Component face.Code `json:"component"`
	Fell      face.Code `json:"fell_most"` // empty where no face is found any more
	By        float64   `json:"by"`        // points
	Right     bool      `json:"right"`

	Falls map[face.Code]float64 `json:"falls"` // of all measured components, in points; below 0 where one rose
}

// degradeSum ends the lines of --degrade.
type degradeSum struct {
	Rule      string                  `json:"rule"`
	Seeds     []uint64                `json:"seeds"`
	Portraits int                     `json:"portraits"` // good ones, each spoilt in every way with every seed
	Skipped   int                     `json:"skipped"`   // pictures that are no good portrait before they are spoilt
	Cases     int                     `json:"cases"`
	Right     int                     `json:"right"`
	Share     *float64                `json:"share"`
	Kinds     map[string]*degradeKind `json:"kinds"`
}

// degradeKind counts one way of spoiling, and what fell most where it should not have.
type degradeKind struct {
	Cases   int               `json:"cases"`
	Right   int               `json:"right"`
	Instead map[face.Code]int `json:"instead,omitempty"`
}

func newDegradeSum(first, n uint64) *degradeSum {
	sum := &degradeSum{Rule: goodRule, Kinds: map[string]*degradeKind{}}
	for i := range n {
		sum.Seeds = append(sum.Seeds, first+i)
	}
	return sum
}

// shared is the sum with its share of right cases.
func (s *degradeSum) shared() *degradeSum {
	if s.Cases > 0 {
		s.Share = number(float64(s.Right) / float64(s.Cases))
	}
	return s
}

func (s *degradeSum) count(l degradeLine) {
	k := s.Kinds[l.Degraded]
	if k == nil {
		k = &degradeKind{Instead: map[face.Code]int{}}
		s.Kinds[l.Degraded] = k
	}
	s.Cases++
	k.Cases++
	if l.Right {
		s.Right++
		k.Right++
		return
	}
	k.Instead[l.Fell]++
}

// goodScore is the least score of every measured component of a portrait that is worth spoiling: what has no room to
// fall shows nothing by falling.
const goodScore = 50

const goodRule = "a good portrait passes, and every measured component has at least 50; what falls most is what loses most points"

// good says whether a picture is a good portrait by goodRule.
func good(q face.Quality) bool {
	_, pass := q.Weakest()
	for _, c := range q.Components {
		pass = pass && (!c.Measured || c.Score >= goodScore)
	}
	return pass
}

// spoil tries all degradations with all seeds on a good portrait.
func spoil(name string, img *image.RGBA, det face.Detector, sum *degradeSum, out *json.Encoder) error {
	faces, was, err := measureStill(det, img)
	if err != nil {
		return err
	}
	if !good(was) {
		sum.Skipped++
		return nil
	}
	for _, seed := range sum.Seeds {
		for i, d := range degradations() {
			spoilt, amount, err := d.apply(img, faces[0], rand.New(rand.NewPCG(seed, uint64(sum.Portraits)<<8|uint64(i))))
			if err != nil {
				return err
			}
			_, is, err := measureStill(det, spoilt)
			if err != nil {
				return err
			}
			line := degradeLine{Picture: name, Seed: seed, Degraded: d.name, Amount: amount, Unit: d.unit, Component: d.component, Falls: falls(was, is)}
			line.Fell, line.By = fellMost(was, is)
			line.Right = line.Fell == d.component
			sum.count(line)
			if err := out.Encode(line); err != nil {
				return err
			}
		}
	}
	sum.Portraits++
	return nil
}

// falls are the points that each component lost, of those measured before and after.
func falls(was, is face.Quality) map[face.Code]float64 {
	all := map[face.Code]float64{}
	for _, c := range was.Components {
		if now := is.Component(c.Code); c.Measured && now.Measured {
			all[c.Code] = c.Score - now.Score
		}
	}
	return all
}

// fellMost is the component that lost most points; none where no face is found any more.
func fellMost(was, is face.Quality) (code face.Code, by float64) {
	for _, c := range was.Components {
		now := is.Component(c.Code)
		if c.Measured && now.Measured && c.Score-now.Score > by {
			code, by = c.Code, c.Score-now.Score
		}
	}
	if !is.Component(face.Yaw).Measured {
		return "", 0
	}
	return code, by
}
