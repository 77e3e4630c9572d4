package main

import (
	"bytes"
	"database/sql"
	"encoding/base32"
	"fmt"
	"path/filepath"

	_ "github.com/mattn/go-sqlite3"

	"loket/app"
	"loket/app/activation"
	"loket/sync/wire"
)

// wrong says what is wrong with the one session that a closed data folder holds: the window showed one case and called it
// approved and saved, the audit log is whole, and the one packet, opened with central's recovery key, holds that citizen's
// code and the scores and rounds that the window showed.
func (c *crash) wrong(dir string, presentation []byte, out *faultFigures) (faults []string) {
	c.t.Helper()
	is := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	cases := map[string]bool{}
	var last app.Trace
	for _, x := range readTraces(c.t, filepath.Join(dir, "traces.jsonl")) {
		if x.Case != "" {
			cases[x.Case], last = true, x
		}
	}
	is(len(cases) == 1, "the window showed %d cases", len(cases))
	is(last.Saved && last.Decision == activation.Approve && last.Alive == activation.AlivePassed && last.Score != nil, "the window ended with %+v", last)
	is(c.packets(dir) == 1, "the ledger holds not one packet") // looks at the audit log too
	d := c.opened(dir)
	is(d.Packet.String() == last.Packet && d.Session == last.Case, "packet %s of session %s, the window showed %s of %s", d.Packet, d.Session, last.Packet, last.Case)
	is(d.Kind == string(activation.Approve) && d.NIK == crashNIK && d.Registration == c.phone.Registration.Registration, "%s of another registration", d.Kind)
	is(bytes.Equal(d.Presentation, presentation), "another presentation")
	f := d.Face
	if f == nil || f.Live == nil || last.Score == nil {
		return append(faults, "no face, challenge or score in the record")
	}
	is(f.Score == *last.Score && f.Band == string(last.Band) && len(f.Attempts) == last.Attempts, "score %v, %s, %d attempts; the window showed %+v", f.Score, f.Band, len(f.Attempts), last)
	is(f.Alive() && len(f.Live.Challenges) == last.Rounds && last.Rounds > 0, "challenges %+v; the window showed %d rounds", f.Live.Challenges, last.Rounds)
	is(f.Detector.Name == last.Detector.Name && f.Matcher.SHA256 == last.Matcher.SHA256 && f.Matcher.SHA256 != "", "networks %+v, %+v", f.Detector, f.Matcher)
	out.Rounds, out.Score = len(f.Live.Challenges), f.Score
	return faults
}

// opened is the one decision of a closed data folder, unsealed with central's recovery key.
func (c *crash) opened(dir string) wire.Decision {
	c.t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(dir, ledgerName))
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close()
	var body []byte
	if err := db.QueryRow("SELECT body FROM packets").Scan(&body); err != nil {
		c.t.Fatal(err)
	}
	packet, err := wire.Parse(body)
	if err != nil {
		c.t.Fatal(err)
	}
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(c.central.Recovery)
	if err != nil {
		c.t.Fatal(err)
	}
	key, err := wire.ReadSealKey(seed)
	if err != nil {
		c.t.Fatal(err)
	}
	in, err := packet.Open(key)
	if err != nil {
		c.t.Fatal(err)
	}
	return in.Decision
}
