// Package ledger is the counter's memory: one SQLite file that holds every
// decision, what became of it, and the audit log of all that matters.
//
// Its promise is that what the screen called "tersimpan" is there after the
// power went. So the file is opened in WAL mode with synchronous=FULL, which
// every connection asserts (go-sqlite3's own default for WAL loses commits when
// the power goes), one connection writes, and a decision, its audit entry and
// its place in the outbox are one transaction ([Ledger.Decide]).
//
// The outbox is the same table: a packet is queued, taken ([Ledger.Take]) and
// settled ([Ledger.Settle]) by the sender; later states arrive as events
// ([Ledger.Apply]). For ten seconds after a decision it can be taken back
// ([Ledger.Undo]), and so long nobody is offered it.
//
// Without a link, what waits leaves on a USB stick ([Ledger.Unsent]); what
// other counters gave on theirs ([Ledger.Relay]) is sent along by ticket.
//
// Nothing readable in the file says who was served: packets are sealed, drafts
// are encrypted by the caller, and the audit log names packets, devices and
// officers' ids only.
//
// A Ledger is safe for use by several goroutines. Close it last.
package ledger
