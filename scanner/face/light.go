package face

import (
	"image"
	"math"
)

// cropSide is the aligned crop on which light and sharpness are measured, in
// pixels: with ArcFace's template the eyes are 35 pixels apart, as the networks
// see them.
const cropSide = 112

// light is what an aligned crop says about its lighting and focus.
type light struct {
	mean    float64 // luminance, 0..1
	balance float64 // (right − left) / (right + left) of the halves' means, −1..1: below 0 the right of the picture is darker
	entropy float64 // of the luminance histogram with 256 bins, bits, 0..8
	black   float64 // share of pixels at 25 of 255 or less
	white   float64 // share of pixels at 247 of 255 or more
	detail  float64 // variance of the Laplacian over the variance of luminance
}

// lightOf measures the ellipse that the face fills in the crop.
func lightOf(crop *image.RGBA) light {
	const n = cropSide
	var lum [n * n]float64
	for i := range lum {
		lum[i] = luma(crop.Pix[(i/n)*crop.Stride+4*(i%n):])
	}
	var out light
	var count, sum, squares, left, right, lap, laps float64
	var bins [256]float64
	for y := 1; y < n-1; y++ {
		for x := 1; x < n-1; x++ {
			dx, dy := (float64(x)-n/2+0.5)/(0.42*n), (float64(y)-0.56*n)/(0.5*n)
			if dx*dx+dy*dy > 1 {
				continue
			}
			i := y*n + x
			l := lum[i]
			count++
			sum += l
			squares += l * l
			// Balance looks between the eyes' outer corners only: beside a turned
			// head stands what is behind it.
			if math.Abs(dx) < 0.5 {
				if x < n/2 {
					left += l
				} else {
					right += l
				}
			}
			bins[int(l*255+0.5)]++
			if l <= 25.0/255 {
				out.black++
			}
			if l >= 247.0/255 {
				out.white++
			}
			d := lum[i-1] + lum[i+1] + lum[i-n] + lum[i+n] - 4*l
			lap += d
			laps += d * d
		}
	}
	out.mean, out.black, out.white = sum/count, out.black/count, out.white/count
	if left+right > 0 {
		out.balance = (right - left) / (right + left)
	}
	for _, b := range bins {
		if b > 0 {
			out.entropy -= b / count * math.Log2(b/count)
		}
	}
	variance := squares/count - out.mean*out.mean
	if variance > 1e-6 {
		out.detail = (laps/count - lap*lap/count/count) / variance
	}
	return out
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

// sharpnessScore maps detail by 100·S(log2 detail; −5, 0.7). OFIQ's sharpness
// is a random forest that is not carried here; this scale is ours.
func sharpnessScore(detail float64) float64 {
	if detail <= 0 {
		return 0
	}
	return 100 * sigmoid(math.Log2(detail), -5, 0.7)
}
