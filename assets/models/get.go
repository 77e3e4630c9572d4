package models

import (
	"compress/bzip2"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
)

// ErrNoAddress means that nobody serves a file: it comes from a folder or a
// USB stick only.
var ErrNoAddress = errors.New("no official address, bring the file from a folder")

// Progress is told how far a file has come, in bytes; total is 0 where unknown.
type Progress func(name string, done, total int64)

// CopyFrom searches from for the file, in its own or its packed form, and puts
// it into folder/NAME OF THE NETWORK. Nothing stays there unless its SHA-256 is
// the described one.
func CopyFrom(d Description, f File, from, folder string) error {
	source := New(from)
	if s := source.look(f, source.files()); s.State == Found {
		in, err := os.Open(s.Path)
		if err != nil {
			return err
		}
		defer in.Close()
		return store(in, f, filepath.Join(folder, d.Name))
	}
	if f.Packed != nil {
		for _, v := range source.files() {
			if filepath.Base(v.path) != f.Packed.Name {
				continue
			}
			if sum, err := source.sum(v); err != nil || sum != f.Packed.SHA256 {
				return fmt.Errorf("%w: %s is wrong or truncated", ErrIncomplete, v.path)
			}
			return unpack(v.path, f, filepath.Join(folder, d.Name))
		}
	}
	return fmt.Errorf("%w: %s is not in %s", ErrIncomplete, f.Name, from)
}

// Download gets the file from the first official address that answers,
// continuing a download that broke off before.
func Download(ctx context.Context, client *http.Client, d Description, f File, folder string, told Progress) error {
	if len(f.Addresses) == 0 {
		return fmt.Errorf("%s: %w", f.Name, ErrNoAddress)
	}
	name, sum, size := f.Name, f.SHA256, f.Size
	if f.Packed != nil {
		name, sum, size = f.Packed.Name, f.Packed.SHA256, f.Packed.Size
	}
	dir := filepath.Join(folder, d.Name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	part := filepath.Join(dir, name+".part")
	var errs []error
	for _, address := range f.Addresses {
		if err := resume(ctx, client, address, part, size, told); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", address, err))
			continue
		}
		if got, err := New(dir).sum(version{path: part}); err != nil || got != sum {
			os.Remove(part)
			errs = append(errs, fmt.Errorf("%s: %w: other bytes than described", address, ErrIncomplete))
			continue
		}
		if f.Packed == nil {
			return os.Rename(part, filepath.Join(dir, name))
		}
		err := unpack(part, f, dir)
		return errors.Join(err, os.Remove(part))
	}
	return errors.Join(errs...)
}

func resume(ctx context.Context, client *http.Client, address, part string, size int64, told Progress) error {
	out, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	have, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if size > 0 && have == size {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusPartialContent && have > 0:
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && have > 0:
		return nil // all of it is here; the sum decides
	case resp.StatusCode == http.StatusOK:
		if err := out.Truncate(0); err != nil {
			return err
		}
		have = 0
	default:
		return fmt.Errorf("server says %s", resp.Status)
	}
	body := io.Reader(resp.Body)
	if size > 0 {
		body = io.LimitReader(body, size-have+1) // one byte too many is enough to be wrong
	}
	counted := &counter{w: out, done: have, said: func(n int64) { told(filepath.Base(part), n, size) }}
	if _, err := io.Copy(counted, body); err != nil {
		return err
	}
	return out.Sync()
}

type counter struct {
	w    io.Writer
	done int64
	said func(int64)
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.done += int64(n)
	c.said(c.done)
	return n, err
}

func unpack(path string, f File, dir string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	return store(bzip2.NewReader(in), f, dir)
}

// store writes to a temporary name and renames only what has the right sum.
func store(in io.Reader, f File, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	out, err := os.CreateTemp(dir, f.Name+".*.part")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name()) // gone already when it was renamed
	defer out.Close()
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(out, h), io.LimitReader(in, f.Size+1)); err != nil {
		return fmt.Errorf("store %s: %w", f.Name, err)
	}
	if hex.EncodeToString(h.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("store %s: %w: other bytes than described", f.Name, ErrIncomplete)
	}
	if err := errors.Join(out.Chmod(0o644), out.Sync(), out.Close()); err != nil {
		return fmt.Errorf("store %s: %w", f.Name, err)
	}
	return os.Rename(out.Name(), filepath.Join(dir, f.Name))
}
