package clip

import "image"

// Blurred is a frame as a lens that is out of focus by r pixels gives it: averaged twice over 2r+1 pixels each way. r 0
// is the frame itself. Frames are grey, so one channel is averaged.
func Blurred(img *image.RGBA, r int) *image.RGBA {
	if r == 0 {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	grey := make([]int, w*h)
	for i := range grey {
		grey[i] = int(img.Pix[i/w*img.Stride+i%w*4])
	}
	for range 2 {
		for y := range h {
			average(grey[y*w:], w, 1, r)
		}
		for x := range w {
			average(grey[x:], h, w, r)
		}
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for i, v := range grey {
		copy(out.Pix[4*i:], []uint8{uint8(v), uint8(v), uint8(v), 255})
	}
	return out
}

// average replaces n values, step apart, by the mean of the 2r+1 around each; the ends repeat.
func average(line []int, n, step, r int) {
	src := make([]int, n)
	for i := range src {
		src[i] = line[i*step]
	}
	at := func(i int) int { return src[max(0, min(n-1, i))] }
	sum := 0
	for i := -r; i <= r; i++ {
		sum += at(i)
	}
	for i := range n {
		line[i*step] = (sum + r) / (2*r + 1)
		sum += at(i+r+1) - at(i-r)
	}
}
