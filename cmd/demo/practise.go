package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"loket/app"
)

// practise opens office, phone and window for a person, and waits until the
// window is closed. Without a webcam the demo's camera follows the window: it
// shows the phone while a code is scanned, and otherwise the citizen whose
// phone it is.
func practise(ctx context.Context, bin, out string) (err error) {
	screen := os.Getenv("DISPLAY")
	if screen == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return errors.New("there is no display to open a window on; make demo brings one of its own")
	}
	p, out, err := prepare(bin, out)
	if err != nil {
		return err
	}
	o, err := openOffice(ctx, p, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	served := o.citizens[placeServed]
	pr, address, err := o.startPhone(ctx, served)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pr.Stop()) }()

	source := o.camera.URL
	if devices, err := filepath.Glob("/dev/video*"); err == nil && len(devices) > 0 {
		source = devices[0]
	}
	observed := filepath.Join(out, "observed.jsonl")
	kiosk, err := o.Start("kiosk", "kiosk", nil, "--data", o.path("kiosk"), "--codes-camera", source, "--observe", observed, "--regions", os.Getenv("LOKET_REGIONS"))
	if err != nil {
		return err
	}
	fmt.Printf(`Kode perangkat / device code:   %s
Petugas / officer:              %s, sandi pertama / first password %s
Penyelia / supervisor:          %s, sandi pertama / first password %s
Ponsel warga / citizen's phone: %s
Warga contoh / sample citizen:  NIK %s, %s, %s
E-mail masuk ke / mail arrives in: %s
Kamera / camera: %s
`, o.code, officerID, o.password, supervisorID, o.second, address, served.NIK, served.Email, served.Number, o.path("mail"), source)
	if source == o.camera.URL {
		go o.follow(ctx, &counter{observed: observed}, address, served)
	}
	select {
	case <-kiosk.ended:
		return kiosk.err
	case <-ctx.Done():
		return kiosk.Stop()
	}
}

// follow shows before the camera what the window asks for.
func (o *office) follow(ctx context.Context, c *counter, address string, served citizen) {
	sitter := facing(served.Person)
	face := sitter.Scene()
	shown := app.Screen("")
	var since time.Time
	for ctx.Err() == nil {
		if err := c.read(); err != nil {
			return
		}
		sitter.Ask(c.now().Asked)
		if s := c.now().Screen; s != shown || s == app.ScreenScan && time.Since(since) > 20*time.Second {
			shown, since = s, time.Now()
			o.camera.Show(face)
			if s == app.ScreenScan {
				if img, err := (drawn{address}).Screen(ctx); err == nil {
					o.camera.Show(phoneHeld(img))
				}
			}
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}
