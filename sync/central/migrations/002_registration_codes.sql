-- The short code of a registration, for people: it serves with the NIK alone.
-- '' for registrations from before.
ALTER TABLE registrations ADD COLUMN code TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX registrations_by_code ON registrations (code, nik) WHERE code <> '';

-- How often a device looked for a code that was none.
CREATE INDEX access_by_device ON access (device, what, at);
