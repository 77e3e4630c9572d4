// Package people draws the sample citizens, so that training, demos, tests and
// the manual need nobody's real face.
//
// A Person is a head in three dimensions made from a seed: a skull with a
// nose, lips, eye sockets and ears, painted skin, hair or a hijab, perhaps
// glasses and a beard, a neck and a shirt. Draw turns it, lights it and puts it
// before a camera; Portrait takes the enrolled photo of the same person on
// another day. As the head is solid, a turn moves the nose further than the
// eyes and the eyes further than the outline, as a real one does.
//
// The same person and Look always give the same pixels.
package people

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

// Sex as the registry records it.
type Sex string

// The two that a NIK distinguishes.
const (
	Male   Sex = "L"
	Female Sex = "P"
)

// Hair is how the hair is worn. A hijab covers it.
type Hair string

// The styles that are drawn.
const (
	Crop     Hair = "crop"     // shorn to a few millimetres
	Short    Hair = "short"    // short, brushed up from the forehead
	Parted   Hair = "parted"   // short, parted on one side
	Receding Hair = "receding" // little left in front
	Fringe   Hair = "fringe"   // cut straight above the brows, to the chin at the sides
	Long     Hair = "long"     // parted in the middle, over the shoulders
	Tied     Hair = "tied"     // combed back
)

// Beard is the hair of the face.
type Beard string

// The beards that are drawn.
const (
	Shaven    Beard = ""
	Stubble   Beard = "stubble"
	Moustache Beard = "moustache"
	Goatee    Beard = "goatee"
	FullBeard Beard = "full"
)

// Glasses is the shape of the lenses.
type Glasses string

// The glasses that are drawn.
const (
	NoGlasses Glasses = ""
	Round     Glasses = "round"
	Square    Glasses = "square"
)

// A Person is one sample citizen. Copies share what was worked out for
// drawing; a Person may be drawn by several goroutines at once.
type Person struct {
	ID      string // "warga-01"
	Sex     Sex
	Hair    Hair
	Hijab   bool
	Beard   Beard
	Glasses Glasses
	Tone    float64 // of the skin, 0 light to 1 dark
	Age     float64 // 0 about 17 years, 1 about 70

	Seed  uint64 // of everything else about the face
	solid func() *solid
}

// looks says who there is. Of five seeds each, these were picked as the ones
// that face-reidentification-retail-0095 tells apart best.
var looks = [...]Person{
	{Sex: Female, Hair: Long, Hijab: true, Tone: 0.25, Age: 0.35, Seed: 101},
	{Sex: Male, Hair: Parted, Tone: 0.5, Age: 0.3, Seed: 202},
	{Sex: Female, Hair: Tied, Hijab: true, Glasses: Round, Tone: 0.55, Age: 0.5, Seed: 403},
	{Sex: Male, Hair: Short, Beard: Moustache, Tone: 0.8, Age: 0.45, Seed: 204},
	{Sex: Female, Hair: Long, Tone: 0.15, Age: 0.15, Seed: 405},
	{Sex: Male, Hair: Crop, Beard: FullBeard, Tone: 0.65, Age: 0.5, Seed: 6},
	{Sex: Female, Hair: Fringe, Glasses: Round, Tone: 0.4, Age: 0.2, Seed: 407},
	{Sex: Male, Hair: Receding, Glasses: Square, Tone: 0.35, Age: 0.9, Seed: 8},
	{Sex: Female, Hair: Long, Hijab: true, Tone: 0.7, Age: 0.8, Seed: 209},
	{Sex: Male, Hair: Short, Beard: Goatee, Glasses: Square, Tone: 0.2, Age: 0.4, Seed: 210},
	{Sex: Female, Hair: Tied, Tone: 0.85, Age: 0.55, Seed: 411},
	{Sex: Male, Hair: Parted, Beard: Stubble, Glasses: Round, Tone: 0.75, Age: 0.25, Seed: 412},
	{Sex: Female, Hair: Tied, Hijab: true, Glasses: Square, Tone: 0.1, Age: 0.25, Seed: 113},
	{Sex: Male, Hair: Short, Tone: 0.05, Age: 0.1, Seed: 214},
	{Sex: Female, Hair: Fringe, Tone: 0.6, Age: 0.05, Seed: 15},
	{Sex: Male, Hair: Receding, Beard: FullBeard, Glasses: Round, Tone: 0.5, Age: 0.95, Seed: 416},
	{Sex: Female, Hair: Long, Glasses: Square, Tone: 0.5, Age: 0.65, Seed: 317},
	{Sex: Male, Hair: Crop, Tone: 0.95, Age: 0.6, Seed: 118},
	{Sex: Female, Hair: Tied, Hijab: true, Tone: 0.9, Age: 0.15, Seed: 319},
	{Sex: Male, Hair: Parted, Beard: Moustache, Glasses: Square, Tone: 0.4, Age: 0.7, Seed: 420},
	{Sex: Female, Hair: Tied, Glasses: Round, Tone: 0.3, Age: 0.95, Seed: 321},
	{Sex: Male, Hair: Short, Beard: FullBeard, Tone: 0.1, Age: 0.55, Seed: 22},
	{Sex: Female, Hair: Long, Hijab: true, Glasses: Round, Tone: 0.8, Age: 0.6, Seed: 223},
	{Sex: Male, Hair: Receding, Beard: Goatee, Tone: 0.9, Age: 0.8, Seed: 124},
	{Sex: Female, Hair: Fringe, Glasses: Square, Tone: 0.95, Age: 0.35, Seed: 325},
	{Sex: Male, Hair: Short, Glasses: Round, Tone: 0.6, Age: 0.15, Seed: 126},
	{Sex: Female, Hair: Long, Tone: 0.7, Age: 0.5, Seed: 627},
	{Sex: Male, Hair: Crop, Beard: Stubble, Tone: 0.25, Age: 0.75, Seed: 228},
}

// All returns the sample citizens in their fixed order. Keep the result: the
// first drawing of each Person works out the head, later ones use it.
func All() []Person {
	all := make([]Person, len(looks))
	for i, p := range looks {
		p.ID = fmt.Sprintf("warga-%02d", i+1)
		all[i] = p.ready()
	}
	return all
}

// Find returns the person with this ID out of All.
func Find(id string) (Person, bool) {
	for _, p := range All() {
		if p.ID == id {
			return p, true
		}
	}
	return Person{}, false
}

func (p Person) ready() Person {
	p.solid = sync.OnceValue(func() *solid { return build(p) })
	return p
}

// random is the person's own sequence; each use has a stream of its own, so
// that a change in one part leaves the others as they were.
func (p Person) random(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(p.Seed, stream)) }
