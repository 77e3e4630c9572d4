// Command demo runs the main job from end to end: it starts central, the
// kiosk and citizens' phones, the real programs, with a mail server, a camera
// and a line of its own between them; drives the kiosk's real window with real
// keys; and writes down what it observed. It leaves pictures of every step and
// summary.json behind, and exits with 0 only if all is as it should be.
//
// With -person it opens the same for a person, who then drives the window, with
// the webcam if there is one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"loket/assets/models"
)

func main() {
	bin := flag.String("bin", "dist", "folder of the programs")
	out := flag.String("out", "demo", "folder that is made anew for everything that the demo leaves")
	person := flag.Bool("person", false, "open everything for a person instead of driving it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	play := demonstrate
	if *person {
		play = practise
	}
	if err := play(ctx, *bin, *out); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// limit ends a demo that hangs; on two free cores it takes three minutes.
const limit = 10 * time.Minute

// prepare makes the folder anew. It only ever empties a folder that a demo made.
func prepare(bin, out string) (programs, string, error) {
	bin, err := filepath.Abs(bin)
	if err != nil {
		return programs{}, "", err
	}
	if out, err = filepath.Abs(out); err != nil {
		return programs{}, "", err
	}
	mark := filepath.Join(out, ".demo")
	if _, err := os.Stat(out); err == nil {
		if _, err := os.Stat(mark); err != nil {
			return programs{}, "", fmt.Errorf("%s is there and no demo made it: choose another folder with -out", out)
		}
		if err := os.RemoveAll(out); err != nil {
			return programs{}, "", err
		}
	}
	logs := filepath.Join(out, "logs")
	if err := os.MkdirAll(logs, 0o700); err != nil {
		return programs{}, "", err
	}
	return programs{bin: bin, logs: logs, env: []string{"LANG=en_US.UTF-8", "LOKET_TPM=none"}}, out, os.WriteFile(mark, nil, 0o600)
}

// demonstrate plays all cases and judges them.
func demonstrate(ctx context.Context, bin, out string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	p, out, err := prepare(bin, out)
	if err != nil {
		return err
	}
	s := Summary{Started: time.Now().UTC().Truncate(time.Second), Problems: []string{}, Citizens: []Citizen{}, Central: map[string]int{}, Pictures: []string{}, Glass: "drawn"}
	problem := play(ctx, p, out, &s)
	s.Seconds = time.Since(s.Started).Seconds()
	if problem != nil {
		s.Problems = append(s.Problems, problem.Error())
	}
	s.OK = len(s.Problems) == 0
	if err := s.write(filepath.Join(out, "summary.json")); err != nil {
		return errors.Join(problem, err)
	}
	for _, c := range s.Citizens {
		fmt.Printf("%-13s %-8s %-18s band %-9s central %-10s phone %s\n", c.Case, c.Decision, c.Reason, c.Band, c.Central, c.Phone)
	}
	fmt.Printf("%d pictures and summary.json in %s, %.0f s\n", len(s.Pictures), out, s.Seconds)
	if !s.OK {
		return errors.New("not as it should be: " + s.Problems[0])
	}
	return nil
}

// play opens the office, the window and the citizens one after the other.
func play(ctx context.Context, p programs, out string, s *Summary) (err error) {
	fmt.Println("central, mail server, camera and line …")
	o, err := openOffice(ctx, p, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	d, err := openDisplay(ctx, out)
	if err != nil {
		return err
	}
	defer func() {
		s.Pictures = append(s.Pictures, d.pictures...)
		err = errors.Join(err, d.Close())
	}()
	fmt.Println("the kiosk's window …")
	r := &run{office: o, counter: &counter{display: d, observed: filepath.Join(out, "observed.jsonl")}, browser: chromium(), summary: s}
	if r.browser != "" {
		s.Glass = "browser"
	}
	kiosk, err := o.Start("kiosk", "kiosk", []string{"DISPLAY=" + d.name}, "--data", o.path("kiosk"), "--codes-camera", o.camera.URL,
		"--observe", r.observed, "--zone", "Asia/Jakarta", "--regions", os.Getenv("LOKET_REGIONS"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.leave(), kiosk.Stop()) }()
	if err := r.Enrol(ctx, o.code); err != nil {
		return errors.Join(err, d.Picture(ctx, "stopped"))
	}
	if err := r.FirstLogIn(ctx, officerID, o.password, officerPassword, officerPIN); err != nil {
		return errors.Join(err, d.Picture(ctx, "stopped"))
	}
	for i := range cases {
		fmt.Println(cases[i].name, "…")
		c, err := r.serve(ctx, i)
		s.Citizens = append(s.Citizens, c)
		if err != nil {
			return errors.Join(fmt.Errorf("%s: %w", cases[i].name, err), d.Picture(ctx, "stopped"))
		}
	}
	for _, t := range r.traces {
		if t.Matcher.Name != "" {
			s.Detector, s.Matcher = Network{t.Detector.Name, t.Detector.SHA256}, Network{t.Matcher.Name, t.Matcher.SHA256}
		}
	}
	return r.count(ctx)
}

// count asks once more, at the end, what central holds.
func (r *run) count(ctx context.Context) error {
	rows, err := r.Rows(ctx)
	if err != nil {
		return err
	}
	for table, n := range rows.Tables {
		r.summary.Central[table] = n
	}
	for table, states := range rows.States {
		for state, n := range states {
			r.summary.Central[table+"."+state] = n
		}
	}
	if n := rows.Tables["packets"]; n != len(cases) {
		return fmt.Errorf("central holds %d packets, want %d", n, len(cases))
	}
	return nil
}

// engineOf is the engine that runs a model, as its description says.
func engineOf(model string) string {
	all, err := models.Shipped()
	if err != nil {
		return ""
	}
	for _, d := range all {
		if d.Name == model {
			return string(d.Engine)
		}
	}
	return ""
}
