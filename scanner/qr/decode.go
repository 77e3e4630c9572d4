package qr

import "github.com/makiuchi-d/gozxing/qrcode/decoder"

// maxEqualise bounds the rounds of equalising; most pictures are read before the first.
const maxEqualise = 3

// decode reads the modules, equalised where needed.
func (m *modules) decode(l *layout) (string, bool) {
	for round := 0; ; round++ {
		if text, ok := m.text(l); ok {
			return text, true
		}
		if round == maxEqualise || m.equalise() == 0 && round > 0 {
			return "", false
		}
	}
}

// minFormat is the correlation of the format information below which no codewords are read.
const minFormat = 0.35

// text reads the modules, as they are and as in a mirror, under the likeliest formats.
func (m *modules) text(l *layout) (string, bool) {
	straight, score := m.formats()
	mirror := m.transposed()
	mirrored, mirrorScore := mirror.formats()
	type try struct {
		m *modules
		f format
	}
	tries := []try{{m, straight[0]}}
	switch {
	case max(score, mirrorScore) < minFormat:
		return "", false
	case mirrorScore > score:
		tries = []try{{mirror, mirrored[0]}}
	case score < 0.8:
		tries = append(tries, try{m, straight[1]})
	}
	for _, t := range tries {
		if s, ok := t.m.textUnder(l, t.f); ok {
			return s, true
		}
	}
	return "", false
}

func (m *modules) textUnder(l *layout, f format) (string, bool) {
	blocks, level, err := l.blocks(m, f)
	if err != nil {
		return "", false
	}
	var data []byte
	for i := range blocks {
		if _, ok := blocks[i].correct(); !ok {
			return "", false
		}
		data = append(data, blocks[i].words[:blocks[i].data]...)
	}
	res, err := decoder.DecodedBitStreamParser_Decode(data, l.version, level, nil)
	if err != nil || res.GetText() == "" {
		return "", false
	}
	return res.GetText(), true
}
