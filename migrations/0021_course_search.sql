-- course search: the words of courses, for those who look for one.

-- What a course is found by: the words of its title and code, without accents and in lower case, and the terms p:, c: and
-- r: with the provider's number, the certification and the region.  Made from the course, and again when it changes.
CREATE TABLE course_term (
	term TEXT NOT NULL,             -- a word, or one of those terms
	course INTEGER NOT NULL,        -- the course
	PRIMARY KEY (term, course)
);

-- Courses that were there before are taken up by a timer: kind 40, from the course after its subject on.
INSERT INTO timer (due_at, kind, subject) SELECT 0, 40, 0 WHERE EXISTS (SELECT 1 FROM course);
