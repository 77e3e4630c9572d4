package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
)

// ReadJSON reads the body of a PacketsRequest. A batch is four megabytes of
// base64, and encoding/json looks at every byte of it three times; what a
// sender writes is read here directly, and everything else by encoding/json,
// with the same result.
func (r *PacketsRequest) ReadJSON(body []byte) error {
	if packets, ok := plainPackets(body); ok {
		r.Packets = packets
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	if err := dec.Decode(r); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON value")
	}
	return nil
}

// plainPackets reads {"packets":["…","…"]} as json.Marshal writes it: no space,
// no escape, padded base64. ok is false for every other form.
func plainPackets(body []byte) (packets [][]byte, ok bool) {
	rest, ok := bytes.CutPrefix(body, []byte(`{"packets":[`))
	if !ok {
		return nil, false
	}
	for {
		if rest, ok = bytes.CutPrefix(rest, []byte{'"'}); !ok {
			return nil, false
		}
		end := bytes.IndexByte(rest, '"')
		if end < 0 || bytes.IndexByte(rest[:end], '\r') >= 0 || bytes.IndexByte(rest[:end], '\n') >= 0 { // base64 would pass over these, JSON has none in a string
			return nil, false
		}
		packet := make([]byte, base64.StdEncoding.DecodedLen(end))
		n, err := base64.StdEncoding.Decode(packet, rest[:end])
		if err != nil {
			return nil, false
		}
		packets, rest = append(packets, packet[:n]), rest[end+1:]
		if string(rest) == "]}" {
			return packets, true
		}
		if rest, ok = bytes.CutPrefix(rest, []byte{','}); !ok {
			return nil, false
		}
	}
}
