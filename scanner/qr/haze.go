package qr

import "image"

// A frame in which no finder pattern is left may still show a code: out of focus or smeared it is a patch of blotches,
// about as wide as high, dark and bright in every direction, with nothing fine in it. The patch is looked for in cells of
// the quarter picture, where a camera's noise is gone. The bounds were measured on blurred clips (package clip) and, for
// what is no code, on webcam frames of people, sharp and blurred (TestHazeOfPeople).
const (
	hazeCell    = 8    // pixels of the quarter picture: 32 of the frame
	hazeEnergy  = 30   // mean squared gradient of a cell, in grey values a pixel, under which it is flat
	hazeAligned = 0.75 // coherence of the gradients from which a cell is an edge, not blotches
	hazeCells   = 36   // least patch: 190 pixels of the frame on each side
	hazeFill    = 0.55 // share of its bounds that a patch fills at least; a square turned by 20 degrees fills 0.6
	hazeLong    = 1.67 // longest side against the other
	// hazeFine is the energy at two pixels against that at four, from which there is something fine: 0.25 where all is smooth.
	hazeFine = 0.62
)

// blotches are a set of neighbouring cells.
type blotches struct {
	cells          int
	x0, y0, x1, y1 int
	fine, coarse   float64 // energy at two and at four pixels
}

func (p blotches) isHaze() bool {
	w, h := float64(p.x1-p.x0+1), float64(p.y1-p.y0+1)
	return p.cells >= hazeCells && float64(p.cells) >= hazeFill*w*h && w <= hazeLong*h && h <= hazeLong*w && p.fine < hazeFine*p.coarse
}

// hazy says whether a frame shows a code that is blurred beyond its finder patterns.
func hazy(g *image.Gray) bool {
	half := halved(g)
	quarter := halved(half)
	w, h := quarter.Rect.Dx()/hazeCell, quarter.Rect.Dy()/hazeCell
	on := make([]bool, w*h)
	for i := range on {
		on[i] = blotchy(quarter, i%w*hazeCell, i/w*hazeCell)
	}
	for i := range on {
		if on[i] && grow(on, w, h, i, half, quarter).isHaze() {
			return true
		}
	}
	return false
}

// grow takes the patch at cell i off on.
func grow(on []bool, w, h, i int, half, quarter *image.Gray) blotches {
	p := blotches{x0: w, y0: h}
	todo := []int{i}
	on[i] = false
	for len(todo) > 0 {
		k := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		x, y := k%w, k/w
		p.cells++
		p.x0, p.y0, p.x1, p.y1 = min(p.x0, x), min(p.y0, y), max(p.x1, x), max(p.y1, y)
		xx, yy, _ := tensor(quarter, x*hazeCell, y*hazeCell, hazeCell)
		p.coarse += xx + yy
		xx, yy, _ = tensor(half, 2*x*hazeCell, 2*y*hazeCell, 2*hazeCell)
		p.fine += (xx + yy) / 4 // of four times as many pixels
		for _, n := range [4]struct {
			k  int
			in bool
		}{{k - 1, x > 0}, {k + 1, x < w-1}, {k - w, y > 0}, {k + w, y < h-1}} {
			if n.in && on[n.k] {
				on[n.k] = false
				todo = append(todo, n.k)
			}
		}
	}
	return p
}

// blotchy says whether a cell has gradients, in more than one direction.
func blotchy(g *image.Gray, x, y int) bool {
	xx, yy, xy := tensor(g, x, y, hazeCell)
	e := xx + yy
	return e >= hazeEnergy*hazeCell*hazeCell && (xx-yy)*(xx-yy)+4*xy*xy <= hazeAligned*hazeAligned*e*e
}

// tensor sums the products of the gradients in a square of g, from central differences.
func tensor(g *image.Gray, left, top, side int) (xx, yy, xy float64) {
	for y := max(1, top); y < min(g.Rect.Dy()-1, top+side); y++ {
		for x := max(1, left); x < min(g.Rect.Dx()-1, left+side); x++ {
			i := y*g.Stride + x
			dx, dy := int(g.Pix[i+1])-int(g.Pix[i-1]), int(g.Pix[i+g.Stride])-int(g.Pix[i-g.Stride])
			xx, yy, xy = xx+float64(dx*dx)/4, yy+float64(dy*dy)/4, xy+float64(dx*dy)/4
		}
	}
	return xx, yy, xy
}
