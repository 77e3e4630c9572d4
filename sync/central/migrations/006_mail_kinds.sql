-- What a mail says: 'code', or 'cancelled' that the approval whose code was
-- mailed has been taken back.
ALTER TABLE mail ADD COLUMN kind TEXT NOT NULL DEFAULT 'code';
CREATE INDEX mail_by_packet ON mail (device, packet, kind);
