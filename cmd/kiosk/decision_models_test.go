package main

import (
	"testing"

	"loket/app"
	"loket/app/activation"
	"loket/scanner/face"
	"loket/sync/wire"
)

// Name and hash of what found and what compared the faces stand in the decision; where an officer compared by eye no
// matcher is named.
func TestDecisionNamesItsModels(t *testing.T) {
	detector, matcher := wire.Model{Name: "yunet-2022mar", SHA256: "50ef"}, wire.Model{Name: "face-reidentification-retail-0095", SHA256: "3a7d"}
	engine := app.Engine{
		Ready: true, Detector: face.Model{Name: detector.Name, SHA256: detector.SHA256},
		Matcher: face.Model{Name: matcher.Name, SHA256: matcher.SHA256, Metric: face.Similarity},
	}
	for _, c := range []struct {
		name    string
		eye     bool
		matcher wire.Model
	}{
		{"by a network", false, matcher},
		{"by eye", true, wire.Model{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			session := activation.Session{Attempts: []activation.Attempt{{Score: 0.7, Eye: c.eye}}}
			got := faceOf(app.Case{Session: session, Engine: engine})
			if got == nil || got.Detector != detector || got.Matcher != c.matcher {
				t.Errorf("%+v", got)
			}
		})
	}
}
