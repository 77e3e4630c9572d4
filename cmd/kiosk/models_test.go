package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func blankJPEG(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 250, 250)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The networks come from a stick, are checked on the way, and are found afterwards.
func TestModelsFromAStick(t *testing.T) {
	stick := filepath.Join("..", "..", "..", "shared", "models")
	if _, err := os.Stat(stick); err != nil {
		t.Skip("../shared/models is not here")
	}
	home := t.TempDir()
	t.Setenv("LOKET_MODELS", "")
	t.Setenv("XDG_DATA_HOME", home)
	run := func(args ...string) (int, string, string) {
		var stdout, stderr bytes.Buffer
		code := runModels(args, &stdout, &stderr)
		return code, stdout.String(), stderr.String()
	}
	const yunet, reid = "yunet-2022mar", "face-reidentification-retail-0095"
	if code, out, _ := run("check", yunet); code != 1 || !strings.Contains(out, "missing") {
		t.Errorf("before: exit %d, %s", code, out)
	}
	if code, out, errs := run("get", "--from", stick, yunet, reid); code != 0 || !strings.Contains(out, reid+"-packed.onnx") || strings.Contains(out, "fp32") {
		t.Fatalf("get: exit %d, %s%s", code, out, errs)
	}
	if code, out, _ := run("check", yunet, reid); code != 0 || !strings.Contains(out, filepath.Join(home, "loket", "models", yunet)) {
		t.Errorf("after: exit %d, %s", code, out)
	}
	if _, out, _ := run("list", reid); !strings.Contains(out, "yes") || !strings.Contains(out, "NUAA") {
		t.Errorf("list: %s", out)
	}
	if code, _, errs := run("get", "--from", stick, "sface-2021dec"); code != 1 || !strings.Contains(errs, "face_recognition_sface_2021dec.onnx") {
		t.Errorf("a network that is not on the stick: exit %d, %s", code, errs)
	}
	path := filepath.Join(home, "loket", "models", yunet, "face_detection_yunet_2022mar.onnx")
	if err := os.Truncate(path, 1000); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := run("check"); code != 1 || !strings.Contains(out, "truncated") || !strings.Contains(out, path) {
		t.Errorf("truncated: exit %d, %s", code, out)
	}
}

func TestModelsUsage(t *testing.T) {
	t.Setenv("LOKET_MODELS", "")
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	for _, c := range []struct {
		name string
		args []string
		code int
	}{
		{"no command", nil, 2}, {"another command", []string{"install"}, 2}, {"another name", []string{"check", "deepface"}, 2},
		{"another flag", []string{"list", "--from", "x"}, 2}, {"list", []string{"list"}, 0}, {"check", []string{"check"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if code := runModels(c.args, &stdout, &stderr); code != c.code {
				t.Errorf("exit %d, want %d: %s", code, c.code, stderr.String())
			}
		})
	}
}
