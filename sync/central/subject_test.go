package central_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"loket/sync/central"
	"loket/sync/wire"
)

// TestExportSubject: all of one person, nothing of another.
func TestExportSubject(t *testing.T) {
	ctx := t.Context()
	other := sample("1702124505920002")
	other.Name = "BUDI CONTOH"
	d := newDesk(t, other)
	phone := d.phone(t, nik)
	approval := d.counter.Approval(phone)
	if _, err := d.counter.Client.Record(ctx, approval.Presentation, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := d.counter.Client.Roster(ctx, "17.02.12", ""); err != nil {
		t.Fatal(err)
	}
	nameless := d.counter.Approval(phone)
	nameless.Kind, nameless.Reason, nameless.Presentation, nameless.Registration, nameless.Face = "refuse", "KODE_TIDAK_SAH", nil, "", nil
	theirs := d.counter.Approval(d.phone(t, other.NIK))
	for _, r := range d.counter.Send(d.counter.Seal(approval, nil), d.counter.Seal(nameless, nil), d.counter.Seal(theirs, nil)) {
		if r.Result != wire.ResultAccepted {
			t.Fatalf("%+v", r)
		}
	}
	d.AwaitMail(1)
	s, err := d.Home.ExportSubject(ctx, nik, central.Administrator)
	if err != nil {
		t.Fatal(err)
	}
	if s.Record == nil || s.Record.Name != "SRI CONTOH" || len(s.Record.Photo) == 0 {
		t.Errorf("record %+v", s.Record)
	}
	if len(s.Registrations) != 1 || s.Registrations[0].Email != "sri@contoh.id" || len(s.Registrations[0].Codes) != 1 || len(s.Registrations[0].Mail) != 1 {
		t.Errorf("registrations %+v", s.Registrations)
	}
	if len(s.Decisions) != 2 || s.Decisions[0].Decision.NIK != nik || s.Decisions[1].Decision.NIK != nik || len(s.Unread) != 0 {
		t.Errorf("%d decisions, %d unread", len(s.Decisions), len(s.Unread))
	}
	var seen []string
	for _, a := range s.Access {
		seen = append(seen, a.What)
		if a.Officer != "petugas-1" {
			t.Errorf("seen by %q", a.Officer)
		}
	}
	if len(seen) != 2 || seen[0] != "record" || seen[1] != "roster" {
		t.Errorf("access %v", seen)
	}
	b, err := json.Marshal(s)
	if err != nil || bytes.Contains(b, []byte("BUDI CONTOH")) || bytes.Contains(b, []byte(other.NIK)) {
		t.Errorf("another person is in it: %v", err)
	}
	if again, err := d.Home.ExportSubject(ctx, nik, central.Administrator); err != nil || len(again.Access) != 3 || again.Access[2].What != "export" || again.Access[2].Officer != central.Administrator {
		t.Errorf("the answer is not written down: %+v, %v", again.Access, err)
	}
	if _, err := d.Home.ExportSubject(ctx, "1702124505920099", central.Administrator); !errors.Is(err, central.ErrNobody) {
		t.Errorf("got %v, want ErrNobody", err)
	}
}
