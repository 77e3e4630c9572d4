-- Retention looks for the bytes that are still here, among all decisions ever.
CREATE INDEX packets_body ON packets (state) WHERE body IS NOT NULL;
