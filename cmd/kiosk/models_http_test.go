package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loket/assets/models"
	"loket/scanner/face"
)

// `kiosk models get` over a line that breaks: it says so, keeps what came, and goes on from there the next time. Other
// bytes than described are named, and nothing of them stays to be loaded.
func TestModelsGetResumes(t *testing.T) {
	weights := bytes.Repeat([]byte("weights of a network "), 50_000)
	sum := sha256.Sum256(weights)
	served, broken := weights, true
	var ranges []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		if broken {
			w.Header().Set("Content-Length", "1050000")
			_, _ = w.Write(served[:400_000]) // then the line breaks: fewer bytes than were said
			return
		}
		http.ServeContent(w, r, "net.onnx", time.Time{}, bytes.NewReader(served))
	}))
	defer server.Close()
	site, home := t.TempDir(), t.TempDir()
	t.Setenv("LOKET_MODELS", site)
	t.Setenv("XDG_DATA_HOME", home)
	d := models.Description{
		Name: "contoh", Kind: models.Matcher, Engine: "onnx", Metric: face.Similarity, Length: 4, Template: make([][2]float64, 5),
		Input: models.Input{Width: 8, Height: 8, Channels: "BGR", Scale: 1},
		Files: []models.File{{Role: "network", Name: "net.onnx", Size: int64(len(weights)), SHA256: hex.EncodeToString(sum[:]), Licence: "CC0-1.0", Addresses: []string{server.URL}}},
	}
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(site, "model.json"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (int, string, string) {
		var stdout, stderr bytes.Buffer
		code := runModels(args, &stdout, &stderr)
		return code, stdout.String(), stderr.String()
	}
	file := filepath.Join(home, "loket", "models", "contoh", "net.onnx")
	if code, _, errs := run("get", "contoh"); code != 1 || !strings.Contains(errs, server.URL) || !strings.Contains(errs, "net.onnx") {
		t.Errorf("the line broke: exit %d, %s", code, errs)
	}
	part, err := os.ReadFile(file + ".part")
	if err != nil || len(part) == 0 || !bytes.HasPrefix(weights, part) {
		t.Fatalf("kept %d bytes, %v", len(part), err)
	}
	if code, out, _ := run("check", "contoh"); code != 1 || !strings.Contains(out, "missing") {
		t.Errorf("half a file: exit %d, %s", code, out)
	}
	broken = false
	if code, out, errs := run("get", "contoh"); code != 0 || !strings.Contains(out, "net.onnx") || !strings.Contains(errs, "%") {
		t.Errorf("again: exit %d, %s%s", code, out, errs)
	}
	if got := ranges[len(ranges)-1]; len(ranges) != 2 || got == "" {
		t.Errorf("asked for %q, want the rest only", ranges)
	}
	if code, out, _ := run("check", "contoh"); code != 0 || !strings.Contains(out, "found") {
		t.Errorf("complete: exit %d, %s", code, out)
	}
	// The control: a server that serves other bytes.
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	served = bytes.ToUpper(weights)
	if code, _, errs := run("get", "contoh"); code != 1 || !strings.Contains(errs, "other bytes") {
		t.Errorf("other bytes: exit %d, %s", code, errs)
	}
	if left, _ := filepath.Glob(file + "*"); len(left) > 0 {
		t.Errorf("left behind %q", left)
	}
	if _, err := models.New(models.Folders(os.Getenv)...).Find(d); err == nil {
		t.Error("found what is not there")
	}
}
