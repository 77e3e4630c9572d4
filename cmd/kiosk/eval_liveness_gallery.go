package main

import (
	"errors"
	"fmt"
	"image"
	"image/draw"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"loket/camera/footage/held"
	"loket/camera/footage/people"
	"loket/scanner/face"
)

// stills are a folder's pictures, by person: of faces, and of printed photographs.
type stills struct{ faces, prints [][]string }

// stillsUnder sorts a folder's pictures: where one of its folders is called live the faces are those under it, else all
// that are not under a folder print. What lies in one folder is one person, but what lies directly in dir, live or print.
func stillsUnder(dir string) (stills, error) {
	all, err := picturesUnder(dir)
	if err != nil {
		return stills{}, err
	}
	folders := func(path string) []string {
		rel, err := filepath.Rel(filepath.Dir(dir), filepath.Dir(path))
		if err != nil {
			return nil
		}
		return strings.Split(filepath.ToSlash(rel), "/")
	}
	under := func(path, name string) bool { return slices.Contains(folders(path), name) }
	anyLive := slices.ContainsFunc(all, func(p string) bool { return under(p, "live") })
	var out stills
	at := map[string]int{} // of a person
	put := func(to *[][]string, path string) {
		person := filepath.Dir(path)
		if f := folders(path); len(f) == 1 || f[len(f)-1] == "live" || f[len(f)-1] == "print" {
			person = path
		}
		i, have := at[person]
		if !have {
			i = len(*to)
			at[person] = i
			*to = append(*to, nil)
		}
		(*to)[i] = append((*to)[i], path)
	}
	for _, path := range all {
		switch {
		case under(path, "print"):
			put(&out.prints, path)
		case !anyLive || under(path, "live"):
			put(&out.faces, path)
		}
	}
	return out, nil
}

// gallery are the people of all clips. Portraits that were looked for once are kept: finding one costs as much as a
// second of a clip.
type gallery struct {
	stills
	drawn []people.Person
	kept  sync.Map // a name to func() (portrait, error)
}

func newGallery(s stills) *gallery { return &gallery{stills: s, drawn: people.All()} }

func (g *gallery) once(name string, find func() (portrait, error)) (portrait, error) {
	f, _ := g.kept.LoadOrStore(name, sync.OnceValues(find))
	return f.(func() (portrait, error))()
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

// drawnPhotograph is the nth person's enrolled portrait.
func drawnPhotograph(st *stage, n int) (portrait, error) {
	p := st.gallery.drawn[n%len(st.gallery.drawn)]
	return st.gallery.once(p.ID, func() (portrait, error) { return st.located(p.Portrait(), p.ID) })
}

// stillPhotograph is the nth person's; people who come again bring other pictures.
func stillPhotograph(st *stage, n int) (portrait, error) {
	all := st.gallery.faces
	own, round := all[n%len(all)], n/len(all)
	return st.gallery.once(fmt.Sprint(n%len(all), round*4%len(own)), func() (portrait, error) {
		return straightest(4, func(try int) (portrait, error) {
			path := own[(round*4+try)%len(own)]
			img, err := openPicture(path)
			if err != nil {
				return portrait{}, err
			}
			return st.located(img, path)
		})
	})
}

func drawnEyes(st *stage, n int) (open, shut portrait, err error) {
	p := st.gallery.drawn[n%len(st.gallery.drawn)]
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
