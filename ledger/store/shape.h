/*
 * The shape of a statement, read from its text once: what the plain ones of the ledger
 * write, and by which key they find their rows.  A text of any other form is
 * SHAPE_OTHER, of which nothing is said: it is run as it stands.
 *
 *	INSERT INTO t (a, b) VALUES ($1, $2)
 *	INSERT ... ON CONFLICT (a) DO UPDATE SET b = $2     all that is no key, as it is inserted
 *	INSERT ... ON CONFLICT (a) DO NOTHING
 *	UPDATE t SET b = $2 WHERE a = $1 [AND ...]          keys that it does not set
 *	DELETE FROM t WHERE a = $1 [AND ...]
 *	SELECT ... FROM t WHERE a = $1 AND b IS NULL ...    one table; or a >= $1 AND a < $2
 *
 * Names are borrowed from the text.
 */
#ifndef ILA_STORE_SHAPE_H
#define ILA_STORE_SHAPE_H

#include <stddef.h>

#include "ledger/base/limits.h"

#define SHAPE_KEYS_MAX 6

enum shape_kind { SHAPE_OTHER, SHAPE_INSERT, SHAPE_UPSERT, SHAPE_UPDATE, SHAPE_DELETE, SHAPE_SELECT };

/* A name in the text. */
struct word {
	const char *at;
	size_t n;
};

/* A column and the parameter, from 0, that is its value. */
struct shape_column {
	struct word name;
	int parameter;
};

struct shape {
	enum shape_kind kind;
	struct word table;
	size_t columns; /* that are written, in the order of the text */
	struct shape_column column[RECORD_COLUMNS_MAX];
	size_t keys; /* conditions "column = $k", all of which hold for every row that is met; of an UPSERT:
			what it may conflict by */
	struct shape_column key[SHAPE_KEYS_MAX];
	int keeps; /* UPSERT: a row that is there stays as it is */
	/* SELECT: of a column between two parameters, the second not included; NULL name: none. */
	struct shape_column from;
	int below; /* the second parameter */
	int whole; /* SELECT: it gives each row that has the keys, as it stands */
};

/* shape_read(sql, out) */
void shape_read(const char *sql, struct shape *);

/* word_is(word, text); word_same(a, b) */
int word_is(struct word, const char *text);
int word_same(struct word, struct word);

/* shape_names(sql, word): the text holds that word, not as a part of another. */
int shape_names(const char *sql, struct word);

/* shape_writes(sql): it does not only read. */
int shape_writes(const char *sql);

#endif
