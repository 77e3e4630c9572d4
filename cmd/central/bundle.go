package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"loket/sync/central"
	"loket/sync/wire"
)

// importBundle takes in what a counter wrote to a USB stick.
func importBundle(ctx context.Context, k *call) error {
	return k.with(ctx, 1, nil, func(h *central.Home) error {
		f, err := os.Open(k.flags.Arg(0))
		if err != nil {
			return err
		}
		defer f.Close()
		r, err := h.ImportBundle(ctx, f)
		if err != nil {
			return err
		}
		if k.json {
			return json.NewEncoder(k.stdout).Encode(r)
		}
		lines := []pair{{"bundle", r.Bundle}, {"device", r.Device}, {"packets", fmt.Sprint(r.Packets)}}
		var results []wire.Result
		for name := range r.Results {
			results = append(results, name)
		}
		slices.Sort(results)
		for _, name := range results {
			lines = append(lines, pair{string(name), fmt.Sprint(r.Results[name])})
		}
		for _, o := range r.Others {
			lines = append(lines, pair{"packet", fmt.Sprintf("%s %s %s", o.Packet, o.Result, o.Reason)})
		}
		return k.say(lines...)
	})
}
