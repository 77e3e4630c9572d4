package app

import (
	"image"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// Preview shows the camera's newest picture. A Post that comes before the last
// one was drawn replaces it: at most one refresh is ever waiting, because
// Fyne's queue has no bound.
type Preview struct {
	view   *canvas.Image
	next   atomic.Pointer[image.RGBA]
	shaped func() // the picture's proportions changed: marks on it move
	on     bool   // the page that is drawn shows it
	live   bool   // a picture came since the screen began
	aspect float32
}

func newPreview() *Preview {
	return &Preview{view: &canvas.Image{
		Image: nothing(), FillMode: canvas.ImageFillCover, ScaleMode: canvas.ImageScaleFastest,
	}, aspect: 4. / 3}
}

// nothing is a picture through which the dark stage is seen.
func nothing() image.Image { return image.NewRGBA(image.Rect(0, 0, 4, 3)) }

// forget takes the last picture away: the next screen, and the next citizen,
// begin without it.
func (p *Preview) forget() {
	p.next.Store(nil)
	p.view.Image, p.live = nothing(), false
	p.view.Refresh()
}

// Post shows img, which must not be written afterwards nor be a part of a
// larger picture (its stride would be ignored). Any goroutine may call it; it
// never waits.
func (p *Preview) Post(img *image.RGBA) {
	if p.next.Swap(img) != nil {
		return // a refresh is queued already; it will take this picture
	}
	fyne.Do(func() {
		img := p.next.Swap(nil)
		if img == nil || !p.on {
			return // elsewhere a refresh would repaint the window for nothing
		}
		p.view.Image = img
		p.view.Refresh()
		b := img.Bounds()
		if shape := float32(b.Dx()) / float32(b.Dy()); !p.live || shape != p.aspect {
			p.live, p.aspect = true, shape
			p.shaped()
		}
	})
}

// at maps a point in 0..1 of the picture to the box that the picture covers.
func (p *Preview) at(x, y float64, b box) (float32, float32) {
	w, h := b.w, b.w/p.aspect
	if h < b.h {
		w, h = b.h*p.aspect, b.h
	}
	return b.x + (b.w-w)/2 + float32(x)*w, b.y + (b.h-h)/2 + float32(y)*h
}
