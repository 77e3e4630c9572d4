-- Heads of audit logs that central refused: what somebody has to look into. One
-- row for a kind of refusal under one held head, however often it is tried; the
-- offered head is the last one, with the device's signature.
CREATE TABLE alarms (
	device TEXT NOT NULL REFERENCES devices (id), kind TEXT NOT NULL,
	held_epoch BIGINT NOT NULL, held_size BIGINT NOT NULL, held_hash BLOB NOT NULL,
	epoch BIGINT NOT NULL, size BIGINT NOT NULL, message BLOB NOT NULL,
	first_at BIGINT NOT NULL, last_at BIGINT NOT NULL, times BIGINT NOT NULL DEFAULT 1,
	continued_at BIGINT NOT NULL DEFAULT 0,
	seen_at BIGINT NOT NULL DEFAULT 0, seen_by TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (device, kind, held_epoch, held_size));
