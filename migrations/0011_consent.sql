-- A first person's decision to recover says also whether the learner has the right again.
ALTER TABLE consent ADD COLUMN restores INTEGER NOT NULL DEFAULT 0;
