package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"loket/sync/ledger/powercut"
)

// libfiu finds its two libraries, of Debian's package fiu-utils.
func libfiu() ([]string, error) {
	for _, dir := range []string{"/usr/lib/fiu", "/usr/local/lib/fiu"} {
		both := []string{filepath.Join(dir, "fiu_run_preload.so"), filepath.Join(dir, "fiu_posix_preload.so")}
		if _, err := os.Stat(both[1]); err == nil {
			return both, nil
		}
	}
	return nil, errors.New("libfiu is not installed (package fiu-utils)")
}

// hazard runs drivers under libfiu, with the recorder before it.
type hazard struct {
	dir       string
	percent   float64
	decisions int
	cuts      int
	seed      uint64
	libraries []string
	shim      powercut.Recorder
}

// all runs one driver after the other.
func (h hazard) all(ctx context.Context, points []string, ledgers int, careless bool) (*failing, error) {
	f := &failing{Failed: map[string]int{}}
	for range ledgers {
		h.seed++
		if err := h.run(ctx, points, careless, f); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (h hazard) run(ctx context.Context, points []string, careless bool, f *failing) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	folder, log := filepath.Join(h.dir, "unlucky"), filepath.Join(h.dir, "unlucky.log")
	if err := errors.Join(os.RemoveAll(folder), os.RemoveAll(log), os.Mkdir(folder, 0o700)); err != nil {
		return err
	}
	var enable []string
	for _, p := range points {
		enable = append(enable, fmt.Sprintf("enable_random name=%s,probability=%g,failinfo=5", p, h.percent/100)) // 5: EIO
	}
	cmd := exec.CommandContext(ctx, self, "iofail", "-drive", folder, "-decisions", strconv.Itoa(h.decisions),
		"-seed", strconv.FormatUint(h.seed, 10), "-careless="+strconv.FormatBool(careless))
	cmd.Env = append(h.shim.Environ(os.Environ(), folder, log, h.libraries...), "FIU_ENABLE="+strings.Join(enable, "\n"))
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("driver: %w: %s", err, text)
	}
	ops, err := powercut.Read(log)
	if err != nil {
		return err
	}
	expect, err := f.account(ops)
	if err != nil {
		return err
	}
	desk, err := newTrialDesk(h.seed)
	if err != nil {
		return err
	}
	f.judged(judge(ctx, *desk, filepath.Join(folder, "ledger.db"), expect, true))
	return h.cut(ctx, *desk, ops, f)
}

func (f *failing) judged(v verdict) {
	f.Ledgers++
	switch {
	case v.Lost != "":
		f.Lost++
		f.FirstSign = v.Lost
	case v != (verdict{}):
		f.Bad++
		f.FirstSign = fmt.Sprintf("%+v", v)
	}
}

// account reads what a driver met, and what its ledger must hold.
func (f *failing) account(ops []powercut.Op) (expected, error) {
	var expect expected
	reads := 0 // that failed in the running call
	for _, op := range ops {
		if op.Kind != powercut.Mark {
			if op.Failed != 0 {
				f.Failed[kindName(op.Kind)]++
			}
			if op.Kind == powercut.ReadErr {
				reads++
			}
			continue
		}
		m, err := readMark(op.Data)
		if err != nil {
			return expect, err
		}
		expect = expect.with(m)
		if !m.End {
			reads = 0
			continue
		}
		f.Calls++
		if m.Err != "" {
			f.Refused++
		}
		if reads > 0 && m.What != "close" {
			if f.Reads++; m.Err == "" {
				f.Silent++
				f.FirstSign = "no error from: " + m.What
			}
		}
		if m.Wrong != "" {
			f.Wrong++
			f.FirstSign = m.Wrong
		}
	}
	f.Acked += expect.Told
	return expect, nil
}

// cut replays power cuts of the recording, evenly over its calls.
func (h hazard) cut(ctx context.Context, desk trialDesk, ops []powercut.Op, f *failing) error {
	if h.cuts == 0 {
		return nil
	}
	rng := rand.New(rand.NewPCG(h.seed, 4))
	disk := powercut.NewDisk(h.seed)
	var expect expected
	done := 0
	for n, op := range ops {
		if op.Kind == powercut.Mark {
			m, err := readMark(op.Data)
			if err != nil {
				return err
			}
			expect = expect.with(m)
			continue
		}
		if err := disk.Do(op); err != nil {
			return err
		}
		if until := (n + 1) * h.cuts / len(ops); done < until {
			manner := powercut.Manners()[f.Cuts%len(powercut.Manners())]
			image := filepath.Join(h.dir, "image")
			if err := place(image, disk.Image(manner, rng)); err != nil {
				return err
			}
			done++
			f.Cuts++
			if v := judge(ctx, desk, filepath.Join(image, "ledger.db"), expect, false); v != (verdict{}) {
				f.CutsBad++
				f.FirstSign = fmt.Sprintf("power cut after call %d, %s: %+v", n, manner, v)
			}
		}
	}
	return nil
}
