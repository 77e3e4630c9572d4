package token

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// Limits for what is decoded. A QR holds at most 2,953 bytes and a compressed
// one inflates to at most 64 KiB, so anything beyond these is no honest input.
const (
	maxMessage = 1 << 20 // bytes of one signed message (a bundle is split, not grown)
	maxDepth   = 12      // nested arrays, maps and tags
	maxItems   = 8192    // data items in one message
)

// ErrFormat says that the bytes are not what they should be; errors.Is finds
// it in everything that parsing refuses.
var ErrFormat = errors.New("malformed")

var encMode, strictMode, looseMode = modes()

// modes builds the codecs: strict for what this project wrote itself, loose for
// payloads that others wrote (tags and indefinite lengths are legal there).
func modes() (enc cbor.EncMode, strict, loose cbor.DecMode) {
	must := func(err error) {
		if err != nil {
			panic(err) // constant options
		}
	}
	eo := cbor.CoreDetEncOptions()
	eo.Time = cbor.TimeUnix
	enc, err := eo.EncMode()
	must(err)
	do := cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		MaxNestedLevels:   maxDepth,
		MaxArrayElements:  maxItems,
		MaxMapPairs:       maxItems,
		UTF8:              cbor.UTF8RejectInvalid,
		IntDec:            cbor.IntDecConvertSignedOrFail,
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		NaN:               cbor.NaNDecodeForbidden,
		Inf:               cbor.InfDecodeForbidden,
		ByteStringToTime:  cbor.ByteStringToTimeForbidden,
		BignumTag:         cbor.BignumTagForbidden,
	}
	strict, err = do.DecMode()
	must(err)
	do.IndefLength = cbor.IndefLengthAllowed
	do.TagsMd = cbor.TagsAllowed
	do.TimeTag = cbor.DecTagIgnored
	do.TimeTagToAny = cbor.TimeTagToRFC3339Nano
	do.ExtraReturnErrors = cbor.ExtraDecErrorNone
	loose, err = do.DecMode()
	must(err)
	return enc, strict, loose
}

// Encode writes v as CBOR in core deterministic form: the same value always
// gives the same bytes.
func Encode(v any) ([]byte, error) { return encMode.Marshal(v) }

// Decode reads one CBOR value strictly into v: unknown fields, duplicate keys,
// tags, indefinite lengths, trailing bytes, NaN, texts that are not UTF-8 and
// deep or huge structures are ErrFormat.
func Decode(data []byte, v any) error { return decode(strictMode, data, v) }

func decode(mode cbor.DecMode, data []byte, v any) error {
	if len(data) > maxMessage {
		return fmt.Errorf("%w: %d bytes", ErrFormat, len(data))
	}
	return decodeItems(mode, data, v, maxItems)
}

// decodeItems is decode for at most so many data items.
func decodeItems(mode cbor.DecMode, data []byte, v any, limit int) error {
	if err := countItems(data, limit); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if err := mode.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return nil
}

// countItems walks the heads of data without allocating and refuses more than
// limit of them: a map of 60,000 empty arrays is short as bytes and large
// as Go values. Whether the structure is well formed is the decoder's to say.
func countItems(data []byte, limit int) error {
	for n := 0; len(data) > 0; n++ {
		if n > limit {
			return errors.New("too many data items")
		}
		major, info := data[0]>>5, data[0]&0x1f
		arg, rest, err := argument(data)
		if err != nil {
			return err
		}
		data = rest
		if (major == 2 || major == 3) && info != 31 {
			if arg > uint64(len(data)) {
				return errors.New("ends inside a string")
			}
			data = data[arg:]
		}
	}
	return nil
}

// argument reads the head of the item at the start of data, which is not
// empty, and gives its argument and what follows. Of the short forms from 28
// on, which have none, it gives the form's own number.
func argument(data []byte) (arg uint64, rest []byte, err error) {
	info := data[0] & 0x1f
	data = data[1:]
	if info < 24 || info > 27 {
		return uint64(info), data, nil
	}
	size := 1 << (info - 24)
	if len(data) < size {
		return 0, nil, errors.New("ends inside a head")
	}
	for _, b := range data[:size] {
		arg = arg<<8 | uint64(b)
	}
	return arg, data[size:], nil
}
