package ledger_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"loket/sync/ledger"
	"loket/sync/wire"
)

func TestAuditHoldsNobody(t *testing.T) {
	d := newDesk(t, t.TempDir())
	for name, c := range map[string]struct {
		value string
		want  error
	}{
		"officer":         {"p-001", nil},
		"packet id":       {wire.PacketID{0x12, 0x34}.String(), nil},
		"decimal hash":    {strings.Repeat("1234567890", 7)[:64], nil},
		"NIK":             {"1702014505920001", ledger.ErrPersonal},
		"NIK in sentence": {"nik 1702014505920001 dilihat", ledger.ErrPersonal},
		"NIK after hash":  {strings.Repeat("0", 17) + "/1702014505920001", ledger.ErrPersonal},
		"NIK then letter": {"1702014505920001z", ledger.ErrPersonal},
		"15 digits":       {"170201450592000", nil},
		"17 digits":       {"17020145059200011", nil},
		"16 hexadecimal":  {"170201450592000a", nil},
		"e-mail":          {"sri@contoh.id", ledger.ErrPersonal},
	} {
		if err := d.Record(t.Context(), "test", map[string]string{"v": c.value}); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// acknowledged makes a log of some length whose head central holds, with more
// entries after it.
func acknowledged(t *testing.T) *desk {
	t.Helper()
	ctx := t.Context()
	d := newDesk(t, t.TempDir())
	if err := d.SetDevice(ctx, "loket-3"); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		d.decide(t)
	}
	d.central = wire.Head{Device: "loket-3", Epoch: 1}
	for range 2 {
		req, err := d.HeadRequest(ctx, d.device, 1)
		if err != nil {
			t.Fatal(err)
		}
		h, err := wire.OpenHead(req.Head, d.device.Public())
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Continues(d.central, req.Proof); err != nil {
			t.Fatal(err)
		}
		d.central = h
		if err := d.HeadAccepted(ctx, wire.HeadResponse{Size: h.Size, Hash: h.Root[:]}); err != nil {
			t.Fatal(err)
		}
		d.decide(t)
		d.decide(t)
	}
	return d
}

// TestTamper does to the file what somebody with the disk could.
func TestTamper(t *testing.T) {
	for name, c := range map[string]struct {
		sql  string
		want string // part of a fault; "" is whole
	}{
		"nothing":               {"", ""},
		"an entry edited":       {"UPDATE audit SET entry = replace(entry, 'approve', 'refuse') WHERE n = 2", "stored hash"},
		"the last one deleted":  {"DELETE FROM audit WHERE n = (SELECT max(n) FROM audit)", "stored hash"},
		"one deleted":           {"DELETE FROM audit WHERE n = 3", "missing"},
		"two swapped":           {"UPDATE audit SET entry = (SELECT entry FROM audit a WHERE a.n = 5 - audit.n) WHERE n IN (2, 3)", "calls itself"},
		"a packet deleted":      {"DELETE FROM packets WHERE seq = 2", "gone"},
		"a packet changed":      {"UPDATE packets SET body = x'00' WHERE seq = 2", "changed"},
		"a packet put in":       {"INSERT INTO packets SELECT 99, epoch, randomblob(16), at, last4, decision, reason, duplicate, cancels, state, state_at, cause, next, not_before, next_try, tries, hash, body FROM packets WHERE seq = 1", "never logged"},
		"a packet exchanged":    {"UPDATE packets SET hash = (SELECT hash FROM packets WHERE seq = 3), body = (SELECT body FROM packets WHERE seq = 3) WHERE seq = 2", "not the one"},
		"a packet kept from us": {"UPDATE packets SET state = 'accepted' WHERE seq = 2", "the log says"},
		"a packet emptied":      {"UPDATE packets SET body = NULL WHERE seq = 2", "empty"},
	} {
		t.Run(name, func(t *testing.T) {
			d := acknowledged(t)
			if c.sql != "" {
				if _, err := d.DB().Exec(c.sql); err != nil {
					t.Fatal(err)
				}
			}
			check(t, d, c.want)
		})
	}
}

// TestTamperBelowHead has an attacker who knows the format and recomputes every
// hash: what central holds still finds it, here and at the next sync.
func TestTamperBelowHead(t *testing.T) {
	for name, c := range map[string]struct {
		change string
		want   string
	}{
		"edited below":   {"UPDATE audit SET entry = replace(entry, 'p-001', 'p-002') WHERE n = 2", "whose head central holds"},
		"truncated":      {"DELETE FROM audit WHERE n > 2", "central holds"},
		"control: above": {"UPDATE audit SET entry = replace(entry, 'p-001', 'p-002') WHERE n > 6", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := acknowledged(t)
			if _, err := d.DB().Exec(c.change); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(name, "truncated") { // and the packets with it
				if _, err := d.DB().Exec("DELETE FROM packets WHERE seq > 2"); err != nil {
					t.Fatal(err)
				}
			}
			if err := rehash(d); err != nil {
				t.Fatal(err)
			}
			check(t, d, c.want)
			if refused := atCentral(t, d); refused != (c.want != "") {
				t.Errorf("central refuses the next head: %v", refused)
			}
		})
	}
}

