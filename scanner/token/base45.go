package token

import "fmt"

// alphabet45 is RFC 9285's: the 45 characters of QR's alphanumeric mode.
const alphabet45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// maxText is the longest text that is decoded, in characters. The largest QR
// in alphanumeric mode holds 4,296; files may hold cards with larger photos.
const maxText = 1 << 14

// EncodeBase45 writes data in base45 (RFC 9285): two bytes as three characters,
// a last single one as two.
func EncodeBase45(data []byte) string {
	out := make([]byte, 0, (len(data)+1)/2*3)
	for len(data) > 1 {
		n := int(data[0])<<8 | int(data[1])
		out = append(out, alphabet45[n%45], alphabet45[n/45%45], alphabet45[n/2025])
		data = data[2:]
	}
	if len(data) == 1 {
		out = append(out, alphabet45[data[0]%45], alphabet45[data[0]/45])
	}
	return string(out)
}

// DecodeBase45 reads base45. It never trims: a space is a letter. Characters
// outside the alphabet, a single character at the end, groups over 65,535 (255
// for two characters) and texts over 16,384 characters are ErrFormat.
func DecodeBase45(text string) ([]byte, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("%w: base45 of %d characters", ErrFormat, len(text))
	}
	if len(text)%3 == 1 {
		return nil, fmt.Errorf("%w: base45 ends with a single character", ErrFormat)
	}
	out := make([]byte, 0, len(text)/3*2+1)
	for i := 0; i < len(text); i += 3 {
		group := text[i:min(i+3, len(text))]
		n, weight := 0, 1
		for j := range len(group) {
			v := value45(group[j])
			if v < 0 {
				return nil, fmt.Errorf("%w: base45 character %d", ErrFormat, i+j)
			}
			n += v * weight
			weight *= 45
		}
		switch {
		case len(group) == 3 && n <= 0xffff:
			out = append(out, byte(n>>8), byte(n))
		case len(group) == 2 && n <= 0xff:
			out = append(out, byte(n))
		default:
			return nil, fmt.Errorf("%w: base45 group at %d", ErrFormat, i)
		}
	}
	return out, nil
}

// value45 is the value of one character, or -1.
func value45(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10
	}
	for i := 36; i < len(alphabet45); i++ {
		if alphabet45[i] == c {
			return i
		}
	}
	return -1
}
