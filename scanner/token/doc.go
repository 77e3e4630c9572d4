// Package token makes and verifies what the citizen's QR says.
//
// Everything signed in Loket IKD is a COSE_Sign1 (RFC 9052) made here: the
// registration credential that central issues, the presentation that the phone
// makes from it every 30 seconds, the counter's own code, the trust list, the
// certificates of devices and officers, and the packets that sync/wire builds.
// Each carries a typ in its protected header, so that a signature made for one
// purpose serves no other, and the key's id, so that the right key is asked.
//
// A newcomer reads sign.go (one signature), credential.go and presentation.go
// (what is in the QR), trust.go (whom we believe) and verify.go (the named
// checks that the officer sees). foreign.go reads what others print: bare
// claim-169 cards, EU certificates, plain COSE; card.go and photo.go say for
// people what such a card says.
//
// Whatever a camera sees is hostile until it is signed: split.go cuts messages
// without copying, and its limits keep any refused code under 256 KiB of memory.
// Each rule stands in testdata/vectors as a code that breaks just that rule.
//
// The formats are this project's own, built on public standards; they are not
// those of the real IKD, which are not public.
package token
