package dlib_test

import (
	"os/exec"
	"testing"
)

// The compiler wrapper drops what ties the code to the building machine's
// processor, and nothing else.
func TestPortableCompilerDropsNative(t *testing.T) {
	cmd := exec.Command("./portable-cxx", "-O3", "-march=native", "a b.cc", "-march=x86-64", "-mtune=native", "-o", "x y.o")
	cmd.Env = append(cmd.Environ(), "LOKET_CXX=printf")
	// printf repeats its format for each further word.
	cmd.Args = append(cmd.Args[:1], append([]string{"%s|"}, cmd.Args[1:]...)...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(out), "-O3|a b.cc|-march=x86-64|-o|x y.o|"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
