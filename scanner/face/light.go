package face

import (
	"image"
	"math"
)

// cropSide is the side in pixels of the aligned crop on which light and
// sharpness are measured: with ArcFace's template the eyes are 35 pixels apart,
// as the networks see them. A face that is smaller in the picture has a smaller
// crop: enlarging it would make it look blurred, which is the business of
// EyeDistance.
const cropSide = 112

// leastSide keeps enough of a tiny face to count a histogram.
const leastSide = 48

// lightSide is the side of the crop for eyes that many pixels apart.
func lightSide(eyes float64) int {
	if math.IsNaN(eyes) {
		return cropSide
	}
	return int(clamp(math.Round(eyes/(portrait[1].X-portrait[0].X)), leastSide, cropSide))
}

// light is what an aligned crop says about its lighting and focus.
type light struct {
	mean    float64 // luminance, 0..1
	entropy float64 // of the luminance histogram with 256 bins, bits, 0..8
	black   float64 // share of pixels at 25 of 255 or less
	white   float64 // share of pixels at 247 of 255 or more
	detail  float64 // mean square of the Laplacian over the variance of luminance around the means of tiles
}

// ellipse is the part of an aligned square crop that the face fills, in shares
// of its side. A turned head fills less of the half that it looks to: beside its
// cheek stands what is behind it.
type ellipse struct{ left, right float64 }

func faceEllipse(yaw float64) ellipse {
	const half = 0.42
	rest := half * (1 - math.Abs(math.Sin(yaw*math.Pi/180)))
	if yaw > 0 {
		return ellipse{half, rest}
	}
	return ellipse{rest, half}
}

func (e ellipse) holds(x, y float64) bool {
	dx, dy := (x-0.5)/e.right, (y-0.56)/0.5
	if x < 0.5 {
		dx = (x - 0.5) / e.left
	}
	return dx*dx+dy*dy <= 1
}

// lightOf measures what the face fills of a square crop.
func lightOf(crop *image.RGBA, e ellipse) light {
	n := crop.Rect.Dx()
	lum := make([]float64, n*n)
	for i := range lum {
		lum[i] = luma(crop.Pix[(i/n)*crop.Stride+4*(i%n):])
	}
	var out light
	var count, sum float64
	var bins [256]float64
	for y := range n {
		for x := range n {
			if !e.holds((float64(x)+0.5)/float64(n), (float64(y)+0.5)/float64(n)) {
				continue
			}
			l := lum[y*n+x]
			count++
			sum += l
			bins[int(l*255+0.5)]++
			if l <= 25.0/255 {
				out.black++
			}
			if l >= 247.0/255 {
				out.white++
			}
		}
	}
	out.mean, out.black, out.white = sum/count, out.black/count, out.white/count
	for _, b := range bins {
		if b > 0 {
			out.entropy -= b / count * math.Log2(b/count)
		}
	}
	if v := contrast(lum, n, e); v > 1e-6 {
		out.detail = edges(lum, n, e) / v
	}
	return out
}

// edges is the mean square of the Laplacian of a square of n × n luminances,
// within the face.
func edges(lum []float64, n int, e ellipse) float64 {
	var sum, count float64
	for y := 1; y < n-1; y++ {
		for x := 1; x < n-1; x++ {
			if e.holds((float64(x)+0.5)/float64(n), (float64(y)+0.5)/float64(n)) {
				i := y*n + x
				d := lum[i-1] + lum[i+1] + lum[i-n] + lum[i+n] - 4*lum[i]
				sum += d * d
				count++
			}
		}
	}
	return sum / math.Max(count, 1)
}

// contrast is the variance of luminance within the face around the means of
// 4 × 4 tiles, so that light from one side is no contrast.
func contrast(lum []float64, n int, e ellipse) float64 {
	const tiles = 4
	var sum, squares, count [tiles * tiles]float64
	for y := range n {
		for x := range n {
			if e.holds((float64(x)+0.5)/float64(n), (float64(y)+0.5)/float64(n)) {
				t, l := y*tiles/n*tiles+x*tiles/n, lum[y*n+x]
				sum[t] += l
				squares[t] += l * l
				count[t]++
			}
		}
	}
	var all, total float64
	for t, c := range count {
		if c > 0 {
			all += squares[t] - sum[t]*sum[t]/c
			total += c
		}
	}
	return all / math.Max(total, 1)
}

