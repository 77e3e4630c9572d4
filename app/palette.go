package app

import "image/color"

// palette is one Look's colours by role. A screen names roles, never colours,
// so that the three looks differ nowhere else.
type palette struct {
	paper, card, line color.NRGBA
	soft              color.NRGBA // key caps, bars that are empty
	ink, muted        color.NRGBA // text on paper, card and soft
	primary           color.NRGBA // fill of the most likely action; text of links
	onPrimary         color.NRGBA
	approve           color.NRGBA // fill of the action that activates
	onApprove         color.NRGBA
	off, onOff        color.NRGBA // an action that is not open yet
	stage, onStage    color.NRGBA // behind and on the camera's picture
	band              color.NRGBA // under the sentence on the picture
	guide, arc        color.NRGBA // oval, frame and its progress
	tones             map[Tone]tone
	stroke            float32 // width of lines round cards
}

// tone is a state's text colour, the fill under it and the edge round the fill.
type tone struct{ ink, fill, edge color.NRGBA }

// rgb makes an opaque colour of 0xRRGGBB.
func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

// paletteOf returns the colours of a look; an unknown look is the light one.
func paletteOf(l Look) palette {
	switch l {
	case Dark:
		return darkPalette()
	case HighContrast:
		return contrastPalette()
	}
	return palette{
		paper: rgb(0xF3F6F9), card: rgb(0xFFFFFF), line: rgb(0xD9E1E8), soft: rgb(0xF3F6F9),
		ink: rgb(0x14212B), muted: rgb(0x5B6B7A),
		primary: rgb(0x0B5FA5), onPrimary: rgb(0xFFFFFF),
		approve: rgb(0x1B7F4B), onApprove: rgb(0xFFFFFF),
		off: rgb(0xE6ECF2), onOff: rgb(0x566675),
		stage: rgb(0x0B131A), onStage: rgb(0xFFFFFF), band: color.NRGBA{0x0D, 0x11, 0x17, 0xE6},
		guide: rgb(0x7FD6A5), arc: rgb(0xFFFFFF),
		tones: map[Tone]tone{
			Good:      {rgb(0x187747), rgb(0xE6F4EC), rgb(0x9AD3B3)},
			Attention: {rgb(0x9A4A06), rgb(0xFDF1DF), rgb(0xEBC48C)},
			Bad:       {rgb(0xB42318), rgb(0xFCEBE9), rgb(0xEFB4AE)},
			Info:      {rgb(0x0B5FA5), rgb(0xE8F1FA), rgb(0xA9CBE8)},
		},
		stroke: 1,
	}
}

func darkPalette() palette {
	return palette{
		paper: rgb(0x0F161C), card: rgb(0x19232C), line: rgb(0x33414E), soft: rgb(0x24313C),
		ink: rgb(0xECF1F5), muted: rgb(0xA9B7C4),
		primary: rgb(0x7DB9EF), onPrimary: rgb(0x06192A),
		approve: rgb(0x6FD39B), onApprove: rgb(0x05200F),
		off: rgb(0x2A3742), onOff: rgb(0xA9B7C4),
		stage: rgb(0x05090C), onStage: rgb(0xFFFFFF), band: color.NRGBA{0x05, 0x09, 0x0C, 0xE6},
		guide: rgb(0x7FD6A5), arc: rgb(0xFFFFFF),
		tones: map[Tone]tone{
			Good:      {rgb(0x7BDCA6), rgb(0x15301F), rgb(0x2F6B48)},
			Attention: {rgb(0xF2BC6B), rgb(0x33260F), rgb(0x7A5A22)},
			Bad:       {rgb(0xFF9F94), rgb(0x3B1815), rgb(0x8A3A33)},
			Info:      {rgb(0x8FC5F5), rgb(0x11293D), rgb(0x2F628C)},
		},
		stroke: 1,
	}
}

// contrastPalette is black on white with lines that carry the form: every text
// role stands at 7:1 or more, and edges are drawn twice as wide.
func contrastPalette() palette {
	return palette{
		paper: rgb(0xFFFFFF), card: rgb(0xFFFFFF), line: rgb(0x000000), soft: rgb(0xFFFFFF),
		ink: rgb(0x000000), muted: rgb(0x1E2A33),
		primary: rgb(0x003A70), onPrimary: rgb(0xFFFFFF),
		approve: rgb(0x00451F), onApprove: rgb(0xFFFFFF),
		off: rgb(0xFFFFFF), onOff: rgb(0x3A4650),
		stage: rgb(0x000000), onStage: rgb(0xFFFFFF), band: color.NRGBA{0, 0, 0, 0xFF},
		guide: rgb(0xFFE000), arc: rgb(0xFFFFFF),
		tones: map[Tone]tone{
			Good:      {rgb(0x00451F), rgb(0xFFFFFF), rgb(0x00451F)},
			Attention: {rgb(0x6B2F00), rgb(0xFFFFFF), rgb(0x6B2F00)},
			Bad:       {rgb(0x8A0F06), rgb(0xFFFFFF), rgb(0x8A0F06)},
			Info:      {rgb(0x003A70), rgb(0xFFFFFF), rgb(0x003A70)},
		},
		stroke: 2,
	}
}

// rgba0 is no colour: what stands under it is seen.
var rgba0 = color.NRGBA{}
