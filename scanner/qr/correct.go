package qr

import (
	"cmp"
	"slices"
	"sync"
)

// field is GF(256) with QR's polynomial x⁸+x⁴+x³+x²+1.
type field struct {
	exp [512]byte
	log [256]int
}

// gf256 is computed once; nothing changes it afterwards.
var gf256 = sync.OnceValue(func() *field {
	f := &field{}
	x := 1
	for i := range 255 {
		f.exp[i], f.exp[i+255] = byte(x), byte(x)
		f.log[x] = i
		if x <<= 1; x > 255 {
			x ^= 0x11d
		}
	}
	return f
})

func (f *field) mul(a, b byte) byte {
	if a == 0 || b == 0 {
		return 0
	}
	return f.exp[f.log[a]+f.log[b]]
}

func (f *field) div(a, b byte) byte {
	if a == 0 {
		return 0
	}
	return f.exp[f.log[a]+255-f.log[b]]
}

// eval computes a polynomial, lowest power first.
func (f *field) eval(p []byte, x byte) byte {
	v := byte(0)
	for i := len(p) - 1; i >= 0; i-- {
		v = f.mul(v, x) ^ p[i]
	}
	return v
}

// spareParity is the number of parity codewords that correction with erasures must leave unused: each one keeps
// another 255 of 256 wrong corrections out.
const spareParity = 4

// correct repairs a block in place. It first trusts nothing but the code; where that fails it gives up the least sure
// codewords as erased, more of them each time (Forney's generalised minimum distance decoding). It returns the codewords
// changed, and false where the block can't be repaired.
func (b *block) correct() (changed int, ok bool) {
	parity := len(b.words) - b.data
	fixed := slices.Clone(b.words)
	if n, ok := repair(fixed, parity, nil); ok {
		copy(b.words, fixed)
		return n, true
	}
	order := make([]int, len(b.words))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(b.sure[i], b.sure[j]) })
	for erased := 2; erased <= parity-spareParity; erased += 2 {
		copy(fixed, b.words)
		n, ok := repair(fixed, parity, order[:erased])
		if ok && erased+2*(n-countChanged(fixed, b.words, order[:erased])) <= parity-spareParity {
			copy(b.words, fixed)
			return n, true
		}
	}
	return 0, false
}

// countChanged counts the places that differ between two words.
func countChanged(a, b []byte, places []int) int {
	n := 0
	for _, i := range places {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// repair corrects errors and erasures (given by place) in a Reed-Solomon word in place, as far as 2·errors + erasures
// is at most the number of parity codewords (Berlekamp and Massey, with the erasure locator as the start; Forney's
// formula for the values). It returns the number of codewords changed.
func repair(word []byte, parity int, erased []int) (changed int, ok bool) {
	f := gf256()
	n := len(word)
	syndromes := make([]byte, parity)
	clean := true
	for i := range syndromes {
		x, v := f.exp[i], byte(0)
		for _, w := range word {
			v = f.mul(v, x) ^ w
		}
		syndromes[i] = v
		clean = clean && v == 0
	}
	if clean {
		return 0, true
	}
	// The locator starts as the product of (1 - X·z) over the erasures.
	locator := make([]byte, parity+1)
	locator[0] = 1
	for k, at := range erased {
		x := f.exp[n-1-at]
		for i := k + 1; i > 0; i-- {
			locator[i] ^= f.mul(locator[i-1], x)
		}
	}
	prev := slices.Clone(locator)
	scratch := make([]byte, parity+1)
	length := len(erased)
	for r := len(erased); r < parity; r++ {
		delta := byte(0)
		for i := 0; i <= r; i++ {
			delta ^= f.mul(locator[i], syndromes[r-i])
		}
		copy(prev[1:], prev[:parity])
		prev[0] = 0
		if delta == 0 {
			continue
		}
		copy(scratch, locator)
		for i := range locator {
			locator[i] ^= f.mul(delta, prev[i])
		}
		if 2*length <= r+len(erased) {
			length = r + 1 + len(erased) - length
			for i := range prev {
				prev[i] = f.div(scratch[i], delta)
			}
		}
	}
	degree := parity
	for degree > 0 && locator[degree] == 0 {
		degree--
	}
	if degree != length || 2*(length-len(erased))+len(erased) > parity {
		return 0, false
	}
	// omega = syndromes · locator mod z^parity
	omega := make([]byte, parity)
	for i := range omega {
		for j := 0; j <= min(i, degree); j++ {
			omega[i] ^= f.mul(locator[j], syndromes[i-j])
		}
	}
	found := 0
	for at := range n {
		inverse := f.exp[255-(n-1-at)%255]
		if f.eval(locator[:degree+1], inverse) != 0 {
			continue
		}
		found++
		derived := byte(0) // the locator's formal derivative at inverse
		for i := 1; i <= degree; i += 2 {
			derived ^= f.mul(locator[i], f.exp[(f.log[inverse]*(i-1))%255])
		}
		if derived == 0 {
			return 0, false
		}
		x := f.exp[(n-1-at)%255]
		value := f.mul(x, f.div(f.eval(omega, inverse), derived))
		if value != 0 {
			word[at] ^= value
			changed++
		}
	}
	return changed, found == degree
}
