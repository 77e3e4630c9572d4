package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
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

	ctx, quit := context.WithCancel(ctx)
	defer quit()
	w.SetCloseIntercept(quit)
	ended := make(chan error, 1)
	a.Lifecycle().SetOnStarted(func() {
		go func() {
			err := desk.Run(ctx) // its error is ctx's
			if errors.Is(err, context.Canceled) {
				err = nil
			}
			ended <- errors.Join(err, c.Close())
			fyne.Do(a.Quit) // Quit is for Fyne's goroutine
		}()
	})
	w.ShowAndRun()
	quit()
	err = <-ended
	log.Info("end", "err", err)
	return err
}
