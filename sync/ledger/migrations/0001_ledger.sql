-- Times are milliseconds since 1970 in UTC. Nothing here names a person: of a
-- NIK the last four digits and a keyed hash stay readable, the rest is sealed.

-- Small values by name: trust list, policy, cursor, certificates, time floor.
CREATE TABLE settings (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- sync/vault's rows: wrapped keys, counts of wrong tries.
CREATE TABLE vault (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a decision, in the order they were taken.
CREATE TABLE packets (
	seq        INTEGER PRIMARY KEY,
	epoch      INTEGER NOT NULL,
	id         BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
	at         INTEGER NOT NULL,
	last4      TEXT NOT NULL,
	decision   TEXT NOT NULL,
	reason     TEXT NOT NULL,
	duplicate  BLOB,             -- keyed hash of the NIK
	cancels    BLOB,             -- id of the packet that this one takes back
	state      TEXT NOT NULL,
	state_at   INTEGER NOT NULL,
	cause      TEXT NOT NULL DEFAULT '',
	next       TEXT NOT NULL DEFAULT '', -- central's sentence on what to do
	not_before INTEGER NOT NULL, -- until then it can be taken back and is offered to nobody
	next_try   INTEGER NOT NULL DEFAULT 0,
	tries      INTEGER NOT NULL DEFAULT 0,
	hash       BLOB NOT NULL,    -- SHA-256 of body
	body       BLOB              -- the packet's bytes; null when retention or an undo took them
) STRICT;
CREATE INDEX packets_pending ON packets (seq) WHERE state IN ('queued', 'sent');
CREATE INDEX packets_state ON packets (state);
CREATE INDEX packets_at ON packets (at);
CREATE INDEX packets_duplicate ON packets (duplicate) WHERE duplicate IS NOT NULL;

-- Unfinished cases, encrypted by the vault's data key.
CREATE TABLE drafts (
	session TEXT PRIMARY KEY,
	officer TEXT NOT NULL,
	at      INTEGER NOT NULL,
	body    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Presentations that were accepted, for seven days.
CREATE TABLE seen (
	cti BLOB PRIMARY KEY,
	at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_at ON seen (at);

-- The audit log: entry n is a leaf of a Merkle tree whose stored hashes
-- (golang.org/x/mod/sumdb/tlog) stand in hashes.
CREATE TABLE audit (
	n     INTEGER PRIMARY KEY,
	entry TEXT NOT NULL
) STRICT;
CREATE TABLE hashes (
	i    INTEGER PRIMARY KEY,
	hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
