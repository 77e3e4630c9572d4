package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"loket/sync/central"
)

// recoverPackets opens every packet with the recovery key: a drill, or with
// --settle in earnest.
func recoverPackets(ctx context.Context, k *call) error {
	file := k.flags.String("key", "", "`file` with the recovery key as init printed it; - is standard input")
	settle := k.flags.Bool("settle", false, "judge packets that are held since central lacks their key")
	return k.with(ctx, 0, []string{"key"}, func(h *central.Home) error {
		in := io.Reader(os.Stdin)
		if *file != "-" {
			f, err := os.Open(*file)
			if err != nil {
				return err
			}
			defer f.Close()
			in = f
		}
		text, err := bufio.NewReader(in).ReadString('\n')
		if err != nil && err != io.EOF {
			return fmt.Errorf("recovery key: %w", err)
		}
		r, err := h.Recover(ctx, text, *settle)
		if err != nil {
			return err
		}
		if k.json {
			return json.NewEncoder(k.stdout).Encode(r)
		}
		lines := []pair{{"packets", fmt.Sprint(r.Packets)}, {"opened", fmt.Sprint(r.Opened)}, {"verified", fmt.Sprint(r.Verified)}, {"waiting", fmt.Sprint(r.Waiting)}}
		for _, s := range r.Settled {
			lines = append(lines, pair{"settled", fmt.Sprintf("%s %s %s", s.Packet, s.Result, s.Reason)})
		}
		for _, f := range r.Faults {
			lines = append(lines, pair{"fault", f})
		}
		if err := k.say(lines...); err != nil {
			return err
		}
		if len(r.Faults) > 0 {
			return fmt.Errorf("%d of %d packets do not open or verify", len(r.Faults), r.Packets)
		}
		return nil
	})
}
