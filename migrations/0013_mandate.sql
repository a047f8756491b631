-- A learner lets a union see what was posted for it (DOMAIN F4).  Rows are never deleted.
CREATE TABLE union_mandate (
	union_org INTEGER NOT NULL,
	learner INTEGER NOT NULL,
	number INTEGER NOT NULL,        -- of the learner's mandates to that union, from 1
	given_on INTEGER NOT NULL,
	given_by TEXT NOT NULL,         -- principal of the portal that acted for the learner
	ended_on INTEGER,               -- from that day on it holds no more; NULL it holds
	ended_by TEXT,
	PRIMARY KEY (union_org, learner, number)
);
