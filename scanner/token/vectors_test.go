package token_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loket/scanner/token"
)

// update writes testdata/vectors anew: go test ./scanner/token -run TestVectors -update
var update = flag.Bool("update", false, "write testdata/vectors anew")

// vectors is where the files lie, in the form of the vectors of others.
const vectors = "testdata/vectors"

// vector is one file: a code, what it is to be checked against, and what must
// come out. The keys are a trust list as `kiosk token verify --trust` reads it.
type vector struct {
	Name     string          `json:"name"`    // family/name
	Rule     string          `json:"rule"`    // what it breaks, or shows
	Control  string          `json:"control"` // the accepted vector that differs in that only; "" for accepted ones
	Profile  string          `json:"profile"`
	Now      time.Time       `json:"now"`
	Valid    bool            `json:"valid"`
	Failing  string          `json:"failing,omitempty"`
	Reason   token.Reason    `json:"reason,omitempty"`
	QR       string          `json:"qr_data,omitempty"`
	Hex      string          `json:"hex,omitempty"` // where the code is no text: cose, trust
	External string          `json:"external_aad,omitempty"`
	Audience string          `json:"audience,omitempty"`
	Session  string          `json:"session_key,omitempty"`
	Decrypt  string          `json:"decrypt_key,omitempty"`
	Before   []string        `json:"before,omitempty"` // codes that were scanned before
	Version  uint64          `json:"version,omitempty"`
	Expires  time.Time       `json:"expires,omitzero"`
	Roots    json.RawMessage `json:"roots,omitempty"`
	Keys     json.RawMessage `json:"keys"`

	signed bool // who reads loosely finds every signature right: only the rule refuses it
}

// trusting puts a list into the vector, as the file's own keys.
func (v vector) trusting(l token.TrustList) vector {
	data, err := token.MarshalKeys(l)
	if err == nil {
		err = json.Unmarshal(data, &v)
	}
	if err != nil {
		panic(err) // keys that the generator made
	}
	return v
}

// verify is what `kiosk token verify` does with the file, but for its ledger.
func (v vector) verify(t *testing.T) token.Verdict {
	t.Helper()
	return v.ready(t)()
}

// ready prepares all that the verifier has before a code comes.
func (v vector) ready(t *testing.T) func() token.Verdict {
	t.Helper()
	file, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := token.ReadKeyFile(file, map[string]token.Use{"claim169": token.UseClaim169, "cose": "cose"}[v.Profile])
	if err != nil {
		t.Fatal(err)
	}
	f := token.Foreign{Trust: keys.Trust, Use: token.UseClaim169, Decrypt: unhex(t, v.Decrypt)}
	msg, external := unhex(t, v.Hex), unhex(t, v.External)
	switch v.Profile {
	case "claim169":
		return func() token.Verdict { return f.Claim169(v.QR, v.Now) }
	case "cose":
		f.Use = "cose"
		return func() token.Verdict { return f.COSE(msg, external, v.Now) }
	case "counter":
		return func() token.Verdict { return token.VerifyCounter(v.QR, keys.Trust, v.Now) }
	case "trust":
		return func() token.Verdict { return token.VerifyTrust(msg, keys.Trust, v.Now) }
	}
	r := token.Verifier{Trust: keys.Trust, Replay: seen{}, Audience: unhex(t, v.Audience), SessionKey: v.session(t)}
	for _, text := range v.Before {
		if got := r.Verify(text, v.Now); !got.Valid {
			t.Errorf("scanned before: %v", got.Checks)
		}
	}
	return func() token.Verdict { return r.Verify(v.QR, v.Now) }
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) == 0 {
		return nil
	}
	return b
}

// TestVectors: each vector breaks one rule and is refused by the check that it
// names; its control, which keeps that rule, is accepted. The committed files
// and freshly made ones are held to the same.
func TestVectors(t *testing.T) {
	fresh := makeVectors(t)
	if *update {
		writeVectors(t, fresh)
	}
	committed := readVectors(t)
	if len(committed) != len(fresh) {
		t.Errorf("%d files, the generator makes %d: run with -update", len(committed), len(fresh))
	}
	for i, v := range fresh {
		t.Run(v.Name, func(t *testing.T) {
			holds(t, v)
			if i < len(committed) {
				if c := committed[i]; c.Name != v.Name || c.Rule != v.Rule || c.Control != v.Control || c.Failing != v.Failing || c.Reason != v.Reason {
					t.Errorf("the file says %s (%s, %s): run with -update", c.Name, c.Failing, c.Reason)
				}
				holds(t, committed[i])
			}
		})
	}
}

// holds checks what comes out of a vector.
func holds(t *testing.T, v vector) {
	t.Helper()
	got := v.verify(t)
	if f := got.Failed(); got.Valid != v.Valid || f.Name != v.Failing || f.Reason != v.Reason {
		t.Errorf("valid %v, failed %q for %q; want %v, %q for %q; %v", got.Valid, f.Name, f.Reason, v.Valid, v.Failing, v.Reason, got.Checks)
	}
}

// TestVectorsControls: nothing but the rule refuses. Every refused vector has
// an accepted neighbour; and where only its form or its meaning is wrong, a
// reader without the rules finds every signature in it right.
func TestVectorsControls(t *testing.T) {
	all := makeVectors(t)
	valid := map[string]bool{}
	for _, v := range all {
		valid[v.Name] = v.Valid
	}
	proven := 0
	for _, v := range all {
		switch {
		case v.Valid != (v.Control == ""):
			t.Errorf("%s: valid %v with control %q", v.Name, v.Valid, v.Control)
		case !v.Valid && !valid[v.Control]:
			t.Errorf("%s: its control %q is not accepted", v.Name, v.Control)
		}
		if !v.Valid && v.Failing == "" || v.Valid && v.Failing != "" {
			t.Errorf("%s: failing %q", v.Name, v.Failing)
		}
		if v.signed {
			proven++
			if err := v.loosely(t); err != nil {
				t.Errorf("%s: read without the rules: %v", v.Name, err)
			}
		}
	}
	t.Logf("%d vectors, %d of them with signatures that a loose reader accepts", len(all), proven)
}

func writeVectors(t *testing.T, all []vector) {
	t.Helper()
	for _, family := range []string{"ikd", "claim169", "counter", "trust"} {
		if err := os.RemoveAll(filepath.Join(vectors, family)); err != nil {
			t.Fatal(err)
		}
	}
	var table bytes.Buffer
	table.WriteString("file\tprofile\tnow\tvalid\tfailing check\tnote\n")
	for _, v := range all {
		data, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(vectors, v.Name+".json")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		now := ""
		if !v.Now.IsZero() {
			now = v.Now.Format(time.RFC3339)
		}
		fmt.Fprintf(&table, "%s.json\t%s\t%s\t%v\t%s\t%s\n", v.Name, v.Profile, now, v.Valid, v.Failing, v.Rule)
	}
	if err := os.WriteFile(filepath.Join(vectors, "EXPECTED.tsv"), table.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// readVectors reads the files in the order of EXPECTED.tsv.
func readVectors(t testing.TB) []vector {
	t.Helper()
	table, err := os.ReadFile(filepath.Join(vectors, "EXPECTED.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	for _, row := range strings.Split(strings.TrimSpace(string(table)), "\n")[1:] {
		file, _, _ := strings.Cut(row, "\t")
		data, err := os.ReadFile(filepath.Join(vectors, file))
		if err != nil {
			t.Fatal(err)
		}
		var v vector
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, v)
	}
	return all
}
