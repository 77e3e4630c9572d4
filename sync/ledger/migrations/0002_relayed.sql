-- Packets of other counters, brought by USB stick, until central has them. The
-- ticket (wire.Packet.Ticket) names device, packet and what was signed.
CREATE TABLE relayed (
	ticket      BLOB PRIMARY KEY CHECK (length(ticket) = 16),
	device      TEXT NOT NULL,
	at          INTEGER NOT NULL, -- brought here
	state       TEXT NOT NULL,    -- queued until central has answered
	next_try    INTEGER NOT NULL DEFAULT 0,
	certificate BLOB NOT NULL,    -- of the device, to hand it on by stick
	body        BLOB              -- null once central has answered
) STRICT, WITHOUT ROWID;
CREATE INDEX relayed_waiting ON relayed (at) WHERE state = 'queued';
