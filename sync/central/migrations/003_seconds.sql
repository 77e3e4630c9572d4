-- Requests for a supervisor's signature from another counter. What is looked at
-- is sealed, and goes when the request ends.
CREATE TABLE seconds (
	device TEXT NOT NULL REFERENCES devices (id), packet TEXT NOT NULL,
	office TEXT NOT NULL, officer TEXT NOT NULL REFERENCES officers (id),
	sealed BLOB, kind TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', causes TEXT NOT NULL DEFAULT '',
	created BIGINT NOT NULL, expires BIGINT NOT NULL,
	stage TEXT NOT NULL, stage_at BIGINT NOT NULL,
	supervisor TEXT NOT NULL DEFAULT '', certificate BLOB, signature BLOB, answer TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (device, packet));
CREATE INDEX seconds_by_office ON seconds (office, stage, created);

-- Packets that wait for somebody at central.
CREATE INDEX packets_by_state ON packets (state, received);

-- Who released or refused a held packet.
ALTER TABLE packets ADD COLUMN settled_by TEXT NOT NULL DEFAULT '';

-- Public keys that a device had: what it signed with them still arrives. revoked
-- is when the device was revoked under this key, 0 where it was only changed.
CREATE TABLE device_keys (
	device TEXT NOT NULL REFERENCES devices (id), kid BLOB NOT NULL, spki BLOB NOT NULL,
	retired BIGINT NOT NULL, revoked BIGINT NOT NULL,
	PRIMARY KEY (device, kid));
CREATE INDEX device_keys_by_kid ON device_keys (kid);

-- How many packets a device had made by a head, so that one sees what a revoked
-- device had before.
ALTER TABLE heads ADD COLUMN packets BIGINT NOT NULL DEFAULT 0;
