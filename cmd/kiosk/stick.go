package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// A medium is a folder that somebody may pull out at any moment.
type medium interface {
	Create(name string) (io.WriteCloser, error) // Close has written it to the medium
	Rename(from, to string) error
	Remove(name string) error
	Sync() error // the folder itself
}

// folder is a medium of the operating system.
type folder string

// Create implements medium.
func (f folder) Create(name string) (io.WriteCloser, error) {
	file, err := os.OpenFile(filepath.Join(string(f), name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	return syncedFile{file}, nil
}

// Rename implements medium.
func (f folder) Rename(from, to string) error {
	return os.Rename(filepath.Join(string(f), from), filepath.Join(string(f), to))
}

// Remove implements medium.
func (f folder) Remove(name string) error { return os.Remove(filepath.Join(string(f), name)) }

// Sync implements medium.
func (f folder) Sync() error {
	dir, err := os.Open(string(f))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// syncedFile is on the medium when Close returns nil.
type syncedFile struct{ *os.File }

// Close implements io.Closer.
func (f syncedFile) Close() error { return errors.Join(f.File.Sync(), f.File.Close()) }

// writeWhole writes a file that stands under its name whole or not at all.
func writeWhole(m medium, name string, write func(io.Writer) error) error {
	part := name + ".part"
	f, err := m.Create(part)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), m.Remove(part))
	}
	if err := m.Rename(part, name); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), m.Remove(part))
	}
	if err := m.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
