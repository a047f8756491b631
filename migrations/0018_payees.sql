-- registers: what a learner is known by, beside payroll.

ALTER TABLE learner ADD COLUMN identity TEXT; -- reference of the check of who the learner is, as its keeper files it; NULL none
