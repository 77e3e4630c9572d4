package app

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// sheet is the one widget of the window. A page says what stands on it as a
// list of marks; the sheet keeps one canvas object for each and changes only
// those whose mark changed, so that a new View costs what is new in it. The
// camera's picture is one of the objects and is refreshed by Preview alone.
//
// It is focusable and takes Tab, so that every key of the window arrives here.
type sheet struct {
	widget.BaseWidget

	picture *canvas.Image
	least   fyne.Size // the window does not shrink below
	objects []fyne.CanvasObject
	drawn   []mark
	spare   map[markKind][]fyne.CanvasObject

	laidOut func(fyne.Size) // the window has a new size
	tapped  func(fyne.Position)
	moved   func(fyne.Position) bool // whether something there can be pressed
	key     func(name fyne.KeyName, again bool)
	char    func(rune)
	paste   func(string)

	down  fyne.KeyName // pressed and not yet typed
	point bool
}

// mark is one thing on a page: plain, comparable data.
type mark struct {
	kind       markKind
	x, y, w, h float32
	fill, edge color.NRGBA
	stroke     float32
	radius     float32
	low        bool // round only the two lower corners
	text       string
	size       float32
	bold       bool
	sign       sign
	progress   float64
	img        image.Image // compared by identity
	sharp      bool        // pixels stay squares, as a code's must
}

type markKind uint8

const (
	markRect markKind = iota
	markText
	markLine // x, y to w, h
	markSign
	markImage
	markPicture // the camera's
)

func newSheet(picture *canvas.Image) *sheet {
	s := &sheet{picture: picture, least: least, spare: map[markKind][]fyne.CanvasObject{}}
	s.ExtendBaseWidget(s)
	return s
}

// show puts marks on the sheet, lowest first.
func (s *sheet) show(marks []mark) {
	used := map[markKind]int{}
	objects := make([]fyne.CanvasObject, 0, len(marks))
	same := len(marks) == len(s.drawn)
	for i, m := range marks {
		same = same && m.kind == s.drawn[i].kind
		objects = append(objects, s.object(m.kind, used))
	}
	if same {
		for i, m := range marks {
			if m != s.drawn[i] {
				put(s.objects[i], m)
			}
		}
		s.drawn = marks
		return
	}
	before := map[fyne.CanvasObject]mark{}
	for i, o := range s.objects {
		before[o] = s.drawn[i]
	}
	for i, m := range marks {
		if old, on := before[objects[i]]; !on || old != m {
			put(objects[i], m)
		}
	}
	s.objects, s.drawn = objects, marks
	s.Refresh()
}

// object returns the next unused object of a kind.
func (s *sheet) object(k markKind, used map[markKind]int) fyne.CanvasObject {
	if k == markPicture {
		return s.picture
	}
	n := used[k]
	used[k]++
	if n < len(s.spare[k]) {
		return s.spare[k][n]
	}
	var o fyne.CanvasObject
	switch k {
	case markText:
		o = &canvas.Text{}
	case markLine:
		o = &canvas.Line{}
	case markSign:
		o = &canvas.Raster{}
	case markImage:
		o = &canvas.Image{FillMode: canvas.ImageFillCover, ScaleMode: canvas.ImageScaleFastest}
	default:
		o = &canvas.Rectangle{}
	}
	s.spare[k] = append(s.spare[k], o)
	return o
}

