/*
 * A member of what an action takes or gives: its name outside, its type, and
 * where it lies in a C struct.  One description serves every door: the JSON body
 * and its checks, path and query, the options of the command line, the JSON of
 * an answer, and reading that JSON back.
 *
 * A member that is absent has a value of its own: "" of a text, DAY_NONE of a
 * day, 0 of an instant and of a set, `absent` of a number or an amount, a value without a word
 * of a word of a list, and of an object that its first member, an int, is 0.  A
 * list that was never made is absent.
 */
#ifndef ILA_API_FRAME_MEMBER_H
#define ILA_API_FRAME_MEMBER_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/base/arena.h"
#include "ledger/base/buf.h"
#include "ledger/forms/json.h"
#include "ledger/ledger.h"
#include "ledger/oversight/metadata.h"

enum member_type {
	M_CODE,    /* char[CODE_MAX + 1]: text that check_code() accepts */
	M_WORD,    /* char[REASON_MAX + 1]: a reason code */
	M_TEXT,    /* char[]: short free text */
	M_STRING,  /* const char *, of an answer; word, where there is one, lists what it may be */
	M_AMOUNT,  /* int64_t: minor units, min to max (1 to AMOUNT_MAX when both are 0) */
	M_NUMBER,  /* int or int64_t, min to max */
	M_DAY,     /* day_t */
	M_INSTANT, /* int64_t */
	M_UUID,    /* struct uuid; all zero is absent */
	M_FLAG,    /* int; one whose absent is -1 may be left as it is, and is typed with its value */
	M_ONE_OF,  /* int or an enum: word(value) */
	M_SET,     /* unsigned: a bit for each word(value) that is in it; typed, and behind the '?', the words
		      with     commas between; taken only */
	M_OBJECT,  /* a struct that begins with int known, described by of */
	M_INLINE,  /* of an answer: such a struct, whose members stand among those around it (its name is "");
		      read back, it is there when its first member is */
	M_LIST,    /* struct list of structs, described by of; of bare texts where that is one M_STRING whose
		      name is "" */
	M_SECRET,  /* char[VOUCHER_CODE_TEXT], of an answer: a voucher's code, filled in after the commit */
	M_LINES,   /* const char *, of an answer: text of several lines */
	M_RAW,     /* const char *, of an answer: JSON as it stands */
	M_CURRENCY,    /* nowhere: the ledger's currency; taken, it must be that */
	M_LIVEMODE,    /* nowhere: true in a real ledger, false in a sandbox */
	M_PAIRS,       /* struct metadata_pairs: taken: an object of texts; typed: key=value,key=value */
	M_CERTIFICATE, /* char[SHA256_HEX]: a certificate by its thumbprint; taken: PEM, or a thumbprint as
			  thumbprint_parse() knows it; typed: that, or a file in PEM or DER */
	M_FILE         /* struct member_file; over HTTP the body itself, in the query what it is called */
};

enum {
	M_NEEDED = 1,   /* taken: must be there */
	M_PATH = 2,     /* taken: a {name} of the path */
	M_QUERY = 4,    /* taken: a parameter behind the '?' */
	M_POSITION = 8, /* taken: on the command line a word in its place, not an option */
	M_NULL = 16,    /* given: null when absent (a number: when it is negative) */
	M_OMIT = 32,    /* given: left out when absent */
	M_BARE = 128,   /* given: told on the command line without its name */
	M_GO_ON = 64,   /* taken: moved on by the action's again(), which the command line does by itself */
	M_SHOWN = 256   /* taken: it stands in the example of a request, though it need not be there */
};

struct list {
	size_t count;
	void *at;
};

#define PATH_TEXT      4096 /* of where a file is */
#define FILE_NAME_TEXT 128  /* and of its own name */

struct member_file {
	char path[PATH_TEXT];
	char name[FILE_NAME_TEXT]; /* for the record; "" when it has none */
};

struct member {
	const char *name; /* NULL ends a table */
	enum member_type type;
	unsigned flags;
	size_t offset, size;
	int64_t min, max, absent;
	const char *(*word)(int value); /* "" not offered; NULL past the last */
	const struct member *of;        /* of an object, or of each item of a list */
	size_t item;                    /* size of one item */
	const char *option;             /* on the command line, when it is not the name with '-' for '_'; of a
					   word of a list: a switch that chooses the second one */
	const char *noun;               /* "'x' is no NOUN"; NULL: by type */
	const char *help, *example;     /* one line; a value as typed on the command line */
};

/* IN(struct t, m): where a member lies. */
#define IN(t, m) .offset = offsetof(t, m), .size = sizeof(((t *)0)->m)

#define MEMBERS_END                                                                                          \
	{                                                                                                    \
		.name = NULL                                                                                 \
	}
#define CURRENCY                                                                                             \
	{                                                                                                    \
		.name = "currency", .type = M_CURRENCY                                                       \
	}
#define LIVEMODE                                                                                             \
	{                                                                                                    \
		.name = "livemode", .type = M_LIVEMODE                                                       \
	}
#define MEMBERS_MAX 40 /* of one table */

/* members_clear(members, base): every member absent. */
void members_clear(const struct member *, void *base);

/* member_is_there(m, base): it is not absent. */
int member_is_there(const struct member *, const void *base);

/*
 * member_from_text(m, text, exponent, base, err): as typed, or as it stands in a
 * path or query.  FIELD_INVALID names what it should be.  exponent: decimals of
 * an amount, 0 in a query.
 */
int member_from_text(const struct member *, const char *text, int exponent, void *base, struct err *);

/* member_file_name(m, name, base, err): what the file is called at the other end. */
int member_file_name(const struct member *, const char *name, void *base, struct err *);

/* member_to_text(m, base, exponent, out): the inverse, for a path, a query or people; "" when absent. */
void member_to_text(const struct member *, const void *base, int exponent, struct buf *out);

/*
 * members_from_body(members, body, settings, base, err): the members of a
 * request's body, those of path and query apart: an unknown, missing or malformed
 * one is refused by its name.
 */
int members_from_body(const struct member *, const struct json_node *body, const struct ledger_settings *,
		      void *base, struct err *);

/* members_to_body: the inverse: an object of those that are there. */
void members_to_body(const struct member *, const void *base, const struct ledger_settings *,
		     struct buf *out);

/* members_to_json(members, base, settings, out): an answer, or one item of it, as an object. */
void members_to_json(const struct member *, const void *base, const struct ledger_settings *,
		     struct buf *out);

/*
 * members_from_json(members, node, arena, base, err): an answer read back; what is
 * null, missing or unknown here is absent.  Texts and lists lie in the arena.
 */
int members_from_json(const struct member *, const struct json_node *, struct arena *, void *base,
		      struct err *);

/* members_reveal(members, base, code): the code of a voucher into the secrets that are there. */
void members_reveal(const struct member *, void *base, const char *code);

/* member_option(prefix, m, out): its option, without the dashes; prefix: of the object it is in, or NULL. */
#define OPTION_TEXT 64
char *member_option(const char *prefix, const struct member *, char out[OPTION_TEXT]);

/* list_make(list, arena, count, size): room for that many items, zeroed; 0 or -1 (LIMIT). */
int list_make(struct list *, struct arena *, size_t count, size_t size, struct err *);

#endif