// TestTamperLeavingHashes has one who changes an entry and leaves the hashes
// alone: the first head after the next start is of the entries, not of the
// hashes, and so is one an hour. The control is a head between.
func TestTamperLeavingHashes(t *testing.T) {
	for name, c := range map[string]struct {
		after   time.Duration
		restart bool
		want    bool
	}{
		"at the next start":       {0, true, true},
		"an hour later":           {time.Hour, false, true},
		"control: within an hour": {time.Hour - time.Second, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := acknowledged(t)
			if _, err := d.DB().Exec("UPDATE audit SET entry = replace(entry, 'p-001', 'p-002') WHERE n = 2"); err != nil {
				t.Fatal(err)
			}
			if d.now = d.now.Add(c.after); c.restart {
				d.reopen(t)
			}
			for range 2 { // and it is not forgotten
				if got := atCentral(t, d); got != c.want {
					t.Errorf("central refuses the next head: %v", got)
				}
			}
		})
	}
}

// atCentral says whether central, which holds the last head, refuses the next.
func atCentral(t *testing.T, d *desk) bool {
	t.Helper()
	req, err := d.HeadRequest(t.Context(), d.device, 1)
	if err != nil {
		t.Fatal(err)
	}
	h, err := wire.OpenHead(req.Head, d.device.Public())
	if err != nil {
		t.Fatal(err)
	}
	return h.Continues(d.central, req.Proof) != nil
}

// rehash rebuilds all stored hashes as a knowing attacker would.
func rehash(d *desk) error {
	rows, err := d.DB().Query("SELECT entry FROM audit ORDER BY n")
	if err != nil {
		return err
	}
	var entries []string
	for rows.Next() {
		var e string
		if err := rows.Scan(&e); err != nil {
			return err
		}
		entries = append(entries, e)
	}
	if err := rows.Close(); err != nil {
		return err
	}
	hashes, err := ledger.Tree(entries)
	if err != nil {
		return err
	}
	if _, err := d.DB().Exec("DELETE FROM hashes"); err != nil {
		return err
	}
	for i, h := range hashes {
		if _, err := d.DB().Exec("INSERT INTO hashes VALUES (?, ?)", i, h[:]); err != nil {
			return err
		}
	}
	return nil
}

func check(t *testing.T, d *desk, want string) {
	t.Helper()
	r, err := d.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want == "" {
		if !r.OK() {
			t.Errorf("faults in a whole log: %v", r.Faults)
		}
		return
	}
	for _, f := range r.Faults {
		if strings.Contains(f.What, want) {
			return
		}
	}
	t.Errorf("faults %v, want one that says %q", r.Faults, want)
}

func TestEntries(t *testing.T) {
	d := newDesk(t, t.TempDir())
	e := d.decide(t)
	got, err := d.Entries(t.Context(), 0, 10)
	if err != nil || len(got) != 2 {
		t.Fatalf("%v, %v", got, err)
	}
	if got[0].Kind != "ledger-begin" || got[1].Kind != "decision" || got[1].N != 1 || got[1].Fields["packet"] != e.Packet.ID().String() {
		t.Errorf("entries %+v", got)
	}
}
