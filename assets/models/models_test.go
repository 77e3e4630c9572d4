package models_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loket/assets/models"
)

func TestShippedDescriptions(t *testing.T) {
	all, err := models.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]models.Description{}
	for _, d := range all {
		got[d.Name] = d
	}
	for _, name := range []string{"yunet-2022mar", "face-reidentification-retail-0095", "mobileface-v2", "sface-2021dec", "dlib-resnet-v1", "minifasnet-v2", "minifasnet-v1se"} {
		if _, ok := got[name]; !ok {
			t.Errorf("no description of %s", name)
		}
	}
	th := got["face-reidentification-retail-0095"].Thresholds()
	if th.Match != 0.553 || th.Doubtful != 0.433 || th.Data != "NUAA" || !th.Measured || th.Duplicate != 0.553 {
		t.Errorf("shipped policy %+v", th)
	}
	if th := got["dlib-resnet-v1"].Thresholds(); th.Measured {
		t.Errorf("nobody measured go-face here, yet its thresholds are %+v", th)
	}
}

// A threshold for duplicates is stricter than the match and names its rate and data, or the description is refused.
func TestDuplicateIsStrict(t *testing.T) {
	for _, c := range []struct {
		name      string
		duplicate models.Duplicate
		good      bool
	}{
		{"stricter than match", models.Duplicate{Threshold: 0.6, FMR: 1e-5, Data: "contoh"}, true},
		{"as strict", models.Duplicate{Threshold: 0.5, FMR: 1e-6, Data: "contoh"}, true},
		{"looser", models.Duplicate{Threshold: 0.49, FMR: 1e-5, Data: "contoh"}, false},
		{"at a looser rate", models.Duplicate{Threshold: 0.6, FMR: 1e-4, Data: "contoh"}, false},
		{"at no rate", models.Duplicate{Threshold: 0.6, Data: "contoh"}, false},
		{"on no data", models.Duplicate{Threshold: 0.6, FMR: 1e-5}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := sample("s")
			d.Policy = &models.Policy{Match: 0.5, Doubtful: 0.4, Data: "contoh", Duplicate: &c.duplicate}
			data, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			read, err := models.Parse(data)
			if (err == nil) != c.good {
				t.Fatalf("got %v", err)
			}
			if c.good && read.Thresholds().Duplicate != c.duplicate.Threshold {
				t.Errorf("thresholds %+v", read.Thresholds())
			}
		})
	}
}

// sample describes one file, "weights of a network".
var weights = []byte("weights of a network")

func sample(name string) models.Description {
	sum := sha256.Sum256(weights)
	return models.Description{
		Name: name, Kind: models.Matcher, Engine: "onnx", Metric: "similarity", Length: 4,
		Files:    []models.File{{Role: "network", Name: "net.onnx", Size: int64(len(weights)), SHA256: hex.EncodeToString(sum[:])}},
		Input:    models.Input{Width: 8, Height: 8, Channels: "BGR", Scale: 1},
		Template: make([][2]float64, 5),
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		name, file string
		data       []byte
		want       models.State
	}{
		{"under its name", "a/b/net.onnx", weights, models.Found},
		{"under another name", "a/renamed.bin", weights, models.Found},
		{"one byte differs", "net.onnx", append([]byte("W"), weights[1:]...), models.Wrong},
		{"one byte more", "net.onnx", append([]byte("W"), weights...), models.Wrong},
		{"cut short", "net.onnx", weights[:7], models.Truncated},
		{"not there", "other.onnx", []byte("something else"), models.Missing},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, c.file), c.data)
			l := models.New(filepath.Join(dir, "absent"), dir)
			status := l.Check(sample("s"))
			if len(status) != 1 || status[0].State != c.want {
				t.Fatalf("got %+v, want %s", status, c.want)
			}
			paths, err := l.Find(sample("s"))
			if c.want == models.Found {
				if err != nil {
					t.Fatal(err)
				}
				if data, err := paths["network"].Read(); err != nil || !bytes.Equal(data, weights) {
					t.Fatalf("read %q, %v", data, err)
				}
				return
			}
			if !errors.Is(err, models.ErrIncomplete) || !strings.Contains(err.Error(), "net.onnx "+string(c.want)) {
				t.Fatalf("error %v does not name the file as %s", err, c.want)
			}
		})
	}
}

func TestReadRefusesWhatChangedSince(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "net.onnx")
	write(t, path, weights)
	paths, err := models.New(dir).Find(sample("s"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, []byte("WEIGHTS of a network"))
	if _, err := paths["network"].Read(); !errors.Is(err, models.ErrIncomplete) {
		t.Fatalf("read changed bytes: %v", err)
	}
}

func TestModelJSONBesideTheFilesWins(t *testing.T) {
	dir := t.TempDir()
	own := sample("face-reidentification-retail-0095")
	own.Policy = &models.Policy{Match: 0.6, Doubtful: 0.5, Data: "kantor contoh", Date: "2026-01-02", Accuracy: 0.5}
	data, err := json.Marshal(own)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "x", "model.json"), data)
	write(t, filepath.Join(dir, "x", "net.onnx"), weights)
	write(t, filepath.Join(dir, "y", "model.json"), []byte(`{"name":"broken"`))
	l := models.New(dir)
	if _, err := l.Descriptions(); err == nil || !strings.Contains(err.Error(), filepath.Join("y", "model.json")) {
		t.Errorf("the broken model.json is not named: %v", err)
	}
	d, paths, err := l.Choose("")
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Thresholds(); got.Match != 0.6 || got.Data != "kantor contoh" {
		t.Errorf("thresholds %+v", got)
	}
	if m := paths.Model(d); m.SHA256 != own.Files[0].SHA256 || m.Name != own.Name {
		t.Errorf("model %+v", m)
	}
}

