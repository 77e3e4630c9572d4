package face

// Hint is what the citizen can do at once to make the picture better; words
// belong to the screen. Left and right are those of the picture as the camera
// took it, not of a mirrored preview.
type Hint string

const (
	NoFace      Hint = "no-face"      // nobody is seen
	OtherPerson Hint = "other-person" // somebody else is in the picture
	Closer      Hint = "come-closer"
	Further     Hint = "go-back"
	TurnLeft    Hint = "turn-left" // the head looks to the right of the picture
	TurnRight   Hint = "turn-right"
	ChinDown    Hint = "chin-down" // the head looks up
	ChinUp      Hint = "chin-up"
	Straighten  Hint = "straighten" // the head is tilted
	MoreLight   Hint = "more-light"
	LessLight   Hint = "less-light"
	LightLeft   Hint = "light-left" // the left of the picture is dark
	LightRight  Hint = "light-right"
	FlatPicture Hint = "more-contrast" // fog, backlight, a dirty lens
	HoldStill   Hint = "hold-still"    // blurred
)

// hint turns the weakest component into one request.
func (q Quality) hint() Hint {
	c, pass := q.Weakest()
	if pass {
		return ""
	}
	return q.HintFor(c.Code)
}

// HintFor is what that component asks for, "" where it passes or was not
// measured: a screen that has asked for something goes on asking until it is done.
func (q Quality) HintFor(code Code) Hint {
	c := q.Component(code)
	if !c.Measured || c.Passes() {
		return ""
	}
	either := func(first bool, a, b Hint) Hint {
		if first {
			return a
		}
		return b
	}
	switch c.Code {
	case OneFace:
		return either(c.Value >= 1 && !q.Component(Yaw).Measured, NoFace, OtherPerson)
	case EyeDistance:
		return Closer
	case HeadSize:
		return either(c.Value < 0.45, Closer, Further)
	case Yaw:
		return either(c.Value > 0, TurnLeft, TurnRight)
	case Pitch:
		return either(c.Value > 0, ChinDown, ChinUp)
	case Roll:
		return Straighten
	case Luminance:
		return either(c.Value < 0.5, MoreLight, LessLight)
	case Exposure:
		return either(c.Value < 0, MoreLight, LessLight)
	case Balance:
		return either(c.Value > 0, LightLeft, LightRight)
	case DynamicRange:
		return FlatPicture
	}
	return HoldStill
}
