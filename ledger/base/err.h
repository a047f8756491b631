/*
 * One refusal or failure as a value.
 *
 * The function that refuses fills a struct err and returns -1; no caller re-words
 * it on the way up.  The sentence says what happened, where, with the figures, and
 * what to do.  Functions that can refuse return 0 or -1 and take the struct as
 * their last argument.  A caller zeroes it before use.
 *
 * A text is never edited once it is made (tests/tidy holds all to it).
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

/*
 * What the refused work has left behind.  No sentence says it: the edges do, the command
 * line and HTTP (err_tell), and only for work that was to change something.
 */
enum err_effect {
	EFFECT_NOTHING, /* as if it had never been asked for; the default */
	EFFECT_PARTLY,  /* an earlier part was done and stays; what ended it did nothing */
	EFFECT_UNKNOWN  /* it was done or it was not: the function that failed cannot know */
};

struct err {
	enum err_code code;
	enum err_effect effect;
	char field[64];   /* JSON field, CSV column or option at fault; "" when none */
	char text[1024];  /* the sentence */
	int64_t missing;  /* cents short, 0 when this is no shortfall */
	int32_t next_due; /* civil day more money is due; meaningful when has_next_due */
	int has_next_due;
};

/*
 * err_set(err, code, field, fmt, ...):
 * Fill err, with EFFECT_NOTHING, and return -1.  field may be NULL.  The text is cut, never overrun, and what
 * a terminal should not see (check_show) is escaped: values of files and of damaged rows stand in it.
 */
int err_set(struct err *err, enum err_code code, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* err_partly(err): an earlier part was done and stays, whatever this refusal left; returns -1. */
int err_partly(struct err *);

/* err_effect_name(effect): "nothing".  err_effect_text(effect): "Nothing was changed." */
const char *err_effect_name(enum err_effect effect);
const char *err_effect_text(enum err_effect effect);

/*
 * err_tell(err, writes, out): the text that an edge shows for err: the sentence and, if the work was to
 * change something, the effect at its end.  Returns out.
 */
#define ERR_TOLD_MAX 1152
char *err_tell(const struct err *, int writes, char out[ERR_TOLD_MAX]);

/*
 * err_missing(err, field, fmt, ...): what was named is not there, in the code that says how it was named:
 * NOT_FOUND of what the request is about (field NULL), UNKNOWN_REFERENCE of what a member refers to.
 */
int err_missing(struct err *err, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* err_bug(err, where): our own fault at where (a function name); returns -1. */
int err_bug(struct err *err, const char *where);

/* The catalogue: stable code, HTTP status, exit status and title of code, and what to do about it. */
const char *err_name(enum err_code code);
int err_http(enum err_code code);
int err_exit(enum err_code code);
const char *err_title(enum err_code code);
const char *err_cure(enum err_code code);

#endif
