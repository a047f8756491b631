-- Conflicts of interest of staff with learners: declared, and ended, never deleted.  Of a person or of a whole team.
CREATE TABLE conflict (
	id INTEGER PRIMARY KEY,
	learner INTEGER NOT NULL,
	principal TEXT,                 -- the person behind an API key; NULL: a team
	org INTEGER,                    -- the organisation all of whose keys it is about; NULL: a person
	declared_on INTEGER NOT NULL,   -- first day
	declared_at INTEGER NOT NULL,
	declared_by TEXT NOT NULL,      -- principal
	ended_on INTEGER,               -- last day; NULL: it lasts
	ended_at INTEGER,
	ended_by TEXT                   -- principal
);
-- Asked at every step of staff on an account.
CREATE INDEX conflict_open ON conflict (learner) WHERE ended_at IS NULL;
