//go:build unix

package main

import (
	"path/filepath"
	"syscall"
)

// stickAt says how many bytes are free in a folder. mounted wants it to be
// another file system than the folder above: else no stick is in.
func stickAt(dir string, mounted bool) (free int64, ok bool) {
	var fs syscall.Statfs_t
	var here, above syscall.Stat_t
	if syscall.Statfs(dir, &fs) != nil || syscall.Stat(dir, &here) != nil || here.Mode&syscall.S_IFMT != syscall.S_IFDIR {
		return 0, false
	}
	if mounted && (syscall.Stat(filepath.Dir(dir), &above) != nil || here.Dev == above.Dev) {
		return 0, false
	}
	return int64(fs.Bavail) * int64(fs.Bsize), true
}
