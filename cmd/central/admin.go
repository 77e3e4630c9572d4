package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"loket/sync/central"
	"loket/sync/wire"
)

// pair is one line of an answer.
type pair struct{ name, value string }

// say prints an answer as lines or as one JSON object.
func (k *call) say(pairs ...pair) error {
	if !k.json {
		for _, p := range pairs {
			if _, err := fmt.Fprintf(k.stdout, "%s %s\n", p.name, p.value); err != nil {
				return err
			}
		}
		return nil
	}
	object := map[string]string{}
	for _, p := range pairs {
		object[p.name] = p.value
	}
	return json.NewEncoder(k.stdout).Encode(object)
}

func initialise(ctx context.Context, k *call) error {
	if err := k.parse(0); err != nil {
		return err
	}
	s, err := central.Init(ctx, k.data, time.Now)
	if err != nil {
		return err
	}
	fmt.Fprintln(k.stderr, "Write down the recovery key and the password: they are shown only now.")
	return k.say(pair{"recovery", s.Recovery}, pair{"administrator", s.Administrator}, pair{"password", s.Password})
}

func addOfficer(ctx context.Context, k *call) error {
	var o central.Officer
	k.flags.StringVar(&o.ID, "id", "", "officer's `id`: letters, digits, dots, hyphens")
	k.flags.StringVar(&o.Name, "name", "", "officer's `name`")
	k.flags.StringVar(&o.Office, "office", "", "`code` of the kabupaten/kota: 17.02")
	k.flags.StringVar(&o.Role, "role", wire.RoleOfficer, "officer, supervisor or administrator")
	return k.with(ctx, 0, []string{"id", "name"}, func(h *central.Home) error {
		password, err := h.AddOfficer(ctx, o)
		if err != nil {
			return err
		}
		return k.say(pair{"officer", o.ID}, pair{"password", password})
	})
}

func deviceCode(ctx context.Context, k *call) error {
	office := k.flags.String("office", "", "`code` of the kabupaten/kota: 17.02")
	counter := k.flags.String("counter", "", "`name` of the counter: \"Loket 1\"")
	address := k.flags.String("address", "", "`url` of the listener for counters; where serve said it is, unless given")
	return k.with(ctx, 0, []string{"office", "counter"}, func(h *central.Home) error {
		code, err := h.NewDeviceCode(ctx, *address, *office, *counter)
		if err != nil {
			return err
		}
		return k.say(pair{"code", code.String()})
	})
}

func revokeDevice(ctx context.Context, k *call) error {
	id := k.flags.String("id", "", "device `id`")
	return k.with(ctx, 0, []string{"id"}, func(h *central.Home) error {
		if err := h.RevokeDevice(ctx, *id); err != nil {
			return err
		}
		return k.say(pair{"revoked", *id})
	})
}

func importRecords(ctx context.Context, k *call) error {
	return k.with(ctx, 1, nil, func(h *central.Home) error {
		n, err := h.ImportRecords(ctx, k.flags.Arg(0))
		if err != nil {
			return err
		}
		return k.say(pair{"records", fmt.Sprint(n.Records)}, pair{"photos", fmt.Sprint(n.Photos)})
	})
}

func addIssuer(ctx context.Context, k *call) error {
	issuer := k.flags.String("issuer", "", "the `iss` of its cards: https://kartu.contoh.id")
	return k.with(ctx, 1, []string{"issuer"}, func(h *central.Home) error {
		file, err := os.ReadFile(k.flags.Arg(0))
		if err != nil {
			return err
		}
		n, err := h.AddIssuer(ctx, *issuer, file)
		if err != nil {
			return err
		}
		return k.say(pair{"issuer", *issuer}, pair{"keys", fmt.Sprint(n)})
	})
}

func setPolicy(ctx context.Context, k *call) error {
	return k.with(ctx, 1, nil, func(h *central.Home) error {
		f, err := os.Open(k.flags.Arg(0))
		if err != nil {
			return err
		}
		defer f.Close()
		var p wire.Policy
		in := json.NewDecoder(f)
		in.DisallowUnknownFields()
		if err := in.Decode(&p); err != nil {
			return fmt.Errorf("%s: %w", k.flags.Arg(0), err)
		}
		if p, err = h.SetPolicy(ctx, p); err != nil {
			return err
		}
		return k.say(pair{"version", fmt.Sprint(p.Version)})
	})
}

func showPolicy(ctx context.Context, k *call) error {
	return k.with(ctx, 0, nil, func(h *central.Home) error {
		p, err := h.Policy(ctx)
		if err != nil {
			return err
		}
		out := json.NewEncoder(k.stdout)
		out.SetIndent("", "\t")
		return out.Encode(p)
	})
}

func rows(ctx context.Context, k *call) error {
	return k.with(ctx, 0, nil, func(h *central.Home) error {
		r, err := h.Rows(ctx)
		if err != nil {
			return err
		}
		if k.json {
			return json.NewEncoder(k.stdout).Encode(r)
		}
		var lines []pair
		for table, n := range r.Tables {
			lines = append(lines, pair{table, fmt.Sprint(n)})
		}
		for table, states := range r.States {
			for state, n := range states {
				lines = append(lines, pair{table + "." + state, fmt.Sprint(n)})
			}
		}
		slices.SortFunc(lines, func(a, b pair) int { return strings.Compare(a.name, b.name) })
		return k.say(lines...)
	})
}
