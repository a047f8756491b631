/*
 * Members of a programme document, one kind each: what its readers share.
 *
 * n is the object that holds the member name, path its own place in the
 * document ("funds[1]", "" the root).  0 and *out filled, or -1 with an err that
 * names the member by its path.
 */
#ifndef ILA_RULES_PROGRAMME_MEMBER_H
#define ILA_RULES_PROGRAMME_MEMBER_H

#include "ledger/forms/json.h"
#include "ledger/rules/programme_file.h"

/* holidays[], which a calendar LISTED has and no other: days in order, of every year from that of valid_from
 * through the one after valid_to. */
int member_holidays(const struct json_node *root, struct rule *, struct err *);

/* A member that has the right type and is not well formed: "PATH.NAME WHAT."  Always -1. */
int member_refuse(const char *path, const char *name, const char *what, struct err *);

/* A code of letters, digits and _.:/- (check_code). */
int member_code(const struct json_node *n, const char *path, const char *name, char out[CODE_MAX + 1],
		struct err *);
/* A word of a-z, 0-9 and _ (check_reason). */
int member_word(const struct json_node *n, const char *path, const char *name, char out[REASON_MAX + 1],
		struct err *);
/* A whole number from 0 to max. */
int member_int(const struct json_node *n, const char *path, const char *name, int max, int *out,
	       struct err *);

/* The i-th text, of at most max bytes, of a list that is that member. */
int member_text_at(const struct json_node *list, const char *path, const char *name, size_t i, size_t max,
		   const char **out, struct err *err);

/* A list of at most CLASSES_MAX words; none when it is absent. */
int member_words(const struct json_node *n, const char *path, const char *name, char out[][REASON_MAX + 1],
		 size_t *count, struct err *);

/* The member grants[] of the root (programme_grants.c). */
int member_grants(const struct json_node *root, struct rule *, struct err *);

/* The member own_money, or what holds where there is none: paid back after OWN_PAY_BACK_DAYS, never
 * prescribed (programme_own.c). */
int member_own_money(const struct json_node *root, struct rule *, struct err *);

/* An element of funds[], n itself; its programme is the rule's, which notes whether it carries its budget. */
int member_fund(const struct json_node *n, const char *path, struct rule *, struct rule_fund *out,
		struct err *);

/* The member attendance of the root, where there is one; after deadlines and control, which bound it. */
int member_attendance(const struct json_node *root, struct rule *, struct err *);

/* The members caps[] and untitled[] of the root (programme_caps.c). */
int member_caps(const struct json_node *root, struct rule *, struct err *);
int member_untitled(const struct json_node *root, struct rule *, struct err *);

/* The member accrual of the document root, where there is one. */
int member_accrual(const struct json_node *root, struct rule *, struct err *);

#endif
