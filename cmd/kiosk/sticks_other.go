//go:build !unix

package main

import "os"

// stickAt says that a folder is there; how much is free is not known.
func stickAt(dir string, _ bool) (free int64, ok bool) {
	info, err := os.Stat(dir)
	return 0, err == nil && info.IsDir()
}
