package main

import (
	"context"
	"errors"
	"sync/atomic"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"loket/app"
	"loket/assets"
)

// window opens the officer's window and serves until it is closed or the
// system asks the program to end. Everything that runs has ended when it
// returns.
func window(o options) error {
	log, file, err := openLog(o.Data)
	if err != nil {
		return err
	}
	defer file.Close()
	// Fyne itself ends its loop on an interrupt or SIGTERM; the rest follows it.
	ctx, quit := context.WithCancel(context.Background())
	defer quit()
	c, err := openCounter(ctx, lookFor(o), log)
	if err != nil {
		return err
	}
	log.Info("start", "version", version(), "data", o.Data)

	a := fyneapp.NewWithID("loket.ikd.kiosk")
	a.SetIcon(fyne.NewStaticResource("icon.png", assets.Icon))
	w := a.NewWindow("Loket IKD")
	var desk *app.Desk
	glass := app.NewWindow(w, func(i app.Intent) { desk.Send(i) })
	ports := c.ports(glass.Show, glass.Preview().Post)
	side := a.NewWindow("Layar warga")
	side.SetIcon(a.Icon())
	side.SetCloseIntercept(func() { desk.Send(app.HideCounterCode{}) })
	ports.Citizen = app.NewCitizenWindow(side, func() { placeBeside(side, w) }, w.RequestFocus).Show
	if o.Observe != "" {
		seen, err := openObserver(o.Observe, log)
		if err != nil {
			return errors.Join(err, c.Close())
		}
		defer seen.file.Close()
		ports.Observe = seen.see
	}
	desk = app.New(ports, o.Lang, o.Look)
	w.Resize(fyne.NewSize(1366, 768)) // what the screens are drawn for; any larger one serves
	w.SetFullScreen(o.Fullscreen)
	w.SetMaster()

	w.SetCloseIntercept(quit)
	ended := make(chan error, 1)
	var over atomic.Bool // Fyne's loop has ended, and takes no more
	a.Lifecycle().SetOnStarted(func() {
		go func() {
			err := desk.Run(ctx) // its error is ctx's
			if errors.Is(err, context.Canceled) {
				err = nil
			}
			ended <- errors.Join(err, c.Close())
			if !over.Load() {
				fyne.Do(a.Quit) // Quit is for Fyne's goroutine
			}
		}()
	})
	w.ShowAndRun()
	over.Store(true)
	quit()
	err = <-ended
	log.Info("end", "err", err)
	return err
}