// balanceOf is (right − left) / (right + left) of the mean luminances of the two
// cheeks, −1..1: below 0 the right of the picture is darker. A cheek is the
// triangle of an eye, the nose and the mouth's corner, which is skin however the
// head is turned; what stands beside a turned head is not asked. The narrower of
// the two is seen at a slant, which has a shade of its own: the difference counts
// by its share of the wider one.
func balanceOf(img *image.RGBA, l Landmarks) float64 {
	left, right := meanIn(img, l[0], l[2], l[3]), meanIn(img, l[1], l[2], l[4])
	a, b := areaOf(l[0], l[2], l[3]), areaOf(l[1], l[2], l[4])
	if left+right == 0 || a+b == 0 {
		return 0
	}
	return (right - left) / (right + left) * math.Min(a, b) / math.Max(a, b)
}

// areaOf is twice a triangle's area in square pixels.
func areaOf(a, b, c Point) float64 {
	return math.Abs((b.X-a.X)*(c.Y-a.Y) - (b.Y-a.Y)*(c.X-a.X))
}

// meanIn is the mean luminance of a triangle, by the nearest pixels of a grid of
// some 500 places in it; those outside the picture don't count.
func meanIn(img *image.RGBA, a, b, c Point) float64 {
	const n = 32
	var sum, count float64
	for i := range n {
		for j := range n - i {
			u, v := (float64(i)+1.0/3)/n, (float64(j)+1.0/3)/n
			at := image.Pt(int(math.Round(a.X+u*(b.X-a.X)+v*(c.X-a.X))), int(math.Round(a.Y+u*(b.Y-a.Y)+v*(c.Y-a.Y))))
			if at.In(img.Rect) {
				sum += luma(img.Pix[img.PixOffset(at.X, at.Y):])
				count++
			}
		}
	}
	return sum / math.Max(count, 1)
}

// luma is luminance 0..1 with Rec. 709's weights, on the stored values.
func luma(rgba []uint8) float64 {
	return (0.2126*float64(rgba[0]) + 0.7152*float64(rgba[1]) + 0.0722*float64(rgba[2])) / 255
}

// luminanceScore is 100·S(m; 0.2, 0.05)·(1−S(m; 0.8, 0.05)) for the mean
// luminance m in 0..1 (OFIQ, LuminanceMean.cpp).
func luminanceScore(m float64) float64 {
	return 100 * sigmoid(m, 0.2, 0.05) * (1 - sigmoid(m, 0.8, 0.05))
}

// exposure returns the worse of under- and over-exposure: 100·(1−S(x; 1, 0.05))
// of the share x of black pixels, 100·(1−S(x; 0.25, 0.05)) of white ones, and
// that share, below 0 for black. The bins are OFIQ's (0..25 and 247..255, as in
// UnderExposurePrevention.cpp and OverExposurePrevention.cpp), the scales ours.
func (l light) exposure() (score, share float64) {
	under, over := 100*(1-sigmoid(l.black, 1, 0.05)), 100*(1-sigmoid(l.white, 0.25, 0.05))
	if under < over {
		return under, -l.black
	}
	return over, l.white
}

// balanceScore is 200·(1−S(|b|; 0, 0.1)). OFIQ intersects the histograms of
// both cheeks instead, which does not say which side is dark.
func balanceScore(b float64) float64 { return 200 * (1 - sigmoid(math.Abs(b), 0, 0.1)) }

// sharpnessScore maps detail by 100·S(log2 detail; −3.7, 0.35). OFIQ's sharpness
// is a random forest that is not carried here; this scale is ours: of NUAA's live
// webcam frames 95 of 100 lie above −2.1 and all above −3.3, of LFW's 95 of 100
// above −3.7; with a blur of 5 to 10 % of the eyes' distance 95 of 100 lie below −4.3.
func sharpnessScore(detail float64) float64 {
	if detail <= 0 {
		return 0
	}
	return 100 * sigmoid(math.Log2(detail), -3.7, 0.35)
}
