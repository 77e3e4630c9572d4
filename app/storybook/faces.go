package storybook

import (
	"loket/app"
	"loket/app/activation"
	"loket/scanner/face"
)

// Hints are all that the face screen may ask of a citizen before the shutter,
// with the component that speaks.
func Hints() map[face.Hint]string {
	return map[face.Hint]string{
		face.NoFace: "one-face", face.OtherPerson: "one-face", face.Closer: "head-size", face.Further: "head-size",
		face.TurnLeft: "yaw", face.TurnRight: "yaw", face.ChinDown: "pitch", face.ChinUp: "pitch", face.Straighten: "roll",
		face.MoreLight: "luminance", face.LessLight: "exposure", face.LightLeft: "balance", face.LightRight: "balance",
		face.FlatPicture: "dynamic-range", face.HoldStill: "sharpness",
	}
}

// watching is the face screen before the comparison.
func watching(a Art, sentence, component string) app.View {
	v := during(app.ScreenFace, activation.StageFace)
	v.Face = faced(a, "", 0)
	v.Face.Probe, v.Face.Sentence, v.Face.Quality = nil, sentence, quality(component)
	v.Face.Live = []app.Line{{Code: "challenge-later", State: app.LineOpen}, {Code: "look", State: app.LineOpen}}
	return v
}

// moving is the liveness challenge after a match, with done steps of three.
func moving(a Art, sentence string, done int, steps ...app.Line) app.View {
	v := during(app.ScreenFace, activation.StageFace)
	v.Face = faced(a, face.Match, 0.71)
	v.Face.Guide, v.Face.Moving, v.Face.Sentence, v.Face.Progress = true, true, sentence, float64(done)/3
	v.Face.Live = append(steps, app.Line{Code: "look", State: app.LineOpen})
	return v
}

// settled is after the challenge.
func settled(a Art, band face.Band, score float64, lines ...app.Line) app.View {
	v := during(app.ScreenFace, activation.StageFace)
	v.Face = faced(a, band, score)
	v.Face.Guide, v.Face.CanGoOn = false, true
	v.Face.Live = append(lines, app.Line{Code: "look", State: app.LineOpen})
	return v
}

// facing is the face's screen.
func facing(a Art, add adder) {
	show := func(name string, v app.View) { add(name, v).Picture = a.Live }
	for h, component := range Hints() {
		if h == face.NoFace {
			v := watching(a, string(h), component)
			for i := range v.Face.Quality {
				if v.Face.Quality[i].Code != component {
					v.Face.Quality[i].State = app.LineUnknown
				}
			}
			add("face-nobody", v).Picture = a.Empty
			continue
		}
		show("face-say-"+string(h), watching(a, string(h), component))
	}
	v := watching(a, "hold-still", "")
	v.Face.Progress = 0.6
	v.Face.Quality[0] = app.Line{Code: "others", State: app.LineWarn}
	show("face-others", v)

	passed := app.Line{Code: "challenge-passed", State: app.LineOK}
	passive := app.Line{Code: "passive", State: app.LineOK, Detail: "passive-share", Args: []any{87}}
	next := app.Line{Code: "step-next", State: app.LineOpen}
	step := func(code string, s app.LineState) app.Line { return app.Line{Code: code, State: s} }
	show("face-move-straight", moving(a, "challenge-look-straight", 0, next, next, next))
	show("face", moving(a, "challenge-turn-left", 0, step("turn-left", app.LineNow), next, next))
	show("face-move-back", moving(a, "challenge-look-straight-less", 0, next, next, next))
	show("face-move-less", moving(a, "challenge-turn-left-less", 0, step("turn-left", app.LineNow), next, next))
	show("face-move-closer", moving(a, "challenge-come-closer", 1, step("turn-left", app.LineOK), step("come-closer", app.LineNow), next))
	show("face-move-right", moving(a, "challenge-turn-right", 2, step("turn-left", app.LineOK), step("come-closer", app.LineOK), step("turn-right", app.LineNow)))

	again := func(reason string, left int) app.View {
		v := settled(a, face.Match, 0.71, app.Line{Code: "challenge-again", State: app.LineWarn, Detail: "challenge-" + reason, Args: []any{left}})
		v.Face.CanGoOn, v.Face.Again = false, true
		v.Notice = &app.Notice{Code: "challenge-" + reason, Tone: app.Attention}
		return v
	}
	show("face-move-late", again("too-late", 2))
	show("face-move-other", again("not-same", 1))
	v = settled(a, face.Match, 0.71, app.Line{Code: "challenge-failed", State: app.LineWarn, Detail: "challenge-wrong-step"}, passive)
	show("face-move-failed", v)
	show("face-move-cannot", settled(a, face.Match, 0.71, app.Line{Code: "challenge-waived", State: app.LineWarn}))

	v = settled(a, face.Match, 0.71, passed, passive)
	v.Face.Live[2].State, v.Face.Sentence, v.Face.Progress = app.LineOK, "taken", 1
	show("face-match", v)
	v = settled(a, face.Match, 0.71, passed, passive)
	v.Face.Near = &app.NearView{Crop: a.Other, Last4: "0011", At: "09.12", Score: 0.68, Count: 1}
	show("face-near", v)
	v = settled(a, face.Doubtful, 0.49, passed)
	v.Face.Attempt = 3
	show("face-doubtful", v)
	v = settled(a, face.NoMatch, 0.12)
	show("face-no-match", v)
	v = settled(a, face.NoMatch, 0.31, passed)
	v.Face.Weak = []activation.Weakness{activation.WeakOld}
	show("face-weak", v)
	v = settled(a, face.Unknown, 0, app.Line{Code: "challenge-unknown", State: app.LineUnknown})
	v.Face.Eye = true
	show("face-eye", v)
	v = watching(a, "look-here", "")
	v.Face.Quality, v.Face.Eye, v.Face.Live = nil, true, []app.Line{{Code: "look", State: app.LineOpen}}
	v.Notice = &app.Notice{Code: "no-models", Tone: app.Attention}
	show("face-no-model", v)
	v = watching(a, "look-here", "")
	v.Face.Quality, v.Face.Eye = nil, true
	v.Notice = &app.Notice{Code: "engine-restarting", Tone: app.Attention}
	show("face-engine", v)
}
