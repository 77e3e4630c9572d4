package qr

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/makiuchi-d/gozxing/common/reedsolomon"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// codeword makes a Reed-Solomon word with gozxing's encoder: another author's arithmetic.
func codeword(t *testing.T, rnd *rand.Rand, n, parity int) []byte {
	t.Helper()
	ints := make([]int, n)
	for i := range n - parity {
		ints[i] = rnd.IntN(256)
	}
	if err := reedsolomon.NewReedSolomonEncoder(reedsolomon.GenericGF_QR_CODE_FIELD_256).Encode(ints, parity); err != nil {
		t.Fatal(err)
	}
	word := make([]byte, n)
	for i, v := range ints {
		word[i] = byte(v)
	}
	return word
}

func TestRepair(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	for _, tt := range []struct {
		name                       string
		n, parity, errors, erasure int
		want                       bool
	}{
		{"clean", 26, 10, 0, 0, true},
		{"as many errors as go", 26, 10, 5, 0, true},
		{"one error too many", 151, 30, 16, 0, false},
		{"odd parity", 26, 7, 3, 0, true},
		{"erasures alone", 26, 10, 0, 10, true},
		{"errors and erasures", 151, 30, 8, 14, true},
		{"errors and erasures, one error too many", 151, 30, 9, 14, false},
		{"the longest block", 153, 30, 15, 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 50 {
				want := codeword(t, rnd, tt.n, tt.parity)
				got := slices.Clone(want)
				places := rnd.Perm(tt.n)[:tt.errors+tt.erasure]
				for _, p := range places {
					got[p] ^= byte(1 + rnd.IntN(255))
				}
				n, ok := repair(got, tt.parity, places[tt.errors:])
				if ok != tt.want {
					t.Fatalf("repaired: %v, want %v", ok, tt.want)
				}
				if ok && (!slices.Equal(got, want) || n != tt.errors+tt.erasure) {
					t.Fatalf("changed %d codewords, right word: %v", n, slices.Equal(got, want))
				}
			}
		})
	}
}

// TestCorrectNeverInvents feeds noise: what is accepted would be a wrong text.
func TestCorrectNeverInvents(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 6))
	tries := 3000
	if testing.Short() { // one goroutine tries, and the race detector makes it slow
		tries = 200
	}
	for range tries {
		b := block{words: make([]byte, 134), sure: make([]float64, 134), data: 108}
		for i := range b.words {
			b.words[i], b.sure[i] = byte(rnd.IntN(256)), rnd.Float64()
		}
		if n, ok := b.correct(); ok {
			t.Fatalf("noise was repaired in %d places", n)
		}
	}
}

// TestCorrectErases needs the certainty of each codeword: with it more errors are repaired than the code could find.
func TestCorrectErases(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	const n, parity, errors = 134, 26, 18
	want := codeword(t, rnd, n, parity)
	b := block{words: slices.Clone(want), sure: make([]float64, n), data: n - parity}
	for i := range b.sure {
		b.sure[i] = 0.5 + rnd.Float64()/2
	}
	for _, p := range rnd.Perm(n)[:errors] {
		b.words[p] ^= byte(1 + rnd.IntN(255))
		b.sure[p] = rnd.Float64() * 0.55
	}
	blind := block{words: slices.Clone(b.words), sure: make([]float64, n), data: b.data}
	for i := range blind.sure {
		blind.sure[i] = rnd.Float64()
	}
	if _, ok := b.correct(); !ok || !slices.Equal(b.words, want) {
		t.Errorf("%d errors in %d parity codewords were not repaired with certainties", errors, parity)
	}
	if _, ok := blind.correct(); ok {
		t.Error("control: repaired without certainties, so the test shows nothing")
	}
}

// TestLayout compares our tables with gozxing's for every version: as many data modules as codewords need.
func TestLayout(t *testing.T) {
	for number := 1; number <= 40; number++ {
		l, err := newLayout(number)
		if err != nil {
			t.Fatal(err)
		}
		if spare := len(l.order) - 8*l.version.GetTotalCodewords(); spare < 0 || spare > 7 {
			t.Errorf("version %d: %d modules for %d codewords", number, len(l.order), l.version.GetTotalCodewords())
		}
	}
	if _, err := newLayout(41); err == nil {
		t.Error("version 41 does not exist")
	}
}

// TestWords compares our BCH words with values printed in ISO/IEC 18004: format 0b00101 with its mask, version 7.
func TestWords(t *testing.T) {
	if got := formatWord(0b00101); got != 0b100000011001110 {
		t.Errorf("format 00101: %015b", got)
	}
	if got := versionWord(7); got != 0b000111110010010100 {
		t.Errorf("version 7: %018b", got)
	}
	for data := range 32 {
		f := decoder.FormatInformation_DecodeFormatInformation(uint(formatWord(data)), uint(formatWord(data)))
		if f == nil || f.GetErrorCorrectionLevel().GetBits()<<3|int(f.GetDataMask()) != data {
			t.Errorf("format %05b does not come back", data)
		}
	}
}
