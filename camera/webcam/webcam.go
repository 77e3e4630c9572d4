// Package webcam opens cameras through GoCV: a device by its number or path, an
// MJPEG stream by its address, a video file. What goes wrong comes back as one
// of camera's faults.
//
// An MJPEG stream over HTTP is split here and its pictures are decoded by
// OpenCV. OpenCV's own reader of such a stream (FFmpeg, 4.6) sat for 30 s on
// one that had gone quiet, gave it up at the first damaged picture, says no
// more than "false" and cannot be interrupted.
//
// Nothing native is freed while OpenCV is inside a call: Close of a Source that
// is being read leaves the freeing to that Read, whenever it returns.
package webcam

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"loket/camera"
)

// ErrClosed is what Read returns after Close.
var ErrClosed = errors.New("webcam: closed")

// Config names a camera and what is asked of it. A device gives the nearest it
// has; streams and files give what they are.
type Config struct {
	Address string  // "0", "/dev/video2", "http://10.0.0.7/stream", "rtsp://…", "latihan.avi"
	Width   int     // pixels; 0 is 1280
	Height  int     // pixels; 0 is 720
	Rate    float64 // frames a second; 0 is 30 for a device, its own for a file
	Unpaced bool    // a file as fast as it is read, for evaluation
}

// Open opens the camera. The error wraps NoCamera, NoPermission or CannotOpen.
// OpenCV's part cannot be interrupted, so Open may outlast ctx; camera.Feed's
// Keep is made for that.
func Open(ctx context.Context, c Config) (camera.Source, error) {
	c = c.filled()
	switch {
	case c.Address == "":
		return nil, fmt.Errorf("no camera named: %w", camera.NoCamera)
	case strings.Contains(c.Address, "://"):
		return openAddress(ctx, c)
	}
	n, err := strconv.Atoi(c.Address)
	numbered := err == nil && n >= 0
	if numbered && runtime.GOOS != "linux" {
		return openDevice(n, "", c)
	}
	path := c.Address
	if numbered {
		path = "/dev/video" + c.Address
	}
	device, err := look(path)
	switch {
	case err != nil:
		return nil, err
	case !device:
		return openFile(path, c)
	}
	if n, ok := number(path); ok {
		return openDevice(n, path, c)
	}
	return nil, fmt.Errorf("open %s: a device, but not of video: %w", path, camera.CannotOpen)
}

func (c Config) filled() Config {
	c.Address = strings.TrimSpace(c.Address)
	if c.Width == 0 {
		c.Width = 1280
	}
	if c.Height == 0 {
		c.Height = 720
	}
	return c
}

// look says whether a path is a device, and asks for it as OpenCV would, to
// tell apart what OpenCV does not: not there, not allowed, in use.
func look(path string) (device bool, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, faulty(path, err)
	}
	flag := os.O_RDONLY
	if device = info.Mode()&fs.ModeDevice != 0; device {
		flag = os.O_RDWR
	} else if info.IsDir() {
		return false, fmt.Errorf("open %s: a folder: %w", path, camera.CannotOpen)
	}
	file, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return device, faulty(path, err)
	}
	return device, file.Close()
}

func faulty(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", camera.NoCamera, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w", camera.NoPermission, err)
	}
	return fmt.Errorf("open %s: %w: %w", path, camera.CannotOpen, err)
}

// number finds the N of /dev/videoN, also behind the lasting names of
// /dev/v4l/by-id.
func number(path string) (int, bool) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	n, err := strconv.Atoi(strings.TrimPrefix(path, "/dev/video"))
	return n, err == nil && n >= 0
}

func openAddress(ctx context.Context, c Config) (camera.Source, error) {
	u, err := url.Parse(c.Address)
	if err != nil {
		return nil, fmt.Errorf("%w: camera address: %w", camera.NoCamera, err)
	}
	switch u.Scheme {
	case "http", "https":
		return openStream(ctx, u)
	case "file":
		return Open(ctx, Config{Address: u.Path, Rate: c.Rate, Unpaced: c.Unpaced})
	}
	return openNetwork(c.Address)
}
