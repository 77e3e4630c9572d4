package face

import (
	"image"
	"math"
	"slices"
)

// Code names a component of quality, in the order in which the citizen is told.
type Code string

const (
	OneFace      Code = "one-face"
	EyeDistance  Code = "eye-distance"
	HeadSize     Code = "head-size"
	Yaw          Code = "yaw"
	Pitch        Code = "pitch"
	Roll         Code = "roll"
	Luminance    Code = "luminance"
	Balance      Code = "balance"
	DynamicRange Code = "dynamic-range"
	Exposure     Code = "exposure" // over- and under-exposure: the worse of both
	Sharpness    Code = "sharpness"
	Compression  Code = "compression"

	// Nothing measures these well enough. Debian's four eye cascades (opencv-data
	// 4.6), counted on both eyes of aligned crops, take 1 of 120 of NUAA's frames
	// for shut, and of the same with eyes painted shut 51 (LFW: 3 and 49 of 198).
	// Between mouth and cheeks, colour told 121 of 148 painted masks from 1 of 148
	// bare faces (NUAA and drawn), but 27 of LFW's 198 bare ones passed for masks.
	Eyes    Code = "eyes"
	Mouth   Code = "mouth"
	Glasses Code = "glasses"
	Mask    Code = "mask"
	Hat     Code = "hat"
)

// Component is one measure of a picture, 0..100 in the sense of ISO/IEC
// 29794-5: higher is better. A component that nothing measures has Measured
// false and never counts as good.
type Component struct {
	Code     Code    `json:"code"`
	Score    float64 `json:"score"`
	Value    float64 `json:"value"` // what was measured, in Unit
	Unit     string  `json:"unit,omitempty"`
	Limit    float64 `json:"limit"` // the lowest Score with which the picture is taken; 0 stops no picture
	Measured bool    `json:"measured"`
}

// Passes says whether the component was measured and is good enough.
func (c Component) Passes() bool { return c.Measured && c.Score >= c.Limit }

// Quality is all that is known of one picture's fitness for a comparison.
type Quality struct {
	Components []Component `json:"components"`
	Hint       Hint        `json:"hint"` // what the weakest component asks of the citizen, "" when all pass
}

// limit is the lowest score with which a picture is taken. The limits are ours:
// low enough that NUAA's live webcam frames pass, for each site to measure
// again. Those of yaw, pitch and roll are 100·cos² of 20, 25 and 15 degrees: five
// landmarks give yaw to about 10 degrees, as noses differ.
func limit(c Code) float64 {
	switch c {
	case OneFace, DynamicRange:
		return 50
	case Luminance: // 0.15 of full scale: the darkest skin in office light reaches 0.19, and is no fault of the picture
		return 25
	case EyeDistance, Balance:
		return 30
	case HeadSize:
		return 10
	case Yaw:
		return 88
	case Roll:
		return 93
	case Pitch:
		return 82
	case Sharpness, Exposure:
		return 40
	}
	// Compression is shown, but nobody before the camera can change it.
	return 0
}

// Measure looks at a picture with the faces found in it, largest first, which
// is the subject. guide is the part of the picture that a portrait would be cut
// from: the whole picture for an enrolled photo, Guide's for a camera frame.
func Measure(img *image.RGBA, faces []Face, guide Box) Quality {
	var q Quality
	add := func(code Code, score, value float64, unit string) {
		q.Components = append(q.Components, Component{Code: code, Score: clamp(math.Round(score), 0, 100), Value: value, Unit: unit, Limit: limit(code), Measured: true})
	}
	one, share := oneFace(faces)
	add(OneFace, one, share, "")
	crop, err := (*image.RGBA)(nil), ErrLandmarks
	if len(faces) > 0 {
		eyes := math.Hypot(faces[0].Landmarks[1].X-faces[0].Landmarks[0].X, faces[0].Landmarks[1].Y-faces[0].Landmarks[0].Y)
		crop, err = fineCrop(img, faces[0].Landmarks, portrait, lightSide(eyes))
	}
	if err != nil {
		for _, code := range []Code{EyeDistance, HeadSize, Yaw, Pitch, Roll, Luminance, Balance, DynamicRange, Exposure, Sharpness, Compression} {
			q.Components = append(q.Components, Component{Code: code, Limit: limit(code)})
		}
	} else {
		f := faces[0]
		pose := f.Landmarks.Pose()
		pose.Yaw = f.facing()
		d := eyeDistance(f.Landmarks, pose)
		r := headShare(f, d, pose.Yaw, guide)
		light := lightOf(crop, faceEllipse(pose.Yaw))
		add(EyeDistance, eyeDistanceScore(d), d, "px")
		add(HeadSize, headSizeScore(r), r, "")
		add(Yaw, poseScore(pose.Yaw), pose.Yaw, "°")
		add(Pitch, poseScore(pose.Pitch), pose.Pitch, "°")
		add(Roll, poseScore(pose.Roll), pose.Roll, "°")
		add(Luminance, luminanceScore(light.mean), light.mean, "")
		balance := balanceOf(img, f.Landmarks)
		add(Balance, balanceScore(balance), balance, "")
		add(DynamicRange, 12.5*light.entropy, light.entropy, "bit")
		exposed, clipped := light.exposure()
		add(Exposure, exposed, clipped, "")
		add(Sharpness, sharpnessScore(light.detail), light.detail, "")
		blocks := blockiness(img, f.Box)
		add(Compression, compressionScore(blocks), blocks, "")
	}
	for _, code := range []Code{Eyes, Mouth, Glasses, Mask, Hat} {
		q.Components = append(q.Components, Component{Code: code})
	}
	q.Hint = q.hint()
	return q
}

