package main

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"loket/camera/footage/held"
	"loket/camera/footage/people"
	"loket/scanner/face"
)

// stills are a folder's pictures: of faces, and of each person's printed photographs.
type stills struct {
	faces  []string
	prints [][]string
}

// stillsUnder sorts a folder's pictures: where one of its folders is called live the faces are those under it, else all
// that are not under a folder print.
func stillsUnder(dir string) (stills, error) {
	all, err := picturesUnder(dir)
	if err != nil {
		return stills{}, err
	}
	under := func(path, name string) bool {
		rel, err := filepath.Rel(filepath.Dir(dir), path)
		return err == nil && slices.Contains(strings.Split(filepath.ToSlash(filepath.Dir(rel)), "/"), name)
	}
	anyLive := slices.ContainsFunc(all, func(p string) bool { return under(p, "live") })
	var out stills
	printed := map[string]int{}
	for _, path := range all {
		switch {
		case under(path, "print"):
			folder := filepath.Dir(path)
			if _, have := printed[folder]; !have {
				printed[folder] = len(out.prints)
				out.prints = append(out.prints, nil)
			}
			out.prints[printed[folder]] = append(out.prints[printed[folder]], path)
		case !anyLive || under(path, "live"):
			out.faces = append(out.faces, path)
		}
	}
	return out, nil
}

// portrait is a picture of a face and where that is.
type portrait struct {
	held.Picture
	marks face.Landmarks
}

// located finds the face of a picture.
func (s *stage) located(img *image.RGBA, name string) (portrait, error) {
	faces, err := s.engines.detector.Detect(img)
	if err == nil && len(faces) == 0 {
		err = fmt.Errorf("%s: %w", name, face.ErrNoFace)
	}
	if err != nil {
		return portrait{}, err
	}
	l := faces[0].Landmarks
	return portrait{held.Picture{
		Image: img, X: (l[0].X + l[1].X) / 2, Y: (l[0].Y + l[1].Y) / 2, PerMM: math.Hypot(l[1].X-l[0].X, l[1].Y-l[0].Y) / 63,
	}, l}, nil
}

// straightest opens some pictures and keeps the one that looks most straight ahead: who is asked to look straight does,
// and who prints a photograph takes such a one.
func straightest(n int, open func(try int) (portrait, error)) (portrait, error) {
	var best portrait
	var errs error
	for try := range n {
		p, err := open(try)
		errs = errors.Join(errs, err)
		if err == nil && (best.Image == nil || math.Abs(p.marks.Pose().Yaw) < math.Abs(best.marks.Pose().Yaw)) {
			best = p
		}
	}
	if best.Image != nil {
		errs = nil
	}
	return best, errs
}

func drawnPhotograph(st *stage, n int) (portrait, error) {
	all := people.All()
	return straightest(2, func(try int) (portrait, error) {
		p := all[(n+9*try)%len(all)]
		return st.located(p.Portrait(), p.ID)
	})
}

// stillPhotograph takes the people in turn: 37 has no divisor in common with the twenty pictures that NUAA has of each.
func stillPhotograph(st *stage, n int) (portrait, error) {
	return straightest(4, func(try int) (portrait, error) {
		path := st.stills.faces[(n*37+try)%len(st.stills.faces)]
		img, err := openPicture(path)
		if err != nil {
			return portrait{}, err
		}
		return st.located(img, path)
	})
}

func drawnEyes(st *stage, n int) (open, shut portrait, err error) {
	all := people.All()
	p := all[n%len(all)]
	if open, err = st.located(p.Draw(image.Pt(480, 360), people.Look{Noise: 3}), p.ID); err != nil {
		return open, shut, err
	}
	shut = open
	shut.Image = p.Draw(image.Pt(480, 360), people.Look{Noise: 3, Closed: 1})
	return open, shut, nil
}

// stillEyes shuts the eyes of a photograph by painting the cheeks' colour over them.
func stillEyes(st *stage, n int) (open, shut portrait, err error) {
	if open, err = stillPhotograph(st, n); err != nil {
		return open, shut, err
	}
	shut = open
	shut.Image = image.NewRGBA(open.Image.Rect)
	draw.Draw(shut.Image, shut.Image.Rect, open.Image, open.Image.Rect.Min, draw.Src)
	for i := range 2 {
		cheek := open.Image.RGBAAt(int(open.marks[i].X), int(open.marks[i].Y+20*open.PerMM))
		shut.eye(i, func(x, y int) { shut.Image.SetRGBA(x, y, cheek) })
	}
	return open, shut, nil
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
		further.Distance += 18
		held.Show(img, behind.Picture, s, further, focal)
	}
	held.Show(img, p.Picture, s, pose, focal)
	people.Noise(img, 3, at.noise)
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	return img
}
