package main

import (
	"bytes"
	"context"
	"regexp"
	"testing"
	"time"

	"loket/sync/central"
	"loket/sync/central/centraltest"
	"loket/sync/wire"
)

// TestAlarmsAreSeen: what central refused stands in the list until somebody has
// looked into it.
func TestAlarmsAreSeen(t *testing.T) {
	c := centraltest.Start(t)
	k := c.Counter("petugas-1", wire.RoleOfficer)
	offer := func(size int64) error {
		t.Helper()
		head, err := wire.SignHead(wire.Head{Device: k.Device.Device, Size: size, Root: [32]byte{1}, At: time.Now()}, k.Key)
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.Client.Head(t.Context(), wire.HeadRequest{Head: head})
		return err
	}
	if err := offer(9); err != nil {
		t.Fatal(err)
	}
	says := func(status int, want string, args ...string) {
		t.Helper()
		var out, errs bytes.Buffer
		if got := run(context.Background(), append(args, "--data", c.Dir), &out, &errs); got != status {
			t.Errorf("%v: status %d: %s", args, got, &errs)
		}
		if said := out.String() + errs.String(); !regexp.MustCompile(want).MatchString(said) {
			t.Errorf("%v says %q, want %s", args, said, want)
		}
	}
	says(0, `^alarms 0\n$`, "alarms")
	if err := offer(4); err == nil {
		t.Fatal("a log that was cut short is taken")
	}
	says(0, `^alarm rollback `+k.Device.Device+` \(17\.02, Loket 1\) held 0\.9 offered 0\.4, 1 times \S+ to \S+, open\nalarms 1\n$`, "alarms")
	says(0, `^\{"alarms":\[\{"device":.*"kind":"rollback","held_epoch":0,"held_size":9,`, "alarms", "--json")
	says(0, `(?m)^alarms\.rollback 1$`, "rows")
	says(1, `is no supervisor or administrator`, "alarms", "seen", "--device", k.Device.Device, "--officer", "petugas-1")
	says(0, `^seen 1\n$`, "alarms", "seen", "--device", k.Device.Device, "--officer", central.Administrator)
	says(0, `, seen by admin \S+\nalarms 1\n$`, "alarms")
	says(1, `no open alarm`, "alarms", "seen", "--device", k.Device.Device, "--officer", central.Administrator)
}
