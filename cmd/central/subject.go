package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"loket/sync/central"
)

// exportSubject answers a citizen's access request: a new folder with data.json
// and the pictures, for the person's eyes.
func exportSubject(ctx context.Context, k *call) error {
	nik := k.flags.String("nik", "", "the person's `NIK`; - reads it from standard input, so that it stands in no list of processes")
	officer := k.flags.String("officer", "", "`id` of the officer who answers the request; it is written down")
	to := k.flags.String("to", "", "new `folder` to write to")
	return k.with(ctx, 0, []string{"nik", "officer", "to"}, func(h *central.Home) error {
		if *nik == "-" {
			b, err := io.ReadAll(io.LimitReader(os.Stdin, 64))
			if err != nil {
				return err
			}
			*nik = strings.TrimSpace(string(b))
		}
		s, err := h.ExportSubject(ctx, *nik, *officer)
		if err != nil {
			return err
		}
		if err := writeSubject(*to, s); err != nil {
			return err
		}
		return k.say(pair{"registrations", fmt.Sprint(len(s.Registrations))}, pair{"decisions", fmt.Sprint(len(s.Decisions))},
			pair{"access", fmt.Sprint(len(s.Access))}, pair{"unread", fmt.Sprint(len(s.Unread))},
			pair{"answer-by", s.At.Add(central.AccessTerm).Format(time.RFC3339)})
	})
}

// writeSubject makes a folder that only its owner reads.
func writeSubject(dir string, s central.Subject) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	b, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return err
	}
	files := map[string][]byte{"data.json": b}
	if s.Record != nil && s.Record.Photo != nil {
		files["photo.jpg"] = s.Record.Photo
	}
	for i, d := range s.Decisions {
		if d.Decision.Face != nil && d.Decision.Face.Probe != nil {
			files[fmt.Sprintf("decision-%d.jpg", i+1)] = d.Decision.Face.Probe
		}
	}
	var errs []error
	for name, data := range files {
		errs = append(errs, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	return errors.Join(errs...)
}
