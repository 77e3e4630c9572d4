//go:build !linux

package engine

import "os/exec"

func dieWithParent(*exec.Cmd) {}

func lockThread() (unlock func()) { return func() {} }

// LimitThreads runs load; only Linux lets a process bound OpenCV's threads from
// outside.
func LimitThreads(_ int, load func() error) error { return load() }
