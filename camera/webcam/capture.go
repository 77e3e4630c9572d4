package webcam

import (
	"fmt"
	"image"
	"io"
	"runtime"
	"sync"
	"time"

	"gocv.io/x/gocv"

	"loket/camera"
)

// capture is a Source over OpenCV's VideoCapture.
type capture struct {
	path   string        // a device's, to see whether it is still there; "" otherwise
	finite bool          // a file: its end is io.EOF
	pace   time.Duration // between frames of a file; 0 is none
	due    time.Time
	closed chan struct{}
	read   bool // a frame was read

	mu     sync.Mutex
	inside bool // a Read is in OpenCV
	shut   bool
	video  *gocv.VideoCapture
	frame  gocv.Mat
	pixels *pixels
}

func newCapture(video *gocv.VideoCapture) *capture {
	return &capture{video: video, frame: gocv.NewMat(), pixels: newPixels(), closed: make(chan struct{})}
}

func openDevice(n int, path string, c Config) (camera.Source, error) {
	api := gocv.VideoCaptureAny
	if runtime.GOOS == "linux" {
		api = gocv.VideoCaptureV4L // else FFmpeg and GStreamer are asked too, and the answer takes longer
	}
	video, err := gocv.VideoCaptureDeviceWithAPI(n, api)
	if err != nil {
		return nil, closing(video, fmt.Errorf("%w: %w", camera.CannotOpen, err))
	}
	if c.Rate == 0 {
		c.Rate = 30
	}
	// Without MJPG a USB 2 camera has no more than 10 frames a second at 720p,
	// and the format must be asked for before the size.
	video.Set(gocv.VideoCaptureFOURCC, video.ToCodec("MJPG"))
	video.Set(gocv.VideoCaptureFrameWidth, float64(c.Width))
	video.Set(gocv.VideoCaptureFrameHeight, float64(c.Height))
	video.Set(gocv.VideoCaptureFPS, c.Rate)
	video.Set(gocv.VideoCaptureBufferSize, 1)
	src := newCapture(video)
	src.path = path
	return src, nil
}

func openFile(path string, c Config) (camera.Source, error) {
	video, err := gocv.VideoCaptureFileWithAPI(path, gocv.VideoCaptureFFmpeg)
	if err != nil {
		return nil, closing(video, fmt.Errorf("%w: %w", camera.CannotOpen, err))
	}
	src := newCapture(video)
	src.finite = true
	if rate := video.Get(gocv.VideoCaptureFPS); c.Rate == 0 && rate > 0 && rate <= 240 {
		c.Rate = rate
	}
	if c.Rate > 0 && !c.Unpaced {
		src.pace = time.Duration(float64(time.Second) / c.Rate)
	}
	return src, nil
}

// openNetwork leaves rtsp and the like to OpenCV.
func openNetwork(address string) (camera.Source, error) {
	video, err := gocv.VideoCaptureFileWithAPI(address, gocv.VideoCaptureFFmpeg)
	if err != nil {
		return nil, closing(video, fmt.Errorf("%w: %w", camera.CannotOpen, err))
	}
	return newCapture(video), nil
}

// closing frees what gocv returns beside an error.
func closing(video *gocv.VideoCapture, err error) error {
	_ = video.Close() // always nil
	return err
}

// Read waits for the next frame, a device's own time or a file's pace.
func (c *capture) Read() (*image.RGBA, error) {
	if !c.wait() || !c.enter() {
		return nil, ErrClosed
	}
	ok := c.video.Read(&c.frame)
	var img *image.RGBA
	err := c.ended()
	if ok && !c.frame.Empty() {
		img, err = c.pixels.of(c.frame)
		c.read = true
	}
	if !c.leave() {
		return nil, ErrClosed
	}
	return img, err
}

// ended says what a Read without a frame means.
func (c *capture) ended() error {
	switch {
	case c.finite:
		return io.EOF
	case c.path != "":
		if _, err := look(c.path); err != nil {
			return err
		}
		if !c.read {
			return fmt.Errorf("read %s: %w", c.path, camera.CannotOpen)
		}
	}
	return fmt.Errorf("read: %w", camera.Ended)
}

// wait holds a file back to its pace; false when closed meanwhile.
func (c *capture) wait() bool {
	if c.pace == 0 {
		return true
	}
	now := time.Now()
	if c.due = c.due.Add(c.pace); c.due.Before(now) {
		c.due = now
	}
	timer := time.NewTimer(c.due.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.closed:
		return false
	}
}

// enter marks that OpenCV is at work, so that Close leaves everything to
// leave; both return false when the Source is closed.
func (c *capture) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inside = !c.shut
	return !c.shut
}

func (c *capture) leave() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inside = false
	if c.shut {
		c.free()
	}
	return !c.shut
}

// Close returns at once. A Read inside OpenCV frees the device when it returns.
func (c *capture) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shut {
		return nil
	}
	c.shut = true
	close(c.closed)
	if !c.inside {
		c.free()
	}
	return nil
}

func (c *capture) free() {
	_, _, _ = c.video.Close(), c.frame.Close(), c.pixels.close() // gocv returns nil
}
