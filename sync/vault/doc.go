// Package vault keeps the counter's keys.
//
//	key                          protected by                 opens
//	device (TLS, packets, heads) the machine                  at start
//	data (roster, drafts, hash)  machine and an officer's PIN while somebody is logged in
//	officer's signing key        machine and that PIN         for five minutes after the PIN
//
// The machine is a [Machine]: a TPM 2.0 (sync/vault/tpm), else a file with 32
// random bytes, readable by the program's user only. A PIN alone opens nothing: six digits are a million
// guesses, so what is under it is also under the machine's secret. Somebody who
// copies the whole disk of a PC whose machine secret is a file can still try
// PINs without limit; [Vault.Protection] says so to the self-test.
//
// Officers' secrets are sealed under HKDF of argon2id of the PIN and the
// machine's secret. Data keys are sealed to each officer's own public key
// (HPKE), so that a new officer can be let in whenever one who holds a key logs
// in, without anybody else's PIN. Wrong PINs are counted before they are tried:
// the fifth pauses that officer for 30 minutes.
//
// Rows live in the ledger's database behind [Store]; only the machine's secret
// is a file of its own.
package vault
