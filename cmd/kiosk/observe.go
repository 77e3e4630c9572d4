package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"loket/app"
)

// observer appends what the window shows to a file, a line of JSON at a time,
// for who watches from outside. Nothing personal is in a Trace.
type observer struct {
	file *os.File
	log  *slog.Logger
}

func openObserver(path string, log *slog.Logger) (*observer, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("observe: %w", err)
	}
	return &observer{f, log}, nil
}

func (o *observer) see(t app.Trace) {
	line, err := json.Marshal(t)
	if err == nil {
		_, err = o.file.Write(append(line, '\n'))
	}
	if err != nil {
		o.log.Error("observe", "err", err)
	}
}

// logSize is where a log begins anew; the one before is kept.
const logSize = 4 << 20

// openLog opens the log in the data folder. Nothing that names a person is
// written to it: fixed keys, codes, causes.
func openLog(dir string) (*slog.Logger, *os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("data folder: %w", err)
	}
	path := filepath.Join(dir, "kiosk.log")
	if info, err := os.Stat(path); err == nil && info.Size() > logSize {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, nil, fmt.Errorf("log: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("log: %w", err)
	}
	return slog.New(slog.NewJSONHandler(f, nil)), f, nil
}
