-- audit: what the rules on yearly rights ask of a learner.

-- A worker whose employment the law protects for a disability: a rule may grant such a worker the higher yearly right
-- (accrual.raised_for).
ALTER TABLE learner ADD COLUMN disabled_worker INTEGER NOT NULL DEFAULT 0; -- 1: such a worker
