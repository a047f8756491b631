/*
 * Checks of identifiers and text that come from outside.  Each check returns 1 when
 * the text is well formed, else 0; NULL is never passed.
 */
#ifndef ILA_BASE_CHECK_H
#define ILA_BASE_CHECK_H

#include <stddef.h>

/* Nine / fourteen digits, Luhn; La Poste's establishments (356000000xxxxx) by their digit sum. */
int check_siren(const char *);
int check_siret(const char *);

/* Number of declaration of activity: eleven characters, digits (2A, 2B for Corsica). */
int check_nda(const char *);

/* "RNCP" or "RS" and one to six digits. */
int check_certification(const char *);

/* ISO 13616: length by country where known, mod 97 = 1; no blanks, upper case. */
int check_iban(const char *);

/* 1 to CODE_MAX of [A-Za-z0-9_.:/-], first character alphanumeric. */
int check_code(const char *);

/* A learner's pseudonym: a code that does not look like a national number (13 or 15 digits, NIR). */
int check_pseudonym(const char *);

/*
 * check_personal(text): what in it looks like personal data, for a refusal that does not
 * repeat it: "a national number" (as above, or written in groups), "an IBAN", "an
 * e-mail address", "a phone number" (with its country, or ten digits that begin with
 * 0); NULL nothing does.
 */
const char *check_personal(const char *);

/* 1 to REASON_MAX of [a-z0-9_]. */
int check_reason(const char *);

/* Letters, digits and what separates them in names that programs make ("_:.-"), at least one: safe in a
 * header, a URI and a log. */
int check_label(const char *, size_t len);

/*
 * check_text(text, max): valid UTF-8 of 1 to max bytes without control
 * characters, bidirectional overrides (U+202A-E, U+2066-9) or non-characters.
 */
int check_text(const char *, size_t max);
int check_utf8(const char *, size_t len);

/* check_length(text): how many characters text of valid UTF-8 has. */
size_t check_length(const char *);

/*
 * check_utf16(text, len): it begins as UTF-16 does: with its byte order mark, or a NUL in every other byte.
 */
int check_utf16(const char *, size_t len);

/*
 * check_show(text, out, size): text for a terminal or an answer: a byte that check_text would not
 * pass stands there as \xNN; cut before what does not fit as a whole.  Returns out.
 */
char *check_show(const char *text, char *out, size_t size);

#endif
