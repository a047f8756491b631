-- Working time as employers report it (DOMAIN H7): what the yearly right is computed from.

CREATE TABLE payroll (
	period INTEGER NOT NULL,        -- calendar year of work
	learner INTEGER NOT NULL,
	siret TEXT NOT NULL,            -- of the employer
	unit INTEGER NOT NULL,          -- 1 hours, 2 days, 3 no time: rate says it
	paid INTEGER NOT NULL,          -- hundredths of a unit paid in the year
	reference INTEGER NOT NULL,     -- hundredths of a unit that are full time in a month
	rate INTEGER NOT NULL,          -- percent of full time; meant where there is no time
	PRIMARY KEY (period, learner, siret)
);

-- Absences; whether they count as worked is the rule's.
CREATE TABLE absence (
	period INTEGER NOT NULL,
	learner INTEGER NOT NULL,
	siret TEXT NOT NULL,
	first_day INTEGER NOT NULL,
	last_day INTEGER NOT NULL,
	code TEXT NOT NULL,
	PRIMARY KEY (period, learner, siret, first_day)
);
