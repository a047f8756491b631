-- registers: keys that have no text: an issuer signs tokens for their client (RFC 9068).
ALTER TABLE api_key ADD COLUMN token_issuer TEXT;  -- whose tokens open it (their iss); NULL: its own text does
ALTER TABLE api_key ADD COLUMN token_subject TEXT; -- the client, as that issuer calls it

-- Asked for each request with a token.
CREATE INDEX api_key_client ON api_key (token_issuer, token_subject, id) WHERE token_issuer IS NOT NULL;
