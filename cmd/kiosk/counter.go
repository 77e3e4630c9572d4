package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"image"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"loket/app"
	"loket/app/activation"
	"loket/camera"
	"loket/camera/webcam"
	"loket/scanner/face/engine"
	"loket/sync/client"
	"loket/sync/clock"
)

// counter is everything of the counter but its window: the window, a test or a
// self-test stands before it.
type counter struct {
	station *station
	link    *uplink
	book    *book
	engine  *engine.Client
	codes   *camera.Feed
	faces   *camera.Feed
	zone    *time.Location
	regions activation.Regions
	along   *alongside
	log     *slog.Logger

	stop context.CancelFunc
	work sync.WaitGroup
}

// openCounter opens the data folder and starts cameras, engine and sender.
func openCounter(ctx context.Context, o options, log *slog.Logger) (*counter, error) {
	s, err := openStation(ctx, o.Data, clock.System, log)
	if err != nil {
		return nil, err
	}
	c := &counter{station: s, zone: o.Zone, log: log, codes: camera.NewFeed()}
	c.link = &uplink{s: s}
	s.kick, s.areas = c.link.kick, o.Roster
	c.book = &book{s: s, zone: o.Zone, sent: c.link.changed, left: func() (int, int, time.Duration) { return c.link.burst.left(time.Now()) }}
	c.along = &alongside{s: s, zone: o.Zone, name: func(code string) string { return c.areaName(code) }}
	if o.Regions != "" {
		if r, err := loadRegions(o.Regions); err != nil {
			log.Warn("regions", "err", err) // a region only ever warns
		} else {
			c.regions = r
		}
	}
	ctx, c.stop = context.WithCancel(ctx)
	c.engine = engine.Start(engine.Options{Log: log, Command: c.engineCommand})
	c.work.Go(func() { c.link.run(ctx) })
	c.work.Go(func() { c.tidy(ctx, tidyEvery, lookEvery) })
	c.work.Go(func() { s.renewing(ctx) })
	if o.Backup != "" {
		c.work.Go(func() { s.backups(ctx, o.Backup, backupEvery) })
	}
	c.faces = c.codes
	c.keep(ctx, c.codes, o.Codes)
	if o.Faces != o.Codes {
		c.faces = camera.NewFeed()
		c.keep(ctx, c.faces, o.Faces)
	}
	return c, nil
}

// engineCommand is this program as the engine's child, with the matcher that
// policy names.
func (c *counter) engineCommand() *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	args := []string{"engine"}
	if k, ok := c.station.known(); ok && k.policy.Matcher != "" {
		args = append(args, "--matcher", k.policy.Matcher)
	}
	return exec.Command(self, args...)
}

// keep holds a camera open; it comes back by itself.
func (c *counter) keep(ctx context.Context, feed *camera.Feed, address string) {
	c.work.Go(func() {
		_ = feed.Keep(ctx, func(ctx context.Context) (camera.Source, error) {
			return webcam.Open(ctx, webcam.Config{Address: address})
		})
	})
}

// Close ends all that runs, and then the ledger.
func (c *counter) Close() error {
	c.stop()
	c.work.Wait()
	return errors.Join(c.engine.Close(), c.station.Close())
}

// tidyEvery is how often the ledger's WAL is written back, old rosters go, and
// the clock is kept: after a power cut its floor is that far behind at most.
const tidyEvery = 10 * time.Minute

// lookEvery is how often the counter looks whether somebody set the PC's clock,
// to keep that at once: a power cut in the same second hides it, as setting the
// clock before the PC starts does.
const lookEvery = time.Second

func (c *counter) tidy(ctx context.Context, every, look time.Duration) {
	tidy, looks := time.NewTicker(every), time.NewTicker(look)
	defer tidy.Stop()
	defer looks.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-looks.C:
			err = c.station.keepMoved(ctx)
		case <-tidy.C:
			_, err = c.station.ledger.Idle(ctx)
			_, expired := c.station.roster.Expire(ctx)
			err = errors.Join(err, expired, c.station.keepClock(ctx))
		}
		if err != nil && ctx.Err() == nil {
			c.log.Error("tidy", "err", err)
		}
	}
}

// ports are the counter as the desk sees it.
func (c *counter) ports(show func(app.View), preview func(*image.RGBA)) app.Ports {
	return app.Ports{
		CodesCamera: c.codes, FacesCamera: c.faces, Preview: preview, Show: show,
		Codes: newCodes(), Tokens: &tokens{s: c.station}, Records: &records{c.station},
		Faces: &faces{c.station, c.engine}, Ledger: c.book, Officers: &officers{s: c.station},
		Clock: &deskClock{c.station.clock, c.zone}, Line: c.link, Regions: c.regions, Tools: c.tools,
		Log: c.told, NewID: newID, Registrations: &registrations{c.station}, Seconds: &seconds{c.station, c.book},
		Cancels: c.book, Stick: &sticks{s: c.station, folders: stickFolders(os.Getenv)}, Roster: c.along,
	}
}

// told writes the cause of what the officer was told.
func (c *counter) told(code string, err error) {
	c.log.Warn("notice", "code", code, "link", client.LinkOf(err), "err", err)
}

// deskClock is app.Clock: trusted time in the counter's zone.
type deskClock struct {
	clock *clock.Clock
	zone  *time.Location
}

func (c *deskClock) Now() time.Time { return c.clock.Now().In(c.zone) }

func (c *deskClock) Uncertain() bool {
	_, doubt := c.clock.Check()
	return doubt != clock.None
}

// areaName is a kecamatan's name, as far as the administrative codes are here.
func (c *counter) areaName(code string) string {
	all, ok := c.regions.(regions)
	if !ok {
		return ""
	}
	return all[strings.ReplaceAll(code, ".", "")].name
}

// newID names a case: 16 random bytes in hex.
func newID() string {
	b := make([]byte, 16)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// lookFor is where the administrative codes lie when nobody says: in the data
// folder, else beside the project's folder.
func lookFor(o options) options {
	if o.Regions != "" {
		return o
	}
	for _, dir := range []string{o.Data + "/wilayah", "../shared/wilayah"} {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			o.Regions = dir
			break
		}
	}
	return o
}
