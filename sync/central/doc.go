// Package central is the central server: what counters and phones talk to, and
// what its administrators do at its command line.
//
// Home is a data directory: a database (store.go), keys (keys.go), trust list
// and policy (authority.go). Server is the HTTP around a Home: one handler for
// counters, behind mutual TLS, and one for phones. A packet's way is
// intake.go (is it what it says it is?), decide.go (what follows for the
// registration), codes.go and mail.go (the activation code leaves by mail),
// phones.go (it comes back from the phone whose key was verified).
//
// The process keeps no state of its own between requests: several replicas can
// serve one database. The SQL is kept to what SQLite and PostgreSQL share.
//
// Nothing that is logged names a person: no NIK, name, address, number, face,
// code or token.
package central
