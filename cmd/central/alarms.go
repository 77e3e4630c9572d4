package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"loket/sync/central"
)

// alarms lists the heads of audit logs that central refused: one a line, open
// ones first.
func alarms(ctx context.Context, k *call) error {
	return k.with(ctx, 0, nil, func(h *central.Home) error {
		all, err := h.Alarms(ctx)
		if err != nil {
			return err
		}
		if k.json {
			return json.NewEncoder(k.stdout).Encode(map[string][]central.Alarm{"alarms": all})
		}
		var lines []pair
		for _, a := range all {
			lines = append(lines, pair{"alarm", alarmLine(a)})
		}
		return k.say(append(lines, pair{"alarms", fmt.Sprint(len(all))})...)
	})
}

// alarmLine writes an alarm as an administrator reads it.
func alarmLine(a central.Alarm) string {
	state := "open"
	if !a.Seen.IsZero() {
		state = "seen by " + a.SeenBy + " " + a.Seen.Format(time.RFC3339)
	}
	line := fmt.Sprintf("%s %s (%s, %s) held %d.%d offered %d.%d, %d times %s to %s, %s", a.Kind, a.Device, a.Office, a.Counter,
		a.HeldEpoch, a.HeldSize, a.Epoch, a.Size, a.Times, a.First.Format(time.RFC3339), a.Last.Format(time.RFC3339), state)
	if !a.Continued.IsZero() {
		line += "; the held log went on " + a.Continued.Format(time.RFC3339) + ": is there a copy of this counter?"
	}
	return line
}

// seeAlarms writes down who has looked.
func seeAlarms(ctx context.Context, k *call) error {
	device := k.flags.String("device", "", "device `id`")
	officer := k.flags.String("officer", "", "`id` of the supervisor or administrator who looked into it")
	return k.with(ctx, 0, []string{"device", "officer"}, func(h *central.Home) error {
		n, err := h.SeeAlarms(ctx, *device, *officer)
		if err != nil {
			return err
		}
		return k.say(pair{"seen", fmt.Sprint(n)})
	})
}
