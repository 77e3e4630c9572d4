package main

import (
	"errors"
	"flag"
	"fmt"
	"image"
	"io"
	"log/slog"
	"os"
	"runtime"

	"loket/assets/models"
	"loket/scanner/face"
	"loket/scanner/face/dlib"
	"loket/scanner/face/engine"
	"loket/scanner/face/onnx"
)

// faceDetector and faceMatcher are engines with a name and an end.
type faceDetector interface {
	face.Detector
	Refine(img *image.RGBA, f face.Face) (face.Face, error)
	Model() face.Model
	io.Closer
}

type faceMatcher interface {
	face.Matcher
	Thresholds() face.Thresholds
	io.Closer
}

// faceEngines are the networks of one process; detector and matcher are nil where their files are not installed.
type faceEngines struct {
	detector faceDetector
	matcher  faceMatcher
	about    models.Description // of the matcher
	passive  []*onnx.Passive    // liveness networks that are installed, for a hint
}

// Close frees both.
func (e *faceEngines) Close() error {
	var errs []error
	if e.detector != nil {
		errs = append(errs, e.detector.Close())
	}
	if e.matcher != nil {
		errs = append(errs, e.matcher.Close())
	}
	for _, p := range e.passive {
		errs = append(errs, p.Close())
	}
	return errors.Join(errs...)
}

// openFaces loads the detector and the matcher of that name, or the default one. The error says everything that is
// lacking; what could be loaded is returned beside it.
func openFaces(name string, getenv func(string) string, log *slog.Logger) (*faceEngines, error) {
	library := models.New(models.Folders(getenv)...)
	if _, err := library.Descriptions(); err != nil {
		log.Warn("model description", "err", err)
	}
	e := &faceEngines{}
	var errs []error
	if d, paths, err := library.Detect(); err != nil {
		errs = append(errs, err)
	} else if found, err := onnx.NewDetector(d, paths, onnx.Options{}); err != nil {
		errs = append(errs, err)
	} else {
		e.detector = found
	}
	d, paths, err := library.Choose(name)
	if err != nil {
		return e, errors.Join(append(errs, err)...)
	}
	e.about = d
	switch d.Engine {
	case "onnx":
		m, err := onnx.NewMatcher(d, paths)
		if err != nil {
			return e, errors.Join(append(errs, err)...)
		}
		e.matcher = m
	case "dlib":
		m, err := dlib.NewMatcher(d, paths)
		if err != nil {
			return e, errors.Join(append(errs, err)...)
		}
		e.matcher = m
	}
	return e, errors.Join(errs...)
}

// openPassive loads the passive liveness networks that are installed. None of them is needed, and none decides: what can't
// be loaded is logged.
func (e *faceEngines) openPassive(getenv func(string) string, log *slog.Logger) {
	library := models.New(models.Folders(getenv)...)
	all, _ := library.Descriptions() // openFaces has logged its error
	for _, d := range all {
		if d.Kind != models.Liveness {
			continue
		}
		paths, err := library.Find(d)
		if err != nil {
			continue // not installed
		}
		p, err := onnx.NewPassive(d, paths)
		if err != nil {
			log.Warn("passive liveness", "model", d.Name, "err", err)
			continue
		}
		e.passive = append(e.passive, p)
	}
}

// warmUp runs each network once, so that the first frame is not the slow one and OpenCV has made its threads.
func (e *faceEngines) warmUp() error {
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	if e.detector != nil {
		if _, err := e.detector.Detect(img); err != nil {
			return err
		}
	}
	f := face.Face{
		Box:       face.Box{X: 200, Y: 150, W: 150, H: 200},
		Landmarks: face.Landmarks{{X: 240, Y: 230}, {X: 310, Y: 230}, {X: 275, Y: 270}, {X: 245, Y: 310}, {X: 305, Y: 310}},
	}
	for i := range img.Pix {
		img.Pix[i] = uint8(i * 37)
	}
	for _, p := range e.passive {
		if _, err := p.Live(img, f); err != nil {
			return err
		}
	}
	if e.matcher != nil {
		if _, err := e.matcher.Describe(img, f); err != nil && !errors.Is(err, face.ErrNoFace) {
			return err
		}
	}
	return nil
}

// engineCores is how many of a PC's cores OpenCV may use: half of them, so that the preview keeps its rate, and four at
// most.
func engineCores(all int) int { return min(max(all/2, 1), 4) }

// runEngine is `kiosk engine`: the child process that holds native face code. It takes pictures on standard input and
// answers on standard output; its log goes to standard error. It returns 0 at the end of its input, 1 for a fault, 2
// for wrong usage. Missing networks are no fault: the greeting says what is there.
func runEngine(args []string) int {
	flags := flag.NewFlagSet("kiosk engine", flag.ContinueOnError)
	name := flags.String("matcher", "", "the matcher's name; by default go-face where its thresholds are measured, else the best measured one")
	threads := flags.Int("threads", engineCores(runtime.NumCPU()), "cores that OpenCV may use")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	// What Go code prints by mistake must not break the answers: it goes to the log.
	out := os.Stdout
	os.Stdout = os.Stderr
	var e *faceEngines
	err := engine.LimitThreads(*threads, func() error {
		var lacking error
		if e, lacking = openFaces(*name, os.Getenv, log); lacking != nil {
			log.Warn("face models", "err", lacking)
		}
		e.openPassive(os.Getenv, log)
		return e.warmUp()
	})
	if err != nil {
		log.Error("face engine", "err", err)
		return 1
	}
	defer e.Close()
	// Interfaces that hold nil pointers are not nil: hand over what is there only.
	var det face.Detector
	var match face.Matcher
	if e.detector != nil {
		det = e.detector
	}
	if e.matcher != nil {
		match = e.matcher
	}
	passive := make([]engine.Passive, len(e.passive))
	for i, p := range e.passive {
		passive[i] = p
	}
	if err := engine.Serve(os.Stdin, out, det, match, passive...); err != nil {
		fmt.Fprintln(os.Stderr, "kiosk engine:", err)
		return 1
	}
	return 0
}
