package qr

import (
	"math"
	"slices"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// format is a code's error correction level (as its two bits in the code) and mask.
type format struct{ level, mask int }

// formatWord is a format with its 10 bits of BCH code and the mask of ISO/IEC 18004, 7.9.
func formatWord(data int) int {
	rest := data << 10
	for i := 14; i >= 10; i-- {
		if rest>>i&1 == 1 {
			rest ^= 0x537 << (i - 10)
		}
	}
	return (data<<10 | rest) ^ 0x5412
}

// formats lists the two likeliest formats by their correlation with both copies, and the first one's correlation
// (1 for a perfect one).
func (m *modules) formats() (likely [2]format, score float64) {
	var read [15]float64 // bit i of the word, black positive
	for i := range 15 {
		x, y := 8, i // first copy, down the right of the top left finder and then to the left
		switch {
		case i >= 6 && i < 8:
			y = i + 1
		case i == 8:
			x, y = 7, 8
		case i > 8:
			x, y = 14-i, 8
		}
		read[i] -= clip(m.soft[y*m.dim+x])
		if i < 8 { // second copy, split between the two other finders
			x, y = m.dim-1-i, 8
		} else {
			x, y = 8, m.dim-15+i
		}
		read[i] -= clip(m.soft[y*m.dim+x])
	}
	best, second, at := math.Inf(-1), math.Inf(-1), [2]int{}
	for data := range 32 {
		w, c := formatWord(data), 0.0
		for i := range 15 {
			if w>>i&1 == 1 {
				c += read[i]
			} else {
				c -= read[i]
			}
		}
		switch {
		case c > best:
			second, at[1] = best, at[0]
			best, at[0] = c, data
		case c > second:
			second, at[1] = c, data
		}
	}
	return [2]format{{at[0] >> 3, at[0] & 7}, {at[1] >> 3, at[1] & 7}}, best / 30
}

func clip(v float64) float64 { return max(-1, min(1, v)) }

// layout is what a version's modules mean.
type layout struct {
	version *decoder.Version
	order   []int32 // the data modules in reading order, as indices into dim×dim
}

func newLayout(number int) (*layout, error) {
	v, err := decoder.Version_GetVersionForNumber(number)
	if err != nil {
		return nil, err
	}
	dim := v.GetDimensionForVersion()
	taken := make([]bool, dim*dim)
	fill := func(x0, y0, w, h int) {
		for y := y0; y < y0+h; y++ {
			for x := x0; x < x0+w; x++ {
				taken[y*dim+x] = true
			}
		}
	}
	fill(0, 0, 9, 9)
	fill(dim-8, 0, 8, 9)
	fill(0, dim-8, 9, 8)
	fill(6, 9, 1, dim-17)
	fill(9, 6, dim-17, 1)
	c := v.GetAlignmentPatternCenters()
	for i, x := range c {
		for j, y := range c {
			last := len(c) - 1
			if !(i == 0 && j == 0 || i == 0 && j == last || i == last && j == 0) {
				fill(x-2, y-2, 5, 5)
			}
		}
	}
	if number > 6 {
		fill(dim-11, 0, 3, 6)
		fill(0, dim-11, 6, 3)
	}
	l := &layout{version: v, order: make([]int32, 0, dim*dim)}
	up := true
	for x := dim - 1; x > 0; x -= 2 {
		if x == 6 {
			x--
		}
		for k := range dim {
			y := k
			if up {
				y = dim - 1 - k
			}
			for _, i := range [2]int{y*dim + x, y*dim + x - 1} {
				if !taken[i] {
					l.order = append(l.order, int32(i))
				}
			}
		}
		up = !up
	}
	return l, nil
}

// masked says whether the mask inverts a module.
func masked(mask, x, y int) bool {
	switch mask {
	case 0:
		return (x+y)%2 == 0
	case 1:
		return y%2 == 0
	case 2:
		return x%3 == 0
	case 3:
		return (x+y)%3 == 0
	case 4:
		return (y/2+x/3)%2 == 0
	case 5:
		return x*y%2+x*y%3 == 0
	case 6:
		return (x*y%2+x*y%3)%2 == 0
	default:
		return ((x+y)%2+x*y%3)%2 == 0
	}
}

// block is one Reed-Solomon block: its codewords, how sure each is (the least sure of its bits), and how many carry data.
type block struct {
	words []byte
	sure  []float64
	data  int
}

// blocks reads all codewords under a format and deals them out to their blocks.
func (l *layout) blocks(m *modules, f format) ([]block, decoder.ErrorCorrectionLevel, error) {
	level, err := decoder.ErrorCorrectionLevel_ForBits(uint(f.level))
	if err != nil {
		return nil, 0, err
	}
	total := l.version.GetTotalCodewords()
	words, sure := make([]byte, total), make([]float64, total)
	for k := range total {
		least, word := 2.0, byte(0)
		for _, i := range l.order[8*k : 8*k+8] {
			v := m.soft[i]
			bit := v < 0
			if masked(f.mask, int(i)%m.dim, int(i)/m.dim) {
				bit = !bit
			}
			word <<= 1
			if bit {
				word |= 1
			}
			least = min(least, math.Abs(v))
		}
		words[k], sure[k] = word, least
	}
	ec := l.version.GetECBlocksForLevel(level)
	var out []block
	for _, b := range ec.GetECBlocks() {
		for range b.GetCount() {
			n := b.GetDataCodewords() + ec.GetECCodewordsPerBlock()
			out = append(out, block{make([]byte, 0, n), make([]float64, 0, n), b.GetDataCodewords()})
		}
	}
	deal := func(k, i int) int {
		out[i].words, out[i].sure = append(out[i].words, words[k]), append(out[i].sure, sure[k])
		return k + 1
	}
	k, most := 0, slices.MaxFunc(out, func(a, b block) int { return a.data - b.data }).data
	for j := range most {
		for i := range out {
			if j < out[i].data {
				k = deal(k, i)
			}
		}
	}
	for range ec.GetECCodewordsPerBlock() {
		for i := range out {
			k = deal(k, i)
		}
	}
	return out, level, nil
}
