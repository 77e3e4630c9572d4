-- Times are milliseconds since 1970 in UTC, 0 is never. Ids are text.

CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL);

-- A counter increases inside the transaction that uses it, so that numbers
-- become visible in their order.
CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO counters (name, value) VALUES ('event', 0), ('access', 0), ('trust', 0), ('policy', 0);

CREATE TABLE officers (
	id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, office TEXT NOT NULL,
	password TEXT NOT NULL, must_change BIGINT NOT NULL,
	tries BIGINT NOT NULL DEFAULT 0, paused_until BIGINT NOT NULL DEFAULT 0,
	created BIGINT NOT NULL, closed_at BIGINT NOT NULL DEFAULT 0);

CREATE TABLE sessions (
	hash BLOB PRIMARY KEY, officer TEXT NOT NULL REFERENCES officers (id), device TEXT NOT NULL,
	must_change BIGINT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL);

CREATE TABLE device_codes (
	hash BLOB PRIMARY KEY, office TEXT NOT NULL, counter TEXT NOT NULL,
	created BIGINT NOT NULL, expires BIGINT NOT NULL, used_at BIGINT NOT NULL DEFAULT 0);

CREATE TABLE devices (
	id TEXT PRIMARY KEY, office TEXT NOT NULL, counter TEXT NOT NULL,
	spki BLOB NOT NULL, kid BLOB NOT NULL UNIQUE, certificate BLOB NOT NULL,
	created BIGINT NOT NULL, not_after BIGINT NOT NULL, revoked_at BIGINT NOT NULL DEFAULT 0,
	seen_at BIGINT NOT NULL DEFAULT 0,
	head_epoch BIGINT NOT NULL DEFAULT 0, head_size BIGINT NOT NULL DEFAULT 0, head_hash BLOB, head_at BIGINT NOT NULL DEFAULT 0);

CREATE TABLE heads (
	device TEXT NOT NULL REFERENCES devices (id), epoch BIGINT NOT NULL, size BIGINT NOT NULL, hash BLOB NOT NULL,
	message BLOB NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (device, epoch, size));

CREATE TABLE officer_certificates (
	kid BLOB NOT NULL, device TEXT NOT NULL REFERENCES devices (id), officer TEXT NOT NULL REFERENCES officers (id),
	spki BLOB NOT NULL, certificate BLOB NOT NULL, not_before BIGINT NOT NULL, not_after BIGINT NOT NULL,
	PRIMARY KEY (kid, device, officer, not_before));

CREATE TABLE records (
	nik TEXT PRIMARY KEY, name TEXT NOT NULL, birth_place TEXT NOT NULL, born TEXT NOT NULL, sex TEXT NOT NULL,
	address TEXT NOT NULL, kelurahan TEXT NOT NULL, kecamatan TEXT NOT NULL,
	married BIGINT NOT NULL, recorded BIGINT NOT NULL, nik_status TEXT NOT NULL,
	ikd TEXT NOT NULL, ikd_registration TEXT NOT NULL DEFAULT '',
	photo BLOB, photo_taken TEXT NOT NULL, photo_source TEXT NOT NULL);
CREATE INDEX records_by_area ON records (kecamatan, nik);

CREATE TABLE registrations (
	id TEXT PRIMARY KEY, nik TEXT NOT NULL, email TEXT NOT NULL, number TEXT NOT NULL, selfie BLOB NOT NULL,
	spki BLOB NOT NULL, credential BLOB NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL,
	state TEXT NOT NULL, state_at BIGINT NOT NULL, reason TEXT NOT NULL DEFAULT '', next TEXT NOT NULL DEFAULT '',
	pin TEXT NOT NULL DEFAULT '', activated_at BIGINT NOT NULL DEFAULT 0);
CREATE INDEX registrations_by_nik ON registrations (nik);

CREATE TABLE packets (
	device TEXT NOT NULL, id TEXT NOT NULL, hash BLOB NOT NULL, body BLOB NOT NULL,
	sender TEXT NOT NULL, received BIGINT NOT NULL,
	result TEXT NOT NULL, state TEXT NOT NULL, state_at BIGINT NOT NULL,
	reason TEXT NOT NULL DEFAULT '', next TEXT NOT NULL DEFAULT '',
	kind TEXT NOT NULL DEFAULT '', officer TEXT NOT NULL DEFAULT '', supervisor TEXT NOT NULL DEFAULT '',
	registration TEXT NOT NULL DEFAULT '', cancels TEXT NOT NULL DEFAULT '', cti BLOB, decided_at BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (device, id));
CREATE INDEX packets_by_cti ON packets (cti);
CREATE INDEX packets_by_registration ON packets (registration);

CREATE TABLE codes (
	id TEXT PRIMARY KEY, registration TEXT NOT NULL REFERENCES registrations (id),
	device TEXT NOT NULL, packet TEXT NOT NULL, hash BLOB NOT NULL,
	created BIGINT NOT NULL, expires BIGINT NOT NULL, tries BIGINT NOT NULL DEFAULT 0, state TEXT NOT NULL);
CREATE INDEX codes_by_registration ON codes (registration, state);
CREATE INDEX codes_by_expiry ON codes (state, expires);

CREATE TABLE mail (
	id TEXT PRIMARY KEY, registration TEXT NOT NULL REFERENCES registrations (id), code TEXT NOT NULL REFERENCES codes (id),
	device TEXT NOT NULL, packet TEXT NOT NULL, sealed BLOB, message_id TEXT NOT NULL,
	state TEXT NOT NULL, tries BIGINT NOT NULL DEFAULT 0, created BIGINT NOT NULL,
	next_at BIGINT NOT NULL, sent_at BIGINT NOT NULL DEFAULT 0, fault TEXT NOT NULL DEFAULT '');
CREATE INDEX mail_by_state ON mail (state, next_at);

CREATE TABLE events (
	cursor BIGINT PRIMARY KEY, device TEXT NOT NULL, packet TEXT NOT NULL, state TEXT NOT NULL,
	at BIGINT NOT NULL, reason TEXT NOT NULL DEFAULT '', next TEXT NOT NULL DEFAULT '');
CREATE INDEX events_by_device ON events (device, cursor);

CREATE TABLE captchas (id TEXT PRIMARY KEY, hash BLOB NOT NULL, expires BIGINT NOT NULL);

CREATE TABLE presentations (cti BLOB PRIMARY KEY, device TEXT NOT NULL, at BIGINT NOT NULL);

CREATE TABLE requests (nonce BLOB PRIMARY KEY, at BIGINT NOT NULL);

-- Who looked at whose record: ids only.
CREATE TABLE access (
	number BIGINT PRIMARY KEY, at BIGINT NOT NULL, device TEXT NOT NULL, officer TEXT NOT NULL,
	what TEXT NOT NULL, subject TEXT NOT NULL, found BIGINT NOT NULL);
