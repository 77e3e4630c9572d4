package main

import (
	"encoding/json"
	"os"

	"loket/assets/models"
	"loket/sync/wire"
)

// trainingPolicy is the policy of training: drawn people, and for each matcher
// the thresholds that `kiosk eval faces --sample` measured on them.
func trainingPolicy() (wire.Policy, error) {
	p := wire.Policy{
		Training: true,
		Offline:  wire.OfflinePolicy{DaysWithoutSync: 7, PacketsPending: 2000, DaysWithoutEndOfDay: 3, ClockAheadDays: 30},
		Offices: []wire.Office{{
			Code: officeCode, Name: "Disdukcapil Kab. Rejang Lebong", Recorded: 194006, Target: 0.25,
			Points: []wire.ServicePoint{{Code: "17.02-01", Name: "Kantor Disdukcapil", Kind: "office"}},
		}},
		Mail: wire.MailPolicy{Sender: "IKD (latihan)"},
	}
	all, err := models.Shipped()
	if err != nil {
		return p, err
	}
	for _, d := range all {
		if t := d.TrainingThresholds(); t.Measured {
			p.Matchers = append(p.Matchers, wire.MatcherPolicy{Model: d.Name, Metric: string(t.Metric), Match: t.Match, Doubtful: t.Doubtful, Measured: true, Data: t.Data, FMR: t.FMR})
		}
	}
	return p, nil
}

func writePolicy(file string) error {
	p, err := trainingPolicy()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(p, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