// Weakest returns the measured component that reaches the smallest share of its
// limit, and whether all measured ones pass.
func (q Quality) Weakest() (c Component, pass bool) {
	share, pass := math.Inf(1), true
	for _, o := range q.Components {
		if !o.Measured || o.Limit == 0 {
			continue
		}
		if s := o.Score / o.Limit; s < share {
			c, share = o, s
		}
		pass = pass && o.Passes()
	}
	return c, pass && !math.IsInf(share, 1)
}

// Lowest is the lowest score over its limit, by which the best frame of a burst
// is chosen.
func (q Quality) Lowest() float64 {
	c, _ := q.Weakest()
	if c.Limit == 0 {
		return 0
	}
	return c.Score / c.Limit
}

// Component returns the component of that code.
func (q Quality) Component(code Code) Component {
	for _, c := range q.Components {
		if c.Code == code {
			return c
		}
	}
	return Component{Code: code}
}

// sigmoid is S(x; x0, w) of OFIQ: 1/(1+e^((x0−x)/w)).
func sigmoid(x, x0, w float64) float64 { return 1 / (1 + math.Exp((x0-x)/w)) }

// oneFace scores the subject against the next largest face: 100·(1−√(A2/A1)) of
// the boxes' areas (OFIQ, SingleFacePresent.cpp); 0 without a face. The value is
// the root.
func oneFace(faces []Face) (score, share float64) {
	var a1, a2 float64
	for _, f := range faces {
		a := f.Box.W * f.Box.H
		if a > a1 {
			a1, a2 = a, a1
		} else if a > a2 {
			a2 = a
		}
	}
	if a1 == 0 {
		return 0, 1
	}
	share = math.Sqrt(a2 / a1)
	return 100 * (1 - share), share
}

// eyeDistance is in pixels between the eye centres, divided by the cosine of
// yaw, as if the head looked straight ahead (OFIQ, InterEyeDistance.cpp).
func eyeDistance(l Landmarks, p Pose) float64 {
	return math.Hypot(l[1].X-l[0].X, l[1].Y-l[0].Y) / math.Max(math.Cos(p.Yaw*math.Pi/180), 0.5)
}

// eyeDistanceScore is 100/(1+e^((70−d)/20)) for d in pixels (OFIQ).
func eyeDistanceScore(d float64) float64 { return 100 * sigmoid(d, 70, 20) }

// The way from the eyes' middle to the chin over that to the mouth's middle, and
// over the eyes' distance, by the lower edge of YuNet's box: medians on LFW 1.76
// and 1.81, on NUAA 1.77 and 1.68, on the drawn people 1.76 and 1.76. chinRise is
// the share by which that edge rises as a head turns, times the square of yaw's
// sine: by 4 to 6 % at 40 degrees, on solid drawn heads as on warped pictures.
const (
	chinByMouth = 1.76
	chinByEyes  = 1.74
	chinRise    = 0.13
)

// headShare is T / height of the guide, T in pixels from the eyes' middle to the
// chin as in OFIQ's HeadSize.cpp. Five landmarks have no chin, so the lower edge
// of the detector's box stands for it, and, for a half, the middle one of three
// guesses: that edge, and what the mouth and the eyes' distance d let expect.
// Each alone moves by 5 % and more when a head turns or a picture darkens, which
// this score feels: 22 points for 5 %.
func headShare(f Face, d, yaw float64, guide Box) float64 {
	if guide.H <= 0 {
		return 0
	}
	l, sin := f.Landmarks, math.Sin(yaw*math.Pi/180)
	eyes, mouth := Point{(l[0].X + l[1].X) / 2, (l[0].Y + l[1].Y) / 2}, Point{(l[3].X + l[4].X) / 2, (l[3].Y + l[4].Y) / 2}
	edge := (f.Box.Y + f.Box.H - eyes.Y) / (1 - chinRise*sin*sin)
	guesses := []float64{
		edge,
		chinByMouth * math.Hypot(mouth.X-eyes.X, mouth.Y-eyes.Y),
		chinByEyes * d,
	}
	slices.Sort(guesses)
	return (edge + guesses[1]) / 2 / guide.H
}

// headSizeScore is 200·(1−S(|r−0.45|; 0, 0.05)) (OFIQ, HeadSize.cpp).
func headSizeScore(r float64) float64 { return 200 * (1 - sigmoid(math.Abs(r-0.45), 0, 0.05)) }

// poseScore is 100·cos² of an angle in degrees, 0 beyond 90 (OFIQ, HeadPose.cpp).
func poseScore(angle float64) float64 {
	if math.Abs(angle) >= 90 {
		return 0
	}
	c := math.Cos(angle * math.Pi / 180)
	return 100 * c * c
}

// guideShare is the height of the guide's portrait over the frame's height:
// NUAA's people before a 640×480 webcam have a median head share of 0.47 of it.
const guideShare = 0.62

// Guide is the upright 35:45 rectangle in the middle of a w × h camera frame
// that the citizen's portrait should fill.
func Guide(w, h int) Box {
	gh := guideShare * float64(h)
	gw := gh * 35 / 45
	return Box{X: (float64(w) - gw) / 2, Y: (float64(h) - gh) / 2, W: gw, H: gh}
}

// Whole is the guide of a picture that is a portrait already.
func Whole(img *image.RGBA) Box {
	return Box{W: float64(img.Rect.Dx()), H: float64(img.Rect.Dy())}
}
