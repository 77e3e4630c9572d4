// Package assets holds what the programs show and ship: fonts, words, icon.
// Everything is embedded, so that a counter PC needs nothing installed: a glyph
// or a word that is missing here would silently come from the system, or not at
// all. Models are in assets/models, a package of its own.
package assets

import "embed"

// Regular and Bold are Noto Sans reduced to Latin and its punctuation (OFL 1.1,
// fonts/OFL.txt). Their figures are all equally wide.
var (
	//go:embed fonts/NotoSans-Regular.ttf
	Regular []byte
	//go:embed fonts/NotoSans-Bold.ttf
	Bold []byte
)

// Icon is the window's icon, a PNG of 256×256 pixels.
//
//go:embed icon.png
var Icon []byte

// Words holds words/*.tsv: a line is key, Indonesian, English, parted by tabs;
// a line that starts with # is a remark. app's words.go says what keys mean.
//
//go:embed words/*.tsv
var Words embed.FS
