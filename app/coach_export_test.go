package app

import (
	"time"

	"loket/camera"
	"loket/scanner/face"
)

// NewCoach is who speaks on the face screen.
func NewCoach() *coach { return &coach{} }

// Burst is the last second's pictures, by their numbers.
type Burst struct{ b burst }

// NewBurst is an empty one.
func NewBurst() *Burst { return &Burst{} }

// Add takes a picture in whose lowest component is lowest times its limit.
func (b *Burst) Add(seq uint64, at time.Time, lowest float64) {
	q := face.Quality{Components: []face.Component{{Code: face.OneFace, Score: 10 * lowest, Limit: 10, Measured: true}}}
	b.b = b.b.add(shot{camera.Frame{Seq: seq, At: at}, Finding{Quality: q}})
}

// Best are the numbers of the pictures that are compared, best first.
func (b *Burst) Best() []uint64 {
	var seqs []uint64
	for _, s := range b.b.best() {
		seqs = append(seqs, s.frame.Seq)
	}
	return seqs
}

// Len is how many are held.
func (b *Burst) Len() int { return len(b.b) }
