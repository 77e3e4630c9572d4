-- Rosters bring what has changed since a number: a change gets the number after
-- the last one that was read (counters 'record'), a reader counts it up.
INSERT INTO counters (name, value) VALUES ('record', 0);
ALTER TABLE records ADD COLUMN changed BIGINT NOT NULL DEFAULT 1;
CREATE INDEX records_by_change ON records (changed);

-- Who was in an area and has moved away from it since.
CREATE TABLE moves (
	nik TEXT NOT NULL, kecamatan TEXT NOT NULL, kelurahan TEXT NOT NULL, changed BIGINT NOT NULL,
	PRIMARY KEY (nik, kecamatan, kelurahan));
CREATE INDEX moves_by_change ON moves (changed);
