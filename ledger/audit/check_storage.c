/*
 * The file itself: the engine's own look at its pages, indexes and constraints.
 * What the other checks do not read (registers, kept answers) is at least whole.
 */
#include "ledger/audit/check.h"

static int look(struct audit *a, void *state, struct err *err)
{
	char complaint[256];
	int rc = db_integrity(a->db, 0, complaint, sizeof complaint, err);

	(void)state;
	if (rc < 0)
		return -1;
	audit_looked(a, 1);
	if (rc == 0)
		audit_fault(
			a, 0,
			"The database file is damaged: %s. If it was put back from a copy, remove the -wal and "
			"-shm files beside it, which belong to another file; else restore a copy.",
			complaint);
	return 0;
}

const struct audit_check check_storage = {
	.name = "storage",
	.what = "the engine finds its file whole: pages, indexes, constraints",
	.unit = "files",
	.beside = look,
};
