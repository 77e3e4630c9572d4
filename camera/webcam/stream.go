package webcam

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"gocv.io/x/gocv"

	"loket/camera"
)

const (
	answer  = 2500 * time.Millisecond // for the stream's server to answer; under camera.Patience
	maxJPEG = 16 << 20                // bytes of one picture; a 4K one has about 4 MB
	maxSide = 8192                    // pixels; OpenCV throws at a header that claims more than 2^30 in all
)

// stream is a Source over multipart/x-mixed-replace, as webcam servers and
// phones send it.
type stream struct {
	host   string
	cancel context.CancelFunc // ends a waiting Read
	body   io.Closer
	bytes  *bufio.Reader
	parts  *multipart.Reader // once the first boundary was read
	file   bytes.Buffer

	mu     sync.Mutex // held while OpenCV decodes, some milliseconds
	shut   bool
	pixels *pixels
}

// openStream asks for the stream. The address's host is logged, never its
// path or password.
func openStream(ctx context.Context, u *url.URL) (camera.Source, error) {
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	opening := time.AfterFunc(answer, cancel)
	unlink := context.AfterFunc(ctx, cancel)
	s, err := ask(life, u)
	if !opening.Stop() || !unlink() {
		err = errors.Join(err, fmt.Errorf("%s does not answer: %w", u.Host, camera.CannotOpen))
	}
	if err != nil {
		if s != nil {
			err = errors.Join(err, s.body.Close())
		}
		cancel()
		return nil, err
	}
	s.cancel = cancel
	s.pixels = newPixels()
	return s, nil
}

func ask(ctx context.Context, u *url.URL) (*stream, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: camera address: %w", camera.NoCamera, err)
	}
	// A camera stands in the office's own network: no proxy, and a connection
	// of its own that ends with the stream.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	res, err := client.Do(req)
	if err != nil {
		var at *url.Error
		if errors.As(err, &at) {
			err = at.Err // at repeats the whole address
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%s: %w: %w", u.Host, camera.CannotOpen, err)
		}
		return nil, fmt.Errorf("%s: %w: %w", u.Host, camera.NoCamera, err)
	}
	s, err := split(res)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", u.Host, err), res.Body.Close())
	}
	s.host = u.Host
	return s, nil
}

func split(res *http.Response) (*stream, error) {
	switch {
	case res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden:
		return nil, fmt.Errorf("%s: %w", res.Status, camera.NoPermission)
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		return nil, fmt.Errorf("%s: %w", res.Status, camera.NoCamera)
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s: %w", res.Status, camera.CannotOpen)
	}
	kind, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return nil, fmt.Errorf("a stream of %q, not of pictures: %w", kind, camera.CannotOpen)
	}
	return &stream{body: res.Body, bytes: bufio.NewReaderSize(res.Body, 64<<10)}, nil
}

// begin takes the boundary from the stream's first line: some cameras write it
// with its dashes into the header, some write another one there.
func (s *stream) begin() error {
	for {
		line, err := s.bytes.Peek(2)
		if err != nil {
			return err
		}
		if string(line) == "--" {
			break
		}
		if line[0] != '\r' && line[0] != '\n' {
			return errors.New("no boundary before the first picture")
		}
		if _, err := s.bytes.Discard(1); err != nil {
			return err
		}
	}
	for n := 3; ; n++ {
		line, err := s.bytes.Peek(n)
		if err != nil {
			return err
		}
		if line[n-1] == '\n' {
			s.parts = multipart.NewReader(s.bytes, strings.TrimSpace(string(line[2:])))
			return nil
		}
	}
}

// Read waits for the stream's next picture. One that OpenCV cannot decode is
// passed over.
func (s *stream) Read() (*image.RGBA, error) {
	if s.parts == nil {
		if err := s.begin(); err != nil {
			return nil, s.ended(err)
		}
	}
	for {
		part, err := s.parts.NextRawPart()
		if err != nil {
			return nil, s.ended(err)
		}
		// With a length, the picture is whole before the next one's boundary.
		size, err := strconv.ParseInt(part.Header.Get("Content-Length"), 10, 64)
		if err != nil || size <= 0 || size > maxJPEG {
			size = maxJPEG + 1
		}
		s.file.Reset()
		if _, err := s.file.ReadFrom(io.LimitReader(part, size)); err != nil {
			return nil, s.ended(err)
		}
		img, err := s.decode()
		if img != nil || err != nil {
			return img, err
		}
	}
}

func (s *stream) ended(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return ErrClosed
	}
	return fmt.Errorf("read from %s: %w: %w", s.host, camera.Ended, err)
}

// decode gives nil without an error for what is no picture.
func (s *stream) decode() (*image.RGBA, error) {
	head, err := jpeg.DecodeConfig(bytes.NewReader(s.file.Bytes()))
	if err != nil || head.Width > maxSide || head.Height > maxSide || s.file.Len() > maxJPEG {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return nil, ErrClosed
	}
	frame, err := gocv.IMDecode(s.file.Bytes(), gocv.IMReadColor)
	if err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	defer frame.Close()
	if frame.Empty() {
		return nil, nil
	}
	return s.pixels.of(frame)
}

// Close ends a waiting Read at once.
func (s *stream) Close() error {
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return nil
	}
	s.shut = true
	return errors.Join(s.body.Close(), s.pixels.close())
}
