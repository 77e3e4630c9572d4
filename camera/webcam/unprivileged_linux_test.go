package webcam_test

import (
	"os"
	"runtime"
	"syscall"
	"testing"
)

// unprivileged runs f so that files refuse what they refuse an ordinary user,
// also where tests run as root: the file system's user id belongs to the
// thread.
func unprivileged(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f()
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const nobody = 65534
	syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0)
	defer syscall.RawSyscall(syscall.SYS_SETFSUID, 0, 0, 0)
	f()
}
