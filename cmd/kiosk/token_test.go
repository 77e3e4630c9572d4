package main

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
