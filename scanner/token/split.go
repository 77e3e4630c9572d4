package token

import (
	"encoding/binary"
	"fmt"
)

// Limits of what a message may hold that nobody has signed for yet. Without
// them a code of 300 letters would make its reader allocate megabytes.
const (
	maxHeader      = 4096 // bytes of each header; a certificate chain fits
	maxHeaderItems = 256
	maxSignature   = 1024     // bytes: RSA of 8,192 bits
	maxClaims      = 512      // data items in a CWT; a card with every attribute and two samples of each has 350
	maxShown       = 16 << 10 // bytes of claims that are wrapped, or shown unsigned; a QR holds 2,953
)

// split cuts the array of n items in body into its items. Nothing is copied:
// an item is a part of body.
func split(body []byte, n int) ([][]byte, error) {
	switch {
	case len(body) > maxMessage:
		return nil, fmt.Errorf("%w: %d bytes", ErrFormat, len(body))
	case len(body) == 0 || body[0] != 0x80|byte(n):
		return nil, fmt.Errorf("%w: not an array of %d", ErrFormat, n)
	}
	if err := looseMode.Wellformed(body); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	parts, rest := make([][]byte, 0, n), body[1:]
	for range n {
		after := skip(rest)
		parts = append(parts, rest[:len(rest)-len(after)])
		rest = after
	}
	return parts, nil
}

// skip gives what follows the first item of data, which is well formed.
func skip(data []byte) []byte {
	major, endless := data[0]>>5, data[0]&0x1f == 31
	arg, rest, _ := argument(data)
	switch {
	case endless && major >= 2 && major <= 5:
		for rest[0] != 0xff {
			rest = skip(rest)
		}
		return rest[1:]
	case major == 2 || major == 3:
		return rest[arg:]
	case major == 4 || major == 5:
		for range arg << (major - 4) {
			rest = skip(rest)
		}
	case major == 6:
		return skip(rest)
	}
	return rest
}

// byteString gives the content of a byte string of known length. Null is nil.
func byteString(item []byte) ([]byte, error) {
	if len(item) == 1 && item[0] == 0xf6 {
		return nil, nil
	}
	if item[0]>>5 != 2 || item[0]&0x1f == 31 {
		return nil, fmt.Errorf("%w: not a byte string", ErrFormat)
	}
	_, content, err := argument(item)
	return content, err
}

// toBeSigned is RFC 9052's Sig_structure for COSE_Sign1, in one allocation.
func toBeSigned(protected, external, payload []byte) []byte {
	const context = "\x84\x6aSignature1"
	out := make([]byte, 0, len(context)+3*9+len(protected)+len(external)+len(payload))
	out = append(out, context...)
	for _, part := range [][]byte{protected, external, payload} {
		switch n := len(part); {
		case n < 24:
			out = append(out, 0x40|byte(n))
		case n < 1<<8:
			out = append(out, 0x58, byte(n))
		case n < 1<<16:
			out = binary.BigEndian.AppendUint16(append(out, 0x59), uint16(n))
		default:
			out = binary.BigEndian.AppendUint32(append(out, 0x5a), uint32(n))
		}
		out = append(out, part...)
	}
	return out
}
