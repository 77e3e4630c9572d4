// Package client is the counter's side of central's interface.
//
// Client speaks mutual TLS as an enrolled device (enrol.go makes one). Every
// failure is told apart (fault.go): "no internet" is said of no internet only; an expired or foreign
// certificate, a wrong clock, a captive portal, a revoked device, a busy or
// faulty central each have their own name.
//
// Sender (sender.go) empties the outbox: batches of up to 100, exponential
// backoff with full jitter, events by cursor, heads of the audit log. It sees
// the ledger through Outbox.
package client
