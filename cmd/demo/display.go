package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A display is where the kiosk's window stands, and the keys and clicks that
// reach it. They are real X events, sent by xdotool.
type display struct {
	name     string // ":99"
	folder   string // where pictures go
	server   *exec.Cmd
	pictures []string // names, in order
}

// openDisplay starts an Xvfb of its own, so that the demo disturbs nobody's
// desktop and its pictures are always 1366×768: the officer's screen on the
// left, the citizen's on the right.
func openDisplay(ctx context.Context, folder string) (*display, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	cmd := exec.CommandContext(ctx, "Xvfb", "-displayfd", "3", "-screen", "0", "2732x768x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		w.Close()
		return nil, fmt.Errorf("start Xvfb: %w", err)
	}
	w.Close()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		return nil, fmt.Errorf("no display was named by Xvfb: %w", err)
	}
	return &display{name: ":" + strings.TrimSpace(line), folder: folder, server: cmd}, nil
}

func (d *display) Close() error {
	d.server.Process.Kill()
	d.server.Wait() // says "killed", which is what was asked
	return nil
}

func (d *display) run(ctx context.Context, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+d.name)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, args[0], err, strings.TrimSpace(string(out)))
	}
	return strings.TrimSpace(string(out)), nil
}

// Focus waits for the window with this title and gives it the keyboard.
func (d *display) Focus(ctx context.Context, title string) error {
	id, err := d.find(ctx, title, 0)
	if err != nil {
		return err
	}
	_, err = d.run(ctx, "xdotool", "windowfocus", "--sync", id)
	return err
}

// find waits for the window with this title and puts it at x.
func (d *display) find(ctx context.Context, title string, x int) (id string, err error) {
	id, err = d.run(ctx, "xdotool", "search", "--sync", "--onlyvisible", "--name", title)
	if err != nil {
		return "", err
	}
	id, _, _ = strings.Cut(id, "\n")
	_, err = d.run(ctx, "xdotool", "windowmove", "--sync", id, fmt.Sprint(x), "0")
	return id, err
}

// Window keeps a picture of one window, found by its title and put on the
// citizen's side, and returns it.
func (d *display) Window(ctx context.Context, title, name string) (image.Image, error) {
	id, err := d.find(ctx, title, officerWidth)
	if err != nil {
		return nil, err
	}
	time.Sleep(settle)
	file := d.next(name)
	if _, err := d.run(ctx, "import", "-window", id, file); err != nil {
		return nil, err
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return png.Decode(f)
}

// officerWidth is how wide the officer's screen is; the citizen's begins there.
const officerWidth = 1366

// Key presses keys by their X names: "Return", "F5", "a".
func (d *display) Key(ctx context.Context, keys ...string) error {
	_, err := d.run(ctx, "xdotool", append([]string{"key", "--delay", "60"}, keys...)...)
	return err
}

// Type types text as a person does, a key at a time.
func (d *display) Type(ctx context.Context, text string) error {
	_, err := d.run(ctx, "xdotool", "type", "--delay", "30", text)
	return err
}

// Click presses the left button at a place of the window.
func (d *display) Click(ctx context.Context, x, y int) error {
	_, err := d.run(ctx, "xdotool", "mousemove", fmt.Sprint(x), fmt.Sprint(y), "click", "1")
	return err
}

// Picture keeps what the officer's screen shows as NN-name.png.
func (d *display) Picture(ctx context.Context, name string) error {
	_, err := d.run(ctx, "import", "-window", "root", "-crop", "1366x768+0+0", "+repage", d.next(name))
	return err
}

// keep keeps another picture among those of the screen.
func (d *display) keep(img image.Image, name string) (err error) {
	f, err := os.Create(d.next(name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return png.Encode(f, img)
}

// next names the next picture.
func (d *display) next(name string) string {
	file := fmt.Sprintf("%02d-%s.png", len(d.pictures)+1, name)
	d.pictures = append(d.pictures, file)
	return filepath.Join(d.folder, file)
}
