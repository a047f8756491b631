/*
 * One refusal or failure as a value.
 *
 * The function that refuses fills a struct err and returns -1; no caller re-words
 * it on the way up.  The sentence says what happened, where, with the figures, and
 * what to do.  Functions that can refuse return 0 or -1 and take the struct as
 * their last argument.  A caller zeroes it before use.
 */
#ifndef ILA_BASE_ERR_H
#define ILA_BASE_ERR_H

#include <stdint.h>

enum err_code {
#define ERR(name, code, http, exit, title, cure) ERR_##name,
#include "ledger/base/errors.def"
#undef ERR
	ERR__MAX
};

struct err {
	enum err_code code;
	char field[64];   /* JSON field, CSV column or option at fault; "" when none */
	char text[1024];  /* the sentence */
	int64_t missing;  /* cents short, 0 when this is no shortfall */
	int32_t next_due; /* civil day more money is due; meaningful when has_next_due */
	int has_next_due;
};

/*
 * err_set(err, code, field, fmt, ...):
 * Fill err and return -1.  field may be NULL.  The text is cut, never overrun, and what a
 * terminal should not see (check_show) is escaped: values of files and of damaged rows stand in it.
 */
int err_set(struct err *err, enum err_code code, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * What a refusal left as it was ("Nothing was changed.") is said once, by whoever knows it for the
 * whole.  err_tells_effect(text): it is said there.  err_drop_effect(text): take it out of a sentence
 * about a part, such as one row of a file.
 */
int err_tells_effect(const char *text);
void err_drop_effect(char *text);

/* err_bug(err, where): our own fault at where (a function name); returns -1. */
int err_bug(struct err *err, const char *where);

/* The catalogue: stable code, HTTP status, exit status and title of code, and what to do about it. */
const char *err_name(enum err_code code);
int err_http(enum err_code code);
int err_exit(enum err_code code);
const char *err_title(enum err_code code);
const char *err_cure(enum err_code code);

#endif
