// Package wire holds what travels between counter and central: the decision
// that a counter takes, the packet it is sealed into, the signed head of its
// audit log and the messages of central's interface.
//
// A packet has two parts. The inner part is a [Decision] as CBOR, signed
// (COSE_Sign1, detached) by the device, by the officer and, where a second
// pair of eyes was needed, by a supervisor who is another person. It is sealed
// once: the content under AES-256-GCM, the content key wrapped for each
// recipient (central's current key, the offline recovery key) with HPKE over
// MLKEM768-X25519. The outer part is a COSE_Sign1 by the device over the
// readable [Header] and the SHA-256 of the ciphertext, so that anyone who
// relays a packet can check it unopened. The bytes that are stored are the
// bytes that are sent; after sealing the counter itself cannot read them.
//
// Formats are versioned. testdata holds a test vector of every version that
// was ever published; each later version reads it back.
package wire
