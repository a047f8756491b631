#include "reports/funds.h"

#include <stdlib.h>
#include <string.h>

/* SIRENs that begin with 1 or 2 are those of public bodies (INSEE). */
static const char *funder_type(enum nature nature, unsigned roles, const char *siren)
{
	if (nature == NATURE_COPAY)
		return "learner";
	if (roles & ROLE_BIT(ROLE_UNION))
		return "union";
	if (*siren == '1' || *siren == '2')
		return "public";
	return *siren != '\0' ? "private" : "unknown";
}

static void take_line(struct stmt *q, struct fund_line *line)
{
	line->id = col_int(q, 0);
	col_copy(q, 1, line->code, sizeof line->code);
	col_copy(q, 2, line->programme, sizeof line->programme);
	col_copy(q, 3, line->class_, sizeof line->class_);
	line->budgeted = (int)col_int(q, 5);
	line->copay = col_int(q, 4) == NATURE_COPAY;
	line->funder_type = funder_type((enum nature)col_int(q, 4), (unsigned)col_int(q, 6), col_text(q, 7));
}

static int allocate(struct db *db, struct funds *funds, struct err *err)
{
	int64_t count = 0, last = 0;

	if (db_int(db, "SELECT count(*) FROM fund", NO_VALS, &count, err) < 0 ||
	    db_int(db, "SELECT max(id) FROM fund", NO_VALS, &last, err) < 0)
		return -1;
	funds->ids = (size_t)last + 1;
	funds->line = calloc((size_t)count + 1, sizeof *funds->line);
	funds->by_id = calloc(funds->ids, sizeof *funds->by_id);
	if (funds->line == NULL || funds->by_id == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory. The report was not made.");
	return 0;
}

int funds_read(struct db *db, int64_t only, struct funds *funds, struct err *err)
{
	struct stmt *q;
	int rc;

	memset(funds, 0, sizeof *funds);
	if (allocate(db, funds, err) != 0)
		return -1;
	q = db_query(db,
		     "SELECT f.id, f.code, f.programme, f.class, f.nature, f.budgeted, o.roles, o.siren "
		     "FROM fund f JOIN organisation o ON o.id = f.funder "
		     "WHERE $1 = 0 OR f.id = $1 ORDER BY f.programme, f.code",
		     VALS(v_int(only)), err);
	while ((rc = db_step(q, err)) == 1) {
		take_line(q, &funds->line[funds->count++]);
		funds->by_id[funds->line[funds->count - 1].id] = funds->count;
	}
	return rc;
}

void funds_free(struct funds *funds)
{
	free(funds->line);
	free(funds->by_id);
	memset(funds, 0, sizeof *funds);
}

int64_t funds_place(const struct funds *funds, int64_t id)
{
	if (id < 0 || (size_t)id >= funds->ids)
		return -1;
	return (int64_t)funds->by_id[id] - 1;
}
