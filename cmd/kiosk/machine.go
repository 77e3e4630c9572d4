package main

import (
	"os"

	"loket/sync/vault"
	"loket/sync/vault/tpm"
)

// machineOf gives what keeps the keys of a data folder: this PC's TPM 2.0 where
// it has one that this user may open (on Linux: group tss), else a file.
// LOKET_TPM names another device; "none" is for training and tests, which
// should leave the PC's own TPM alone.
func machineOf(dir string) (vault.Machine, error) {
	switch device := os.Getenv("LOKET_TPM"); device {
	case "none":
		return vault.FileMachine(dir)
	case "":
		return tpm.Choose(dir, tpm.Device)
	default:
		return tpm.Choose(dir, device)
	}
}
