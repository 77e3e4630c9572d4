package main

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loket/scanner/token"
)

// vectorsDir is where the shared test vectors lie, beside the module.
func vectorsDir(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
	}
	vectors := filepath.Join(filepath.Dir(dir), "shared", "vectors")
	if _, err := os.Stat(vectors); err != nil {
		t.Skipf("test vectors of others are not there: %v", err)
	}
	return vectors
}

// vector is what the three families of files hold.
type vector struct {
	QR     string `json:"qr_data"`
	Prefix string `json:"PREFIX"`
	Input  struct {
		Sign0 struct {
			External string `json:"external"`
		} `json:"sign0"`
	} `json:"input"`
	Output struct {
		CBOR string `json:"cbor"`
	} `json:"output"`
	Encryption struct {
		Key string `json:"symmetric_key_hex"`
	} `json:"encryption_key"`
	SigningKey json.RawMessage `json:"signing_key"`
	Expected   map[string]any  `json:"expected_claim169"`
}

// TestTokenVerifyVectors holds every row of EXPECTED.tsv.
func TestTokenVerifyVectors(t *testing.T) {
	dir := vectorsDir(t)
	f, err := os.Open(filepath.Join(dir, "EXPECTED.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = '\t', -1, true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 20 {
		t.Fatalf("only %d rows", len(rows))
	}
	spare := filepath.Join(dir, "claim169/valid/ed25519-signed.json") // a key, for files that bring none
	for _, row := range rows[1:] {
		file, profile, now, valid := row[0], row[1], row[2], row[3]
		t.Run(file, func(t *testing.T) {
			path := filepath.Join(dir, file)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var v vector
			if err := json.Unmarshal(data, &v); err != nil {
				t.Fatal(err)
			}
			args := []string{"--profile", profile}
			if now != "" {
				args = append(args, "--now", now)
			}
			input, trust := v.QR, path
			switch profile {
			case "dgc":
				input = v.Prefix
			case "cose":
				input = v.Output.CBOR
				args = append(args, "--hex")
			case "claim169":
				if v.SigningKey == nil {
					trust = spare
				}
			}
			if v.Input.Sign0.External != "" {
				args = append(args, "--external-aad", v.Input.Sign0.External)
			}
			if v.Encryption.Key != "" {
				args = append(args, "--decrypt-key", v.Encryption.Key)
			}
			answer, code := runToken(t, append(args, "--trust", trust), input)
			failing := ""
			for _, c := range answer.Checks {
				if !c.OK {
					failing = c.Name
				}
			}
			want := ""
			if len(row) > 4 {
				want = row[4]
			}
			if answer.Valid != (valid == "true") || failing != want || code != map[bool]int{true: 0, false: 1}[answer.Valid] {
				t.Errorf("valid %v, failing %q, exit %d; want %s, %q; checks %v", answer.Valid, failing, code, valid, want, answer.Checks)
			}
			if len(v.Expected) > 0 {
				got, _ := json.Marshal(answer.Claims["claim169"])
				wantJSON, _ := json.Marshal(v.Expected)
				if !bytes.Equal(got, wantJSON) {
					t.Errorf("claims %s, want %s", got, wantJSON)
				}
			}
		})
	}
}

// runToken calls the command and reads the one JSON object that it prints.
func runToken(t *testing.T, args []string, input string) (tokenAnswer, int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := tokenVerify(args, strings.NewReader(input), &stdout, &stderr)
	var answer tokenAnswer
	d := json.NewDecoder(&stdout)
	if err := d.Decode(&answer); err != nil {
		t.Fatalf("answer: %v; stderr %s", err, stderr.String())
	}
	if d.More() {
		t.Error("more than one JSON value")
	}
	return answer, code
}

func TestTokenVerifyUsage(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(key, []byte(`{"algorithm":"EdDSA","public_key_hex":"`+hex.EncodeToString(make([]byte, 32))+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"no profile":      {"--trust", key},
		"other profile":   {"--profile", "x", "--trust", key},
		"no trust":        {"--profile", "ikd"},
		"file is missing": {"--profile", "ikd", "--trust", key + "x"},
		"bad now":         {"--profile", "ikd", "--trust", key, "--now", "kemarin"},
		"bad key":         {"--profile", "claim169", "--trust", key, "--decrypt-key", "xy"},
		"further word":    {"--profile", "ikd", "--trust", key, "IKD1:"},
		"unknown flag":    {"--profile", "ikd", "--trust", key, "--loud"},
	} {
		if answer, code := runToken(t, args, "IKD1:"); code != 2 || answer.Valid || answer.Error == "" {
			t.Errorf("%s: exit %d, %+v", name, code, answer)
		}
	}
	if answer, code := runToken(t, []string{"--profile", "ikd", "--trust", key}, "IKD1:"); code != 1 || len(answer.Checks) == 0 {
		t.Errorf("control: exit %d, %+v", code, answer)
	}
}

// TestTokenVerifyIKD makes our own codes and asks about them as a shell does:
// the text with a line end, the trust list as JSON and as the signed message.
func TestTokenVerifyIKD(t *testing.T) {
	now := time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC)
	key := func() ed25519.PrivateKey {
		_, k, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	root, issuer, phone, device := key(), key(), key(), key()
	list := token.TrustList{Version: 1, Issued: now, Expires: now.AddDate(0, 1, 0), Roots: []crypto.PublicKey{root.Public()},
		Keys: []token.TrustedKey{{Use: token.UseCredential, Key: issuer.Public()}}}
	asJSON, err := token.MarshalKeys(list)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := token.SignTrust(list, root)
	if err != nil {
		t.Fatal(err)
	}
	cred, err := token.Issue(token.Credential{Issuer: "central", Registration: "R-1", IssuedAt: now.Add(-time.Hour), Expires: now.Add(time.Hour),
		Phone: phone.Public(), NIK: "1702015005920001", Email: "sri@contoh.id", Number: "+6281200000001"}, issuer)
	if err != nil {
		t.Fatal(err)
	}
	counter, session, err := token.NewCounter("D-1", "17.02", nil, device, now)
	if err != nil {
		t.Fatal(err)
	}
	present := func(by ed25519.PrivateKey, audience []byte) []byte {
		msg, err := token.Present(cred, by, now, audience)
		if err != nil {
			t.Fatal(err)
		}
		return msg
	}
	sealed, err := token.SealPresentation(present(phone, counter.Audience()), counter.Key)
	if err != nil {
		t.Fatal(err)
	}
	opens := []string{"--audience", hex.EncodeToString(counter.Audience()), "--session-key", hex.EncodeToString(session.Bytes())}
	plain := token.PresentationText(present(phone, nil))
	for _, c := range []struct {
		name, text, at, failing string
		trust                   []byte
		more                    []string
	}{
		{"good", plain, "2026-07-01T08:00:00Z", "", asJSON, nil},
		{"good, signed list", plain, "2026-07-01T08:00:00Z", "", signed, nil},
		{"good, sealed", sealed, "2026-07-01T08:00:30Z", "", asJSON, opens},
		{"sealed, without its session", sealed, "2026-07-01T08:00:30Z", "device", asJSON, nil},
		{"expired", plain, "2026-07-01T08:05:00Z", "validity", asJSON, nil},
		{"by another phone", token.PresentationText(present(device, nil)), "2026-07-01T08:00:00Z", "device", asJSON, nil},
		{"nothing is trusted", plain, "2026-07-01T08:00:00Z", "issuer", []byte(`{"keys":[]}`), nil},
		{"another country's certificate", "HC1:" + plain[5:], "2026-07-01T08:00:00Z", "format", asJSON, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "trust")
			if err := os.WriteFile(file, c.trust, 0o600); err != nil {
				t.Fatal(err)
			}
			answer, code := runToken(t, append([]string{"--profile", "ikd", "--trust", file, "--now", c.at}, c.more...), c.text+"\n")
			failing := ""
			if last := answer.Checks[len(answer.Checks)-1]; !last.OK {
				failing = last.Name
			}
			if failing != c.failing || answer.Valid != (c.failing == "") || (code == 0) != answer.Valid {
				t.Errorf("valid %v, exit %d, failing %q, want %q", answer.Valid, code, failing, c.failing)
			}
		})
	}
}
