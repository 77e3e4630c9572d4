package clock

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// began is only ever read: without /proc, the counter is this process's own.
var began = time.Now()

// System reads this machine: on Linux the time since boot with sleep included
// (/proc/uptime) and the boot's id; elsewhere each start of the program counts
// as a boot.
func System() Reading {
	now := time.Now()
	r := Reading{Wall: now, Mono: now.Sub(began), Boot: "process-" + strconv.FormatInt(began.UnixNano(), 36)}
	up, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return r
	}
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return r
	}
	first, _, _ := strings.Cut(string(up), " ")
	seconds, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return r
	}
	r.Mono, r.Boot = time.Duration(seconds*float64(time.Second)), strings.TrimSpace(string(id))
	return r
}
