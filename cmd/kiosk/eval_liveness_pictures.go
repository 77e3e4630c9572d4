package main

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"loket/camera/footage/held"
	"loket/camera/footage/people"
	"loket/scanner/face"
)

// portrait is a picture of a face and where that is.
type portrait struct {
	held.Picture
	marks face.Landmarks
}

// eye visits the pixels of an eye, 34 × 18 mm.
func (p portrait) eye(i int, visit func(x, y int)) {
	w, h := 17*p.PerMM, 9*p.PerMM
	for y := int(p.marks[i].Y - h); y <= int(p.marks[i].Y+h); y++ {
		for x := int(p.marks[i].X - w); x <= int(p.marks[i].X+w); x++ {
			dx, dy := (float64(x)-p.marks[i].X)/w, (float64(y)-p.marks[i].Y)/h
			if dx*dx+dy*dy <= 1 {
				visit(x, y)
			}
		}
	}
}

// withoutEyes cuts holes.
func (p portrait) withoutEyes() portrait {
	cut := image.NewRGBA(p.Image.Rect)
	draw.Draw(cut, cut.Rect, p.Image, p.Image.Rect.Min, draw.Src)
	p.Image = cut
	for i := range 2 {
		p.eye(i, func(x, y int) { cut.SetRGBA(x, y, color.RGBA{}) })
	}
	return p
}

// framed puts a black edge round it, 5 % of its height.
func (p portrait) framed() portrait {
	size := p.Image.Rect.Size()
	edge := size.Y / 20
	out := image.NewRGBA(image.Rect(0, 0, size.X+2*edge, size.Y+2*edge))
	draw.Draw(out, out.Rect, image.NewUniform(color.RGBA{18, 18, 20, 255}), image.Point{}, draw.Src)
	draw.Draw(out, image.Rect(edge, edge, edge+size.X, edge+size.Y), p.Image, p.Image.Rect.Min, draw.Src)
	p.Image, p.X, p.Y = out, p.X+float64(edge), p.Y+float64(edge)
	for i := range p.marks {
		p.marks[i].X, p.marks[i].Y = p.marks[i].X+float64(edge), p.marks[i].Y+float64(edge)
	}
	return p
}

// lit is the picture on a screen at one moment: stripes some pixels apart where its grid beats with the camera's, other
// ones for each colour, and the refresh as a darker band that runs down.
func (p portrait) lit(pitch, angle, phase float64) portrait {
	out := image.NewRGBA(p.Image.Rect)
	sin, cos := math.Sincos(angle)
	h := float64(out.Rect.Dy())
	for y := range out.Rect.Dy() {
		band := 1 - 0.12*math.Exp(-math.Pow(math.Mod(float64(y)/h-0.37*phase+100, 1)-0.5, 2)/0.02)
		row := p.Image.Pix[y*p.Image.Stride:]
		for x := range out.Rect.Dx() {
			wave := 2 * math.Pi / pitch * (cos*float64(x) + sin*float64(y))
			s, c := math.Sincos(wave + phase)
			for k, beat := range [3]float64{s, c, -s} {
				out.Pix[y*out.Stride+4*x+k] = uint8(min(255, float64(row[4*x+k])*band*(1.02+0.05*beat)+6))
			}
			out.Pix[y*out.Stride+4*x+3] = 255
		}
	}
	p.Image = out
	return p
}

// shown is the picture on a surface in the room, with somebody's eyes behind its holes.
func (p portrait) shown(s held.Surface, at posture, behind *portrait) *image.RGBA {
	img := room()
	pose := held.Pose{Yaw: at.yaw, Pitch: at.pitch, Roll: at.roll, X: at.x, Y: at.y - 25, Distance: 480 / at.near}
	if behind != nil {
		further := pose
		further.Distance += behindPaper
		held.Show(img, behind.Picture, held.Relief(85, wornNose), further, focal)
	}
	held.Show(img, p.Picture, s, pose, focal)
	dim(img, at.light)
	people.Noise(img, 3, at.noise)
	return img
}

// dim leaves a share of the light, and makes all of it opaque.
func dim(img *image.RGBA, share float64) {
	var level [256]uint8
	for v := range level {
		level[v] = uint8(float64(v)*math.Pow(share, 1/2.2) + 0.5) // pixels are in sRGB, about the power 1/2.2 of light
	}
	for i := 0; i < len(img.Pix); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = level[img.Pix[i]], level[img.Pix[i+1]], level[img.Pix[i+2]], 255
	}
}
