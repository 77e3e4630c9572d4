package face

import (
	"image"
	"math"
	"slices"
)

// block is the side of JPEG's blocks in pixels.
const block = 8

// blockiness is how much more the luminance jumps where JPEG's blocks of 8 × 8
// pixels meet than elsewhere in the box: the typical jump across the strongest
// of the eight grids of columns, and of rows, over the mean of the other seven.
// Typical is the median of a grid's lines, so that one edge, as a door frame's,
// is no grid. 1 is a picture without blocks. A picture that was scaled after it
// was compressed has lost the grid, and reads as 1 too.
func blockiness(img *image.RGBA, b Box) float64 {
	area := image.Rect(int(b.X), int(b.Y), int(b.X+b.W), int(b.Y+b.H)).Intersect(img.Rect)
	if area.Dx() < 3*block || area.Dy() < 3*block {
		return 1
	}
	columns, rows := make([]float64, area.Dx()), make([]float64, area.Dy())
	above := make([]float64, area.Dx())
	for y := area.Min.Y; y < area.Max.Y; y++ {
		before := 0.0
		for x := area.Min.X; x < area.Max.X; x++ {
			i := x - area.Min.X
			l := luma(img.Pix[img.PixOffset(x, y):])
			if i > 0 {
				columns[i] += math.Abs(l-before) / float64(area.Dy())
			}
			if y > area.Min.Y {
				rows[y-area.Min.Y] += math.Abs(l-above[i]) / float64(area.Dx())
			}
			before, above[i] = l, l
		}
	}
	return math.Sqrt(gridRatio(columns[1:]) * gridRatio(rows[1:]))
}

// gridRatio takes the mean jumps of lines one after the other.
func gridRatio(jumps []float64) float64 {
	var most, all float64
	for phase := range block {
		var lines []float64
		for i := phase; i < len(jumps); i += block {
			lines = append(lines, jumps[i])
		}
		slices.Sort(lines)
		median := lines[len(lines)/2]
		most, all = math.Max(most, median), all+median
	}
	// Half a level of 255 keeps an even picture at 1.
	const floor = 0.5 / 255
	return (most + floor) / ((all-most)/(block-1) + floor)
}

// compressionScore is 100·(1−S(log2 b; 0.5, 0.1)) of the blockiness b. OFIQ's
// compression artefacts are a neural network that is not carried here; this
// scale is ours.
func compressionScore(b float64) float64 { return 100 * (1 - sigmoid(math.Log2(b), 0.5, 0.1)) }
