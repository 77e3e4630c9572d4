package wire

import (
	"errors"

	"github.com/fxamacker/cbor/v2"
)

// ErrVersion is a format that this build does not know.
var ErrVersion = errors.New("unknown version")

// encoding is deterministic; times are whole seconds.
var encoding = must(cbor.EncOptions{
	Sort:          cbor.SortCoreDeterministic,
	ShortestFloat: cbor.ShortestFloat16,
	NaNConvert:    cbor.NaNConvert7e00,
	InfConvert:    cbor.InfConvertFloat16,
	IndefLength:   cbor.IndefLengthForbidden,
	Time:          cbor.TimeUnix,
}.EncMode())

// decoding refuses what a deterministic encoder never writes.
var decoding = must(cbor.DecOptions{
	DupMapKey:        cbor.DupMapKeyEnforcedAPF,
	IndefLength:      cbor.IndefLengthForbidden,
	TagsMd:           cbor.TagsForbidden,
	MaxNestedLevels:  16,
	MaxArrayElements: 4096,
	MaxMapPairs:      4096,
	UTF8:             cbor.UTF8RejectInvalid,
}.DecMode())

// must is for the two modes above, whose options are constants.
func must[T any](mode T, err error) T {
	if err != nil {
		panic(err)
	}
	return mode
}
