package central

import (
	"context"
	"fmt"
	"io"

	"loket/scanner/token"
	"loket/sync/wire"
)

// BundleReport says what became of a bundle that came by USB stick.
type BundleReport struct {
	Bundle  string              `json:"bundle"`
	Device  string              `json:"device"` // who wrote it
	Packets int                 `json:"packets"`
	Results map[wire.Result]int `json:"results"`
	Others  []wire.PacketResult `json:"others"` // neither accepted nor known before
}

// ImportBundle takes a bundle in: all of it is checked before any packet is
// used, then each packet goes the way of one that came over the line, so that
// doing both is harmless. It may be done again after an error.
func (h *Home) ImportBundle(ctx context.Context, r io.Reader) (BundleReport, error) {
	b, err := wire.ReadBundle(r, token.Keys(h.keys.device.Public()))
	if err != nil {
		return BundleReport{}, err
	}
	out := BundleReport{Bundle: b.ID.String(), Device: b.Device, Packets: len(b.Packets), Results: map[wire.Result]int{}, Others: []wire.PacketResult{}}
	for rest := b.Packets; len(rest) > 0; {
		n := min(len(rest), wire.MaxBatch)
		bodies := make([][]byte, n)
		for i, p := range rest[:n] {
			bodies[i] = p.Bytes
		}
		results, err := h.intake(ctx, b.Device, bodies)
		if err != nil {
			return out, fmt.Errorf("bundle %s: %w", b.ID, err)
		}
		for _, r := range results {
			out.Results[r.Result]++
			if r.Result != wire.ResultAccepted && r.Result != wire.ResultDuplicate {
				out.Others = append(out.Others, r)
			}
		}
		rest = rest[n:]
	}
	return out, nil
}