func TestChoose(t *testing.T) {
	install := func(t *testing.T, dir string, d models.Description) {
		data, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, d.Name, "model.json"), data)
		write(t, filepath.Join(dir, d.Name, "net.onnx"), weights)
	}
	measured := func(name, engine string, accuracy float64) models.Description {
		d := sample(name)
		d.Engine, d.Policy = engine, &models.Policy{Match: 1, Data: "contoh", Accuracy: accuracy}
		return d
	}
	unmeasuredDlib := sample("c-dlib")
	unmeasuredDlib.Engine = "dlib"
	for _, c := range []struct {
		name, asked string
		installed   []models.Description
		want        string
	}{
		{"nothing installed", "", nil, ""},
		{"only an unmeasured one", "", []models.Description{sample("a")}, "a"},
		{"the most accurate", "", []models.Description{sample("a"), measured("b", "onnx", 0.98), measured("c", "onnx", 0.99)}, "c"},
		{"measured go-face first", "", []models.Description{measured("b", "onnx", 0.99), measured("c-dlib", "dlib", 0.9)}, "c-dlib"},
		{"unmeasured go-face last", "", []models.Description{measured("b", "onnx", 0.99), unmeasuredDlib}, "b"},
		{"the one that policy names", "a", []models.Description{sample("a"), measured("b", "onnx", 0.98)}, "a"},
		{"named but not installed", "sface-2021dec", []models.Description{sample("a")}, ""},
		{"a detector is no matcher", "yunet-2022mar", []models.Description{sample("a")}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, d := range c.installed {
				install(t, dir, d)
			}
			d, _, err := models.New(dir).Choose(c.asked)
			if (err == nil) != (c.want != "") || err == nil && d.Name != c.want {
				t.Errorf("chose %q, %v; want %q", d.Name, err, c.want)
			}
		})
	}
}

func TestSharedModels(t *testing.T) {
	shared := filepath.Join("..", "..", "..", "shared", "models")
	if _, err := os.Stat(shared); err != nil {
		t.Skip("../shared/models is not here")
	}
	l := models.New(shared)
	all, err := l.Descriptions()
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := map[string]bool{"sface-2021dec": true, "dlib-resnet-v1": true}
	for _, d := range all {
		if _, err := l.Find(d); (err == nil) == elsewhere[d.Name] {
			t.Errorf("%s: %v", d.Name, err)
		}
	}
	if d, _, err := l.Choose(""); err != nil || d.Name != "face-reidentification-retail-0095" {
		t.Errorf("default matcher %q, %v", d.Name, err)
	}
}

func TestDownloadResumesAndChecks(t *testing.T) {
	var ranges []string
	served := weights
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		http.ServeContent(w, r, "net.onnx", time.Time{}, bytes.NewReader(served))
	}))
	defer server.Close()
	d := sample("s")
	d.Files[0].Addresses = []string{server.URL}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "s", "net.onnx.part"), weights[:8])
	if err := models.Download(context.Background(), server.Client(), d, d.Files[0], dir, func(string, int64, int64) {}); err != nil {
		t.Fatal(err)
	}
	if len(ranges) != 1 || ranges[0] != "bytes=8-" {
		t.Errorf("asked for %q, want the rest from byte 8", ranges)
	}
	if _, err := models.New(dir).Find(d); err != nil {
		t.Error(err)
	}
	served = []byte("WEIGHTS of a network")
	other := t.TempDir()
	if err := models.Download(context.Background(), server.Client(), d, d.Files[0], other, func(string, int64, int64) {}); !errors.Is(err, models.ErrIncomplete) {
		t.Errorf("took other bytes: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(other, "s", "*")); len(left) > 0 {
		t.Errorf("left behind %q", left)
	}
}

func TestCopyFromAStick(t *testing.T) {
	stick, home := t.TempDir(), t.TempDir()
	d := sample("s")
	if err := models.CopyFrom(d, d.Files[0], stick, home); !errors.Is(err, models.ErrIncomplete) {
		t.Errorf("an empty stick: %v", err)
	}
	// "weights of a network" by bzip2 1.0.8
	packed, err := hex.DecodeString(bz2)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(packed)
	d.Files[0].Packed = &models.Packed{Name: "net.onnx.bz2", SHA256: hex.EncodeToString(sum[:])}
	write(t, filepath.Join(stick, "deep", "net.onnx.bz2"), packed)
	if err := models.CopyFrom(d, d.Files[0], stick, home); err != nil {
		t.Fatal(err)
	}
	if _, err := models.New(home).Find(d); err != nil {
		t.Error(err)
	}
}

const bz2 = "425a6839314159265359252b009d0000091180400023e99c802000310000084da8c98681ac1aba99c848738e468bb9229c28481295804e80"
