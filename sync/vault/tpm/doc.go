// Package tpm keeps the counter's machine secret in a TPM 2.0, behind
// sync/vault's Machine.
//
// The secret is sealed under the chip's storage root key: machine.tpm holds the
// blob, and no other chip opens it. An officer's PIN guards an object of its
// own, so that the chip itself counts wrong ones: after five it refuses for 30
// minutes a try, whatever somebody does to the disk. Where the chip's owner has
// set the lockout's password, its parameters can't be changed; [Open] then says
// by its protection whether what is set there is strict enough.
//
// The chip counts for all its objects together: five wrong PINs of one officer
// pause every officer of this PC.
package tpm
