#include "ledger/registers/course_term.h"

#include <stdio.h>
#include <string.h>

/* --- words ------------------------------------------------------------------------ */

/* The base letter of U+00C0 to U+00FF and of U+0100 to U+017F; '*': two letters, below; ' ': none. */
static const char latin1[] = "aaaaaa*ceeeeiiii*nooooo ouuuuy**aaaaaa*ceeeeiiii*nooooo ouuuuy*y";
static const char latin_a[] = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii**jjkkklllllllllln"
			      "nnnnnnnnoooooo**rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

_Static_assert(sizeof latin1 == 0x40 + 1, "a base letter for each of Latin-1's");
_Static_assert(sizeof latin_a == 0x80 + 1, "a base letter for each of Latin Extended-A's");

static const char *two_letters(uint32_t code)
{
	switch (code) {
	case 0xC6:
	case 0xE6:
		return "ae";
	case 0xDF:
		return "ss";
	case 0x152:
	case 0x153:
		return "oe";
	case 0x132:
	case 0x133:
		return "ij";
	case 0xDE:
	case 0xFE:
		return "th";
	default:
		return "d"; /* eth */
	}
}

/* The character at text, of valid UTF-8; *len: its bytes. */
static uint32_t character(const char *text, size_t *len)
{
	const unsigned char *at = (const unsigned char *)text;
	uint32_t code = at[0];

	*len = code < 0x80 ? 1 : code < 0xE0 ? 2 : code < 0xF0 ? 3 : 4;
	code = *len == 1 ? code : code & (0x7FU >> *len);
	for (size_t i = 1; i < *len && at[i] != '\0'; i++)
		code = code << 6 | (at[i] & 0x3F);
	return code;
}

/* Greek and Cyrillic capitals, by their distance from the small letters. */
static uint32_t small_letter(uint32_t code)
{
	if ((code >= 0x391 && code <= 0x3A9) || (code >= 0x410 && code <= 0x42F))
		return code + 0x20;
	return code >= 0x400 && code <= 0x40F ? code + 0x50 : code;
}

/*
 * A character as words spell it, into out: its bytes; 0: it ends a word; -1: an accent
 * of its own, which does not.  Of scripts that are not known here each character stays
 * as it is.
 */
static int spell(uint32_t code, const char *text, size_t len, char out[4])
{
	const char *two;

	if (code < 0x80) {
		out[0] = (char)(code >= 'A' && code <= 'Z' ? code - 'A' + 'a' : code);
		return (out[0] >= 'a' && out[0] <= 'z') || (out[0] >= '0' && out[0] <= '9');
	}
	if (code >= 0x300 && code < 0x370)
		return -1;
	if (code < 0xC0 || (code >= 0x2000 && code < 0x2070) || (code >= 0x3000 && code < 0x3040))
		return 0;
	if (code < 0x180) {
		out[0] = code < 0x100 ? latin1[code - 0xC0] : latin_a[code - 0x100];
		if (out[0] != '*')
			return out[0] != ' ';
		two = two_letters(code);
		memcpy(out, two, strlen(two));
		return (int)strlen(two);
	}
	memcpy(out, text, len);
	if (len == 2 && small_letter(code) != code) {
		code = small_letter(code);
		out[0] = (char)(0xC0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3F));
	}
	return (int)len;
}

static int holds(const struct terms *t, const char *term)
{
	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->of[i], term) == 0)
			return 1;
	return 0;
}

static void add(struct terms *t, const char *term)
{
	if (term[0] != '\0' && t->count < TERMS_MAX && !holds(t, term))
		snprintf(t->of[t->count++], TERM_TEXT, "%s", term);
}

void terms_add_words(struct terms *t, const char *text)
{
	char word[TERM_MAX + 1];
	size_t n = 0, len;

	for (; *text != '\0'; text += len) {
		uint32_t code = character(text, &len);
		char letters[4];
		int count = spell(code, text, len, letters);

		if (count == 0) {
			word[n] = '\0';
			add(t, word);
			n = 0;
		}
		if (count > 0 && n + (size_t)count <= TERM_MAX) {
			memcpy(word + n, letters, (size_t)count);
			n += (size_t)count;
		}
	}
	word[n] = '\0';
	add(t, word);
}

void terms_add_provider(struct terms *t, int64_t org)
{
	char term[TERM_TEXT];

	snprintf(term, sizeof term, "p:%lld", (long long)org);
	add(t, term);
}

void terms_add_certification(struct terms *t, const char *code)
{
	char term[TERM_TEXT];

	snprintf(term, sizeof term, "c:%s", code);
	if (code[0] != '\0')
		add(t, term);
}

void terms_add_region(struct terms *t, const char *region)
{
	char term[TERM_TEXT];

	snprintf(term, sizeof term, "r:%s", region);
	for (char *c = term; *c != '\0'; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
	if (region[0] != '\0')
		add(t, term);
}

/* --- of a course ------------------------------------------------------------------ */

static void terms_of(const struct course *c, struct terms *t)
{
	t->count = 0;
	if (c == NULL)
		return;
	terms_add_provider(t, c->provider);
	terms_add_certification(t, c->certification);
	terms_add_region(t, c->region);
	terms_add_words(t, c->code);
	terms_add_words(t, c->title);
}

int course_terms_put(struct tx *tx, const struct course *old, const struct course *c, struct err *err)
{
	struct terms before, now;

	terms_of(old, &before);
	terms_of(c, &now);
	for (size_t i = 0; i < before.count; i++)
		if (!holds(&now, before.of[i]) &&
		    db_run(tx->db, "DELETE FROM course_term WHERE term = $1 AND course = $2",
			   VALS(v_text(before.of[i]), v_int(c->id)), err) != 0)
			return -1;
	for (size_t i = 0; i < now.count; i++)
		if (!holds(&before, now.of[i]) &&
		    db_run(tx->db,
			   "INSERT INTO course_term (term, course) VALUES ($1, $2) "
			   "ON CONFLICT (term, course) DO NOTHING",
			   VALS(v_text(now.of[i]), v_int(c->id)), err) != 0)
			return -1;
	return 0;
}

int course_terms_take_up(struct tx *tx, int64_t after, int64_t *last, struct err *err)
{
	struct course c;

	*last = after;
	for (int i = 0; i < COURSES_AT_ONCE; i++) {
		int rc = record_find(tx->db, &course_record, "WHERE id > $1 ORDER BY id LIMIT 1",
				     VALS(v_int(*last)), &c, err);

		if (rc == 0)
			*last = 0;
		if (rc != 1)
			return rc;
		if (course_terms_put(tx, NULL, &c, err) != 0)
			return -1;
		*last = c.id;
	}
	return 0;
}
