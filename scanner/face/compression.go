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
// of the eight grids of columns, and of rows, each against the lines beside it,
// over the mean of the other seven. Typical is the median of a grid's lines, so
// that one edge, as a door frame's, is no grid. 1 is a picture without blocks. A picture that was scaled after it
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

// gridRatio takes the mean jumps of lines one after the other. Each is seen
// against its neighbours to both sides, so that the face's own edges, which are
// broader than a line, make no grid of a small picture.
func gridRatio(jumps []float64) float64 {
	// Half a level of 255 keeps an even picture at 1.
	const near, floor = 3, 0.5 / 255
	over := make([]float64, len(jumps))
	for i, own := range jumps {
		sum, n := -own, -1.0
		for k := max(0, i-near); k <= min(len(jumps)-1, i+near); k++ {
			sum += jumps[k]
			n++
		}
		over[i] = (own + floor) / (sum/n + floor)
	}
	var most, all float64
	for phase := range block {
		var lines []float64
		for i := phase; i < len(over); i += block {
			lines = append(lines, over[i])
		}
		slices.Sort(lines)
		median := lines[len(lines)/2]
		most, all = math.Max(most, median), all+median
	}
	return most / ((all - most) / (block - 1))
}

// compressionScore is 100·(1−S(log2 b; 0.85, 0.12)) of the blockiness b. OFIQ's
// compression artefacts are a neural network that is not carried here; this
// scale is ours: NUAA's webcam frames, JPEG themselves, lie at 0.35 to 0.67,
// and never compressed pictures at 0 to 0.5; quality 10 to 18 gives 0.75 to 2.9.
func compressionScore(b float64) float64 { return 100 * (1 - sigmoid(math.Log2(b), 0.85, 0.12)) }
