package main

import (
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"loket/app"
	"loket/sync/client"
	"loket/sync/clock"
)

// TestAlongside: the areas of central with their size, a download, the search
// with its reason in the audit log, and what is left of it after Forget.
func TestAlongside(t *testing.T) {
	ctx := t.Context()
	c := newCrash(t)
	s, _ := serving(t, c)
	wit, err := time.LoadLocation("Asia/Jayapura")
	if err != nil {
		t.Fatal(err)
	}
	a := &alongside{s: s, zone: wit, name: func(string) string { return "CURUP" }}
	list, offered, err := a.Areas(ctx)
	if err != nil || !offered || len(list) != 2 || list[0].Code != "17.02.09" || !list[0].Complete || list[0].Name != "CURUP" || list[1].Code != "17.02.09/Talang Benih" ||
		!list[1].Fetched.IsZero() || list[1].Bytes == 0 {
		t.Fatalf("%+v, %v, %v", list, offered, err)
	}
	if name, _ := list[0].Expires.Zone(); name != "WIT" {
		t.Errorf("its end is in %s", name)
	}
	if err := a.Download(ctx, list[1].Code, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	const why = "kamera mati, KTP-el di tangan"
	found, err := a.Search(ctx, "sri", why)
	if err != nil || len(found) != 2 || found[0].Name != "SRI CONTOH" { // once in each area
		t.Fatalf("%+v, %v", found, err)
	}
	rec, err := a.Open(ctx, found[0].NIK, why)
	if err != nil || rec.Name != "SRI CONTOH" || rec.Source != "roster" || rec.Old || len(rec.Photo) == 0 {
		t.Fatalf("%+v, %v", rec, err)
	}
	d := a.directory
	a.Forget()
	if d.Len() != 0 || a.directory != nil {
		t.Error("names are left in memory")
	}

	cut := *s.device
	cut.CountersURL = "https://127.0.0.1:9" // discard: nobody listens
	if s.central, err = client.New(cut, s.vault.Device(), client.Options{Now: s.now}); err != nil {
		t.Fatal(err)
	}
	if list, offered, err = a.Areas(ctx); err != nil || offered || len(list) != 2 {
		t.Errorf("without a line: %+v, %v, %v", list, offered, err)
	}
	var f *app.Fault
	if err := a.Download(ctx, "17.02.09", func(int, int) {}); !errors.As(err, &f) || f.Code != "roster-broke" {
		t.Errorf("without a line: %v", err)
	}
	if err := a.Wipe(ctx, "17.02.09/Talang Benih"); err != nil {
		t.Fatal(err)
	}
	if list, _, err = a.Areas(ctx); err != nil || len(list) != 1 {
		t.Errorf("wiped: %+v, %v", list, err)
	}

	s.policy.Offline.RosterDays = 1
	s.clock = clock.New(func() clock.Reading {
		r := clock.System()
		r.Wall, r.Mono = r.Wall.Add(49*time.Hour), r.Mono+49*time.Hour
		return r
	}, s.clock.State(), 0)
	if rec, err = a.Open(ctx, found[0].NIK, why); err != nil || !rec.Old {
		t.Errorf("two days later: old %v, %v", rec != nil && rec.Old, err)
	}
	entries, err := s.ledger.Entries(ctx, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, e := range entries {
		if e.Kind != "roster-search" && e.Kind != "roster-record" {
			continue
		}
		seen[e.Kind]++
		sealed, err := hex.DecodeString(e.Fields["reason"])
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.officer.Open("reason", sealed); err != nil || string(got) != why || e.Fields["officer"] != "014" {
			t.Errorf("%s: %q, %v", e.Kind, got, err)
		}
		for _, v := range e.Fields {
			if strings.Contains(v, "KTP") || strings.Contains(v, crashNIK) {
				t.Errorf("%s says %q in clear", e.Kind, v)
			}
		}
	}
	if seen["roster-search"] != 1 || seen["roster-record"] != 2 {
		t.Errorf("audit: %v", seen)
	}
}

// TestSticks: from one counter to another by the screen's port, with progress;
// what is the matter with a stick is named.
func TestSticks(t *testing.T) {
	ctx := t.Context()
	c := newCrash(t)
	refuse(t, c.dir)
	dir := filepath.Join(t.TempDir(), "STIK")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d := c.in(t)
	d.s.clock = clock.New(later, d.s.clock.State(), 0)
	from := &sticks{s: d.s, folders: stickFolders(func(string) string { return dir })}
	places, err := from.Places(ctx)
	if err != nil || len(places) != 1 || places[0].Name != "STIK" || places[0].Free == 0 || places[0].Bundles != 0 {
		t.Fatalf("%+v, %v", places, err)
	}
	var f *app.Fault
	if _, err := from.Import(ctx, dir, func(int, int) {}); !errors.As(err, &f) || f.Code != "stick-empty" {
		t.Errorf("an empty stick: %v", err)
	}
	told := 0
	out, err := from.Export(ctx, dir, func(done, total int) { told = done*10 + total })
	if err != nil || out.Packets != 1 || out.File == "" || told != 11 {
		t.Fatalf("%+v, told %d, %v", out, told, err)
	}
	if places, err = from.Places(ctx); err != nil || places[0].Bundles != 1 {
		t.Errorf("%+v, %v", places, err)
	}
	to := &sticks{s: c.another(t, "kasi", "supervisor").s}
	in, err := to.Import(ctx, dir, func(int, int) {})
	if err != nil || in.Bundles != 1 || in.New != 1 {
		t.Fatalf("%+v, %v", in, err)
	}
	if in, err = to.Import(ctx, dir, func(int, int) {}); err != nil || in.New != 0 || in.Known != 1 {
		t.Errorf("once more: %+v, %v", in, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "rusak.ikdb"), []byte("IKDB?"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := to.Import(ctx, dir, func(int, int) {}); !errors.As(err, &f) || f.Code != "stick-broken" {
		t.Errorf("a broken file: %v", err)
	}
	if _, err := from.Export(ctx, filepath.Join(dir, "pulled"), func(int, int) {}); !errors.As(err, &f) || f.Code != "stick-pulled" {
		t.Errorf("pulled: %v", err)
	}
	for cause, want := range map[error]string{syscall.ENOSPC: "stick-full", syscall.EROFS: "stick-readonly", syscall.EIO: "stick-pulled"} {
		if err := stickFault(&os.PathError{Op: "write", Path: dir, Err: cause}); !errors.As(err, &f) || f.Code != want || !app.HasWords("notice."+want) {
			t.Errorf("%v is %v", cause, err)
		}
	}
	if err := stickFault(context.Canceled); errors.As(err, &f) && f.Err == context.Canceled {
		t.Errorf("the end of the program is no fault of the stick: %v", err)
	}
	for _, p := range stickFolders(func(string) string { return "" }) {
		if !strings.Contains(p, "media") {
			t.Errorf("sticks appear in %s", p)
		}
	}
}
