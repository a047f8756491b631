-- registers: client certificates that keys are pinned to, by SHA-256 of their DER form (x5t#S256 of RFC 8705).
-- A key with one opens only over a connection on which it was shown; two while one takes the other's place.
ALTER TABLE api_key ADD COLUMN pin BLOB;           -- NULL: the key is pinned to none
ALTER TABLE api_key ADD COLUMN next_pin BLOB;      -- NULL: only to that
