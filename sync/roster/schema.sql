-- Version 3. Times are milliseconds since 1970 in UTC. Area codes are readable;
-- whom a row is about is a keyed hash, and what it says is sealed: label is
-- what the search needs, body the whole record with its photo.
CREATE TABLE IF NOT EXISTS areas (
	area    TEXT PRIMARY KEY,
	round   INTEGER NOT NULL, -- counts downloads of this area
	cursor  TEXT NOT NULL,    -- central's, of the next page, sealed: it is a NIK
	done    INTEGER NOT NULL, -- 1: this round is complete
	total   INTEGER NOT NULL,
	change  INTEGER NOT NULL DEFAULT 0, -- central's number of the last complete round
	delta   INTEGER NOT NULL DEFAULT 0, -- 1: this round brings changes only
	fetched INTEGER NOT NULL, -- when the round began
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
	nik   BLOB NOT NULL CHECK (length(nik) = 32),
	area  TEXT NOT NULL REFERENCES areas (area) ON DELETE CASCADE,
	round INTEGER NOT NULL,
	body  BLOB NOT NULL,
	PRIMARY KEY (nik, area)
) STRICT;
CREATE INDEX IF NOT EXISTS records_area ON records (area, round);
CREATE TABLE IF NOT EXISTS labels (
	nik   BLOB NOT NULL,
	area  TEXT NOT NULL,
	label BLOB NOT NULL,
	PRIMARY KEY (nik, area),
	FOREIGN KEY (nik, area) REFERENCES records (nik, area) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 3;
