-- rules: the rules of programmes, as imported.

-- Versions of the rules of programmes.  The versions of one programme follow each other without a gap; none is
-- ever changed.
CREATE TABLE rule (
	id INTEGER PRIMARY KEY,         -- its number, from 1
	programme TEXT NOT NULL,        -- code of the programme
	version TEXT NOT NULL,          -- name of the version, as the document has it
	valid_from INTEGER NOT NULL,    -- first day
	valid_to INTEGER NOT NULL,      -- last day
	body TEXT NOT NULL,             -- the JSON document, byte for byte
	hash BLOB NOT NULL,             -- SHA-256 of body
	imported_at INTEGER NOT NULL,   -- when it was imported
	seq INTEGER NOT NULL,           -- the entry that wrote this row last, and seals it (ledger/book/seal.h)
	UNIQUE (programme, version)
);
