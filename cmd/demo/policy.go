package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"loket/assets/models"
	"loket/scanner/face"
	"loket/sync/wire"
)

// trainingPolicy is the policy of training: drawn people, and the thresholds
// that were measured on them. Those of a network that nobody measured before
// are measured now, which takes a minute.
func trainingPolicy(ctx context.Context, programs programs) (wire.Policy, error) {
	p := wire.Policy{
		Training: true,
		Offline:  wire.OfflinePolicy{DaysWithoutSync: 7, PacketsPending: 2000, DaysWithoutEndOfDay: 3, ClockAheadDays: 30},
		Offices: []wire.Office{{
			Code: officeCode, Name: "Disdukcapil Kab. Rejang Lebong", Recorded: 194006, Target: 0.25,
			Points: []wire.ServicePoint{{Code: "17.02-01", Name: "Kantor Disdukcapil", Kind: "office"}},
		}},
		Mail: wire.MailPolicy{Sender: "IKD (latihan)"},
	}
	d, _, err := models.New(models.Folders(os.Getenv)...).Choose("")
	if err != nil {
		return p, nil // the kiosk says that no matcher is installed, and where to get one
	}
	t := d.TrainingThresholds()
	if !t.Measured {
		fmt.Println("measuring", d.Name, "on the drawn citizens …")
		if t, err = measure(ctx, programs); err != nil {
			return p, err
		}
	}
	p.Matchers = append(p.Matchers, wire.MatcherPolicy{Model: t.Model, Metric: string(t.Metric), Match: t.Match, Doubtful: t.Doubtful, Measured: true, Data: t.Data, FMR: t.FMR})
	return p, nil
}

// measure asks the kiosk for thresholds on the drawn citizens.
func measure(ctx context.Context, p programs) (face.Thresholds, error) {
	out, err := p.Once(ctx, "kiosk", "eval", "faces", "--sample")
	if err != nil {
		return face.Thresholds{}, err
	}
	var said struct{ Suggested *face.Thresholds }
	if err := decode(out, &said); err != nil {
		return face.Thresholds{}, err
	}
	if said.Suggested == nil || !said.Suggested.Measured {
		return face.Thresholds{}, errors.New("the drawn citizens give no thresholds for this matcher")
	}
	return *said.Suggested, nil
}

func writePolicy(ctx context.Context, programs programs, file string) error {
	p, err := trainingPolicy(ctx, programs)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(p, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
