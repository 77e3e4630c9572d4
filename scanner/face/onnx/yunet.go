package onnx

import (
	"cmp"
	"math"
	"slices"

	"loket/scanner/face"
)

// prior is one place and size at which YuNet looks for a face: centre and side
// as shares of the picture's width and height.
type prior struct{ x, y, w, h float64 }

// The centre's and the size's share in an output, from the network's training
// (libfacedetection.train, and OpenCV 4.6's face_detect.cpp).
const (
	centreVariance = 0.1
	sizeVariance   = 0.2
)

// priors lists the places for a picture of w × h pixels, in the network's order:
// strides 8 to 64, rows, columns, sizes.
func priors(w, h int) []prior {
	levels := [4]struct {
		stride int
		sizes  []float64 // in pixels
	}{{8, []float64{10, 16, 24}}, {16, []float64{32, 48}}, {32, []float64{64, 96}}, {64, []float64{128, 192, 256}}}
	fw, fh := ((w+1)/2)/2, ((h+1)/2)/2
	var all []prior
	for _, level := range levels {
		fw, fh = fw/2, fh/2
		for y := range fh {
			for x := range fw {
				for _, size := range level.sizes {
					all = append(all, prior{
						x: (float64(x) + 0.5) * float64(level.stride) / float64(w),
						y: (float64(y) + 0.5) * float64(level.stride) / float64(h),
						w: size / float64(w),
						h: size / float64(h),
					})
				}
			}
		}
	}
	return all
}

// decode turns the three outputs into faces in pixels of a w × h picture. loc
// holds 14 values a prior (centre, size, five points), conf two (background,
// face), iou one; the score is √(conf₁ · clamp(iou, 0, 1)).
func decode(priors []prior, loc, conf, iou []float32, w, h int, lowest float64) []face.Face {
	var faces []face.Face
	for i, p := range priors {
		overlap := min(max(float64(iou[i]), 0), 1)
		score := math.Sqrt(float64(conf[2*i+1]) * overlap)
		if !(score >= lowest) {
			continue
		}
		v := loc[14*i : 14*i+14]
		at := func(dx, dy float32) face.Point {
			return face.Point{
				X: (p.x + float64(dx)*centreVariance*p.w) * float64(w),
				Y: (p.y + float64(dy)*centreVariance*p.h) * float64(h),
			}
		}
		centre := at(v[0], v[1])
		bw := p.w * math.Exp(float64(v[2])*sizeVariance) * float64(w)
		bh := p.h * math.Exp(float64(v[3])*sizeVariance) * float64(h)
		f := face.Face{Box: face.Box{X: centre.X - bw/2, Y: centre.Y - bh/2, W: bw, H: bh}, Score: score}
		for k := range f.Landmarks {
			f.Landmarks[k] = at(v[4+2*k], v[5+2*k])
		}
		faces = append(faces, f)
	}
	return faces
}

// suppress keeps the best-scored of boxes that overlap by more than limit
// (intersection over union), and returns the kept ones largest first. A box
// that lies by more than half inside a larger one of no lower score is dropped
// too: the frame of spectacles round an eye looks like a small face.
func suppress(faces []face.Face, limit float64) []face.Face {
	slices.SortStableFunc(faces, func(a, b face.Face) int { return cmp.Compare(b.Score, a.Score) })
	var kept []face.Face
	for _, f := range faces {
		if !slices.ContainsFunc(kept, func(k face.Face) bool {
			shared := intersection(k.Box, f.Box)
			a, b := k.Box.W*k.Box.H, f.Box.W*f.Box.H
			return shared > limit*(a+b-shared) || a > b && shared > b/2
		}) {
			kept = append(kept, f)
		}
	}
	slices.SortStableFunc(kept, func(a, b face.Face) int { return cmp.Compare(b.Box.W*b.Box.H, a.Box.W*a.Box.H) })
	return kept
}

func intersection(a, b face.Box) float64 {
	w := math.Min(a.X+a.W, b.X+b.W) - math.Max(a.X, b.X)
	h := math.Min(a.Y+a.H, b.Y+b.H) - math.Max(a.Y, b.Y)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h
}
