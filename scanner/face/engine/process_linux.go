package engine

import (
	"errors"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"
)

// dieWithParent has the kernel kill the child when the thread that started it
// ends, so that a hanging child does not outlive a killed program.
func dieWithParent(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}

// lockThread keeps the goroutine that starts children on its thread, whose end
// would kill them.
func lockThread() (unlock func()) {
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}

// LimitThreads runs load while the process may use n cores only, then gives it
// all of them back. OpenCV (with TBB, as in Debian) sizes its pool of threads
// when it first works, by the cores it may use, and GoCV has no call for it: so
// load must do a first forward pass. Call it from main before anything else
// touches OpenCV.
func LimitThreads(n int, load func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// TBB asks for the mask of the process, which is its first thread's.
	first := uintptr(syscall.Getpid())
	var all, few [16]uint64 // 1024 cores, as in glibc's cpu_set_t
	if err := affinity(syscall.SYS_SCHED_GETAFFINITY, first, &all); err != nil {
		return load()
	}
	for core := range 64 * len(all) {
		if bit := uint64(1) << (core % 64); all[core/64]&bit != 0 && n > 0 {
			few[core/64] |= bit
			n--
		}
	}
	for _, thread := range []uintptr{first, 0} { // 0 is this one
		if err := affinity(syscall.SYS_SCHED_SETAFFINITY, thread, &few); err != nil {
			return err
		}
	}
	err := load()
	for _, thread := range []uintptr{first, 0} {
		err = errors.Join(err, affinity(syscall.SYS_SCHED_SETAFFINITY, thread, &all))
	}
	return err
}

func affinity(call, thread uintptr, cores *[16]uint64) error {
	_, _, errno := syscall.RawSyscall(call, thread, unsafe.Sizeof(*cores), uintptr(unsafe.Pointer(cores)))
	if errno != 0 {
		return errno
	}
	return nil
}
