package main

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loket/scanner/qr"
)

// writeCode keeps a drawn code as PNG.
func writeCode(t *testing.T, path, text string) {
	t.Helper()
	img, err := qr.Encode(text, 4, qr.LevelM)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestEvalQR(t *testing.T) {
	dir := t.TempDir()
	writeCode(t, filepath.Join(dir, "a_p4.0_x.png"), "SATU")
	writeCode(t, filepath.Join(dir, "b_p4.0_x.png"), "DUA")
	writeCode(t, filepath.Join(dir, "c.png"), "TIGA")
	for _, tt := range []struct {
		name, file, truth   string
		found, exact, wrong int
	}{
		{"no truth", "", "", 3, 0, 0},
		{"text beside the picture", "c.txt", "TIGA\n", 3, 1, 0},
		{"manifest with one right, one wrong, one unknown", "manifest.tsv",
			"a_p4.0_x.png\t\"SATU\"\nb_p4.0_x.png\t\"LAIN\"\n", 3, 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.file != "" {
				if err := os.WriteFile(filepath.Join(dir, tt.file), []byte(tt.truth), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var out, errs bytes.Buffer
			if code := evalQR([]string{dir}, &out, &errs); code != 0 {
				t.Fatalf("exit %d: %s", code, errs.String())
			}
			var got qrFigures
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatalf("%v in %s", err, out.String())
			}
			if got.Images != 3 || got.Found != tt.found || got.Exact != tt.exact || got.Wrong != tt.wrong {
				t.Errorf("got %+v", got)
			}
			if row := got.ByModulePixels["4.0"]; row == nil || row.Images != 2 || got.MeanMS <= 0 || got.P95MS < got.MeanMS/3 {
				t.Errorf("rows and times: %+v", got)
			}
		})
	}
}

func TestEvalQREach(t *testing.T) {
	dir := t.TempDir()
	writeCode(t, filepath.Join(dir, "a.png"), "SATU")
	var out, errs bytes.Buffer
	if code := evalQR([]string{dir, "--each"}, &out, &errs); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var line qrLine
	if len(lines) != 2 || json.Unmarshal([]byte(lines[0]), &line) != nil || line.File != "a.png" || line.Texts[0] != "SATU" {
		t.Errorf("want a line for a.png and the summary, got %s", out.String())
	}
}

func TestEvalQRStream(t *testing.T) {
	var out, errs bytes.Buffer
	if code := evalQR([]string{"--stream", "--seed", "7", "--clips", "2"}, &out, &errs); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	var got streamFigures
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	if got.Clips != 2 || got.Seed != 7 || got.Read != 2 || got.Wrong != 0 || got.FrameMS <= 0 {
		t.Errorf("got %+v", got)
	}
}

func TestEvalQRRefuses(t *testing.T) {
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "a.png"), []byte("not a picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		want int
	}{
		{"no folder named", nil, 2},
		{"unknown flag", []string{"--turbo", "."}, 2},
		{"a folder and clips", []string{"--stream", broken}, 2},
		{"no clips", []string{"--stream", "--clips", "0"}, 2},
		{"folder not there", []string{filepath.Join(broken, "none")}, 1},
		{"no pictures", []string{t.TempDir()}, 1},
		{"broken picture", []string{broken}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if got := evalQR(tt.args, &out, &errs); got != tt.want {
				t.Errorf("exit %d, want %d: %s", got, tt.want, errs.String())
			}
			if errs.Len() == 0 {
				t.Error("nothing on standard error")
			}
		})
	}
}
