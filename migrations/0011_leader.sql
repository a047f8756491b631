-- desk: which process writes, and where its last commit left the journal.

-- One row.  Each commit compares it and sets it, so that a process that no longer leads cannot write, and a journal
-- that has lost its end is noticed.
CREATE TABLE leader (
	id INTEGER PRIMARY KEY CHECK (id = 1), -- 1
	epoch INTEGER NOT NULL,                -- counts the leaders; of a file, which has a lock of its own, 0
	name TEXT NOT NULL,                    -- of the node that leads; '' nobody serves
	address TEXT NOT NULL,                 -- URL at which the other nodes reach it; '' it serves nobody
	beat INTEGER NOT NULL,                 -- grows while it lives
	seq INTEGER NOT NULL,                  -- the last entry of the journal; 0 it is empty
	booked_at INTEGER NOT NULL,            -- instant of that entry
	head_hash BLOB,                        -- hash of that entry; NULL none
	missing TEXT                           -- what a node acknowledged and the ledger lacks: nobody writes then
);

INSERT INTO leader (id, epoch, name, address, beat, seq, booked_at, head_hash)
SELECT 1, 0, '', '', 0, seq, booked_at, hash FROM entry WHERE seq = (SELECT max(seq) FROM entry);

INSERT INTO leader (id, epoch, name, address, beat, seq, booked_at, head_hash)
SELECT 1, 0, '', '', 0, 0, 0, NULL WHERE NOT EXISTS (SELECT 1 FROM entry);
