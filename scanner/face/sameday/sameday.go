// Package sameday remembers the faces that came to one counter on one day, so
// that the same face under another NIK is seen. It keeps them in memory only,
// sealed under a key that is made anew each day: ending the day throws the key
// away, and with it every face. There is no search by face here: a face is only
// held against those of the day when it comes.
package sameday

import (
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	"loket/scanner/face"
)

// Most is how many faces a day holds; the oldest makes room for the newest. A
// counter serves 100 to 200 citizens a day.
const Most = 2000

// Sighting is a face that was compared at the counter. Descriptors of different
// models are never compared with each other.
type Sighting struct {
	NIK        string
	Case       string // a case's later attempt takes the place of its earlier one
	At         time.Time
	Model      face.Model
	Descriptor face.Descriptor
	Crop       []byte // the aligned face as an encoded picture; may be nil
}

// Near is a face of the day that is close to a new one, under another NIK.
type Near struct {
	Last4 string // of the other NIK
	At    time.Time
	Score float64 // in the model's metric
	Crop  []byte
}

// Day is the faces of one day at one counter. The zero value is an empty day.
// It is not for concurrent use.
type Day struct {
	date  string // 2006-01-02 in the counter's zone; "" before the first face
	key   []byte // of 32 bytes, of this day
	seal  cipher.AEAD
	faces []sealed
}

// sealed is one face. What stands readable says nothing about anybody without
// the day's key.
type sealed struct {
	who, of    [sha256.Size]byte // HMAC of NIK and of case
	descriptor []byte
	rest       []byte // time, last four digits, crop
}

// Len is how many faces the day holds.
func (d *Day) Len() int { return len(d.faces) }

// See holds a new face against those of the day with other NIKs and remembers
// it. What it returns reaches limit, closest first. A limit of 0 is no limit:
// nobody measured one, nothing is close, and the face is still remembered. A
// sighting of another date ends the day before.
func (d *Day) See(s Sighting, limit float64) ([]Near, error) {
	if date := s.At.Format(time.DateOnly); date != d.date {
		d.End()
		if err := d.begin(date); err != nil {
			return nil, err
		}
	}
	who, of := d.mark("nik", s.NIK), d.mark("case", s.Case)
	var near []Near
	for _, f := range d.faces {
		if limit == 0 || f.who == who {
			continue
		}
		n, ok, err := d.compare(f, s, limit)
		if err != nil {
			return near, err
		}
		if ok {
			near = append(near, n)
		}
	}
	slices.SortStableFunc(near, func(a, b Near) int {
		if s.Model.Metric == face.Distance {
			a, b = b, a
		}
		return cmp.Compare(b.Score, a.Score)
	})
	d.faces = slices.DeleteFunc(d.faces, func(f sealed) bool { return f.of == of })
	if len(d.faces) >= Most {
		d.faces = slices.Delete(d.faces, 0, len(d.faces)-Most+1)
	}
	d.faces = append(d.faces, sealed{who: who, of: of, descriptor: d.close(encode(s.Descriptor), s.Model), rest: d.close(s.about(), s.Model)})
	return near, nil
}

// Turn ends the day when now has another date.
func (d *Day) Turn(now time.Time) {
	if d.date != "" && now.Format(time.DateOnly) != d.date {
		d.End()
	}
}

// End throws the day away: its key is overwritten, its faces are gone.
func (d *Day) End() {
	clear(d.key)
	*d = Day{}
}

func (d *Day) begin(date string) error {
	key := make([]byte, 32)
	rand.Read(key) // never fails: crypto/rand ends the program instead
	block, err := aes.NewCipher(key)
	if err != nil {
		return fmt.Errorf("day key: %w", err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return fmt.Errorf("day key: %w", err)
	}
	*d = Day{date: date, key: key, seal: seal}
	return nil
}

// compare says whether a face of the day reaches the limit; one of another
// model never does, because it does not open.
func (d *Day) compare(f sealed, s Sighting, limit float64) (Near, bool, error) {
	plain, err := d.seal.Open(nil, nil, f.descriptor, aad(s.Model))
	if err != nil {
		return Near{}, false, nil
	}
	score, err := face.Compare(decode(plain), s.Descriptor, s.Model.Metric)
	clear(plain)
	if err != nil {
		return Near{}, false, fmt.Errorf("faces of the day: %w", err)
	}
	if score != limit && !s.Model.Metric.Better(score, limit) {
		return Near{}, false, nil
	}
	rest, err := d.seal.Open(nil, nil, f.rest, aad(s.Model))
	if err != nil {
		return Near{}, false, fmt.Errorf("faces of the day: %w", err)
	}
	n := Near{At: time.Unix(int64(binary.BigEndian.Uint64(rest)), 0).In(s.At.Location()), Score: score, Last4: string(rest[9 : 9+rest[8]])}
	if crop := rest[9+rest[8]:]; len(crop) > 0 {
		n.Crop = crop
	}
	return n, true, nil
}

func (d *Day) close(plain []byte, m face.Model) []byte {
	out := d.seal.Seal(nil, nil, plain, aad(m))
	clear(plain)
	return out
}

func (d *Day) mark(kind, text string) [sha256.Size]byte {
	h := hmac.New(sha256.New, d.key)
	h.Write([]byte(kind + "\x00" + text))
	return [sha256.Size]byte(h.Sum(nil))
}

// about is what stands beside a descriptor: 8 bytes of Unix time, the last
// digits' length and they, the crop.
func (s Sighting) about() []byte {
	last := s.NIK[max(len(s.NIK)-4, 0):]
	b := binary.BigEndian.AppendUint64(nil, uint64(s.At.Unix()))
	return slices.Concat(b, []byte{byte(len(last))}, []byte(last), s.Crop)
}

func aad(m face.Model) []byte { return []byte(m.Name + "\x00" + m.SHA256) }

func encode(d face.Descriptor) []byte {
	b := make([]byte, 0, 4*len(d))
	for _, v := range d {
		b = binary.BigEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func decode(b []byte) face.Descriptor {
	d := make(face.Descriptor, len(b)/4)
	for i := range d {
		d[i] = math.Float32frombits(binary.BigEndian.Uint32(b[4*i:]))
	}
	return d
}