// put makes an object look as its mark says.
func put(o fyne.CanvasObject, m mark) {
	pos, size := fyne.NewPos(m.x, m.y), fyne.NewSize(m.w, m.h)
	switch o := o.(type) {
	case *canvas.Rectangle:
		o.FillColor, o.StrokeColor, o.StrokeWidth, o.CornerRadius = m.fill, m.edge, m.stroke, m.radius
		o.BottomLeftCornerRadius, o.BottomRightCornerRadius = 0, 0
		if m.low {
			o.CornerRadius, o.BottomLeftCornerRadius, o.BottomRightCornerRadius = 0, m.radius, m.radius
		}
	case *canvas.Text:
		o.Text, o.TextSize, o.TextStyle, o.Color = m.text, m.size, fyne.TextStyle{Bold: m.bold}, m.fill
	case *canvas.Line:
		o.StrokeColor, o.StrokeWidth = m.fill, m.stroke
		o.Position1, o.Position2 = pos, fyne.NewPos(m.w, m.h)
		o.Refresh()
		return
	case *canvas.Raster:
		scaled := func(v float32, w int) float64 { return float64(v) * float64(w) / float64(m.w) }
		switch m.sign {
		case signOval:
			o.Generator = func(w, h int) image.Image {
				return drawOval(m.fill, m.edge, m.progress, scaled(m.stroke, w), w, h)
			}
		case signFrame:
			o.Generator = func(w, h int) image.Image {
				return drawFrame(m.fill, scaled(m.stroke, w), scaled(m.radius, w), w, h)
			}
		default:
			o.Generator = func(w, h int) image.Image { return drawSign(m.sign, m.fill, w, h) }
		}
	case *canvas.Image:
		o.CornerRadius = m.radius
		if m.kind == markImage {
			o.Image, o.ScaleMode = m.img, canvas.ImageScaleFastest
			if m.sharp {
				o.ScaleMode = canvas.ImageScalePixels
			}
		}
	}
	o.Move(pos)
	o.Resize(size)
	o.Refresh()
}

// MinSize is the least window.
func (s *sheet) MinSize() fyne.Size { return s.least }

func (s *sheet) CreateRenderer() fyne.WidgetRenderer { return &sheetRenderer{s} }

type sheetRenderer struct{ s *sheet }

func (r *sheetRenderer) Destroy()                     {}
func (r *sheetRenderer) Layout(size fyne.Size)        { r.s.laidOut(size) }
func (r *sheetRenderer) MinSize() fyne.Size           { return r.s.MinSize() }
func (r *sheetRenderer) Objects() []fyne.CanvasObject { return r.s.objects }
func (r *sheetRenderer) Refresh()                     { canvas.Refresh(r.s) }

// FocusGained and FocusLost: the sheet looks the same either way.
func (s *sheet) FocusGained() {}
func (s *sheet) FocusLost()   {}

// AcceptsTab takes Tab as a key like any other.
func (s *sheet) AcceptsTab() bool { return true }

// KeyDown and KeyUp tell a new press from a repeat of a held key.
func (s *sheet) KeyDown(e *fyne.KeyEvent) { s.down = e.Name }
func (s *sheet) KeyUp(*fyne.KeyEvent)     {}

// TypedKey and TypedRune bring keys and text.
func (s *sheet) TypedKey(e *fyne.KeyEvent) {
	again := s.down != e.Name
	s.down = ""
	s.key(e.Name, again)
}
func (s *sheet) TypedRune(r rune) { s.char(r) }

// TypedShortcut takes what is pasted into a field.
func (s *sheet) TypedShortcut(sc fyne.Shortcut) {
	if p, ok := sc.(*fyne.ShortcutPaste); ok {
		s.paste(p.Clipboard.Content())
	}
}

// Tapped, MouseIn, MouseMoved, MouseOut and Cursor are the mouse's side.
func (s *sheet) Tapped(e *fyne.PointEvent)        { s.tapped(e.Position) }
func (s *sheet) MouseIn(e *desktop.MouseEvent)    { s.point = s.moved(e.Position) }
func (s *sheet) MouseMoved(e *desktop.MouseEvent) { s.point = s.moved(e.Position) }
func (s *sheet) MouseOut()                        { s.point = s.moved(fyne.NewPos(-1, -1)) }
func (s *sheet) Cursor() desktop.Cursor {
	if s.point {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

var (
	_ fyne.Tabbable      = (*sheet)(nil)
	_ fyne.Shortcutable  = (*sheet)(nil)
	_ fyne.Tappable      = (*sheet)(nil)
	_ desktop.Keyable    = (*sheet)(nil)
	_ desktop.Hoverable  = (*sheet)(nil)
	_ desktop.Cursorable = (*sheet)(nil)
)
