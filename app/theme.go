package app

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"loket/assets"
)

// look is the fyne.Theme of the window: its fonts are the shipped ones, its
// background the paper of the palette. The screens draw with the palette
// itself; what Fyne draws on its own (a dialog of the system's) gets the same
// roles through here.
type look struct {
	p       palette
	variant fyne.ThemeVariant
	regular fyne.Resource
	bold    fyne.Resource
}

// newLook makes the theme of a Look.
func newLook(l Look) fyne.Theme {
	variant := theme.VariantLight
	if l == Dark {
		variant = theme.VariantDark
	}
	return &look{
		p: paletteOf(l), variant: variant,
		regular: fyne.NewStaticResource("NotoSans-Regular.ttf", assets.Regular),
		bold:    fyne.NewStaticResource("NotoSans-Bold.ttf", assets.Bold),
	}
}

// Color maps Fyne's names to roles.
func (l *look) Color(n fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	switch n {
	case theme.ColorNameBackground, theme.ColorNameOverlayBackground, theme.ColorNameMenuBackground:
		return l.p.paper
	case theme.ColorNameForeground:
		return l.p.ink
	case theme.ColorNamePlaceHolder, theme.ColorNameDisabled:
		return l.p.muted
	case theme.ColorNameButton, theme.ColorNameInputBackground:
		return l.p.card
	case theme.ColorNameInputBorder, theme.ColorNameSeparator:
		return l.p.line
	case theme.ColorNamePrimary, theme.ColorNameFocus, theme.ColorNameHyperlink:
		return l.p.primary
	case theme.ColorNameForegroundOnPrimary:
		return l.p.onPrimary
	case theme.ColorNameSuccess:
		return l.p.tones[Good].ink
	case theme.ColorNameWarning:
		return l.p.tones[Attention].ink
	case theme.ColorNameError:
		return l.p.tones[Bad].ink
	}
	return theme.DefaultTheme().Color(n, l.variant)
}

// Font returns Regular or Bold: the screens use two weights and no italics.
func (l *look) Font(s fyne.TextStyle) fyne.Resource {
	if s.Bold {
		return l.bold
	}
	return l.regular
}

// Icon is Fyne's own.
func (l *look) Icon(n fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(n) }

// Size is Fyne's own, but for the type that the screens use.
func (l *look) Size(n fyne.ThemeSizeName) float32 {
	switch n {
	case theme.SizeNameText:
		return sizeBody
	case theme.SizeNamePadding:
		return 4
	}
	return theme.DefaultTheme().Size(n)
}
