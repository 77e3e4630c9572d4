//go:build linux && !wayland

package main

/*
#cgo LDFLAGS: -lX11 -lXrandr
#include <X11/Xlib.h>
#include <X11/extensions/Xrandr.h>

typedef struct { int x, y, w, h; } rect;

// monitors writes up to max monitors and returns how many; RandR 1.5 tells.
static int monitors(Display *d, rect *out, int max) {
	int event, error, major = 0, minor = 0, n = 0, all = 0;
	if (!XRRQueryExtension(d, &event, &error) || !XRRQueryVersion(d, &major, &minor) || major < 1 || (major == 1 && minor < 5)) return 0;
	XRRMonitorInfo *m = XRRGetMonitors(d, DefaultRootWindow(d), True, &all);
	for (; m && n < all && n < max; n++) out[n] = (rect){m[n].x, m[n].y, m[n].width, m[n].height};
	if (m) XRRFreeMonitors(m);
	return n;
}

static rect where(Display *d, Window w) {
	XWindowAttributes a;
	rect r = {0, 0, 0, 0};
	Window child;
	if (XGetWindowAttributes(d, w, &a)) {
		XTranslateCoordinates(d, w, DefaultRootWindow(d), 0, 0, &r.x, &r.y, &child);
		r.w = a.width;
		r.h = a.height;
	}
	return r;
}
*/
import "C"

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
)

// placeBeside fills a monitor of its own with the citizen's window, which is
// open, where there is one beside the officer's. Fyne places no windows, so X is
// asked. On Fyne's goroutine.
func placeBeside(citizen, officer fyne.Window) {
	theirs, ours := handle(citizen), handle(officer)
	d := C.XOpenDisplay(nil)
	if d == nil || theirs == 0 || ours == 0 {
		return
	}
	defer C.XCloseDisplay(d)
	var found [16]C.rect
	var all []image.Rectangle
	for _, r := range found[:C.monitors(d, &found[0], C.int(len(found)))] {
		all = append(all, bounds(r))
	}
	if m, ok := beside(all, bounds(C.where(d, ours))); ok {
		C.XMoveResizeWindow(d, theirs, C.int(m.Min.X), C.int(m.Min.Y), C.uint(m.Dx()), C.uint(m.Dy()))
	}
}

func bounds(r C.rect) image.Rectangle {
	return image.Rect(int(r.x), int(r.y), int(r.x+r.w), int(r.y+r.h))
}

// handle is the X window of a window; 0 where it has none.
func handle(w fyne.Window) (id C.Window) {
	if n, ok := w.(driver.NativeWindow); ok {
		n.RunNative(func(context any) {
			if x, ok := context.(driver.X11WindowContext); ok {
				id = C.Window(x.WindowHandle)
			}
		})
	}
	return id
}
