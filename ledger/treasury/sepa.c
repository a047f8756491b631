#include "ledger/treasury/sepa.h"

#include <string.h>

/* Letters from a first one on, each as a word; '.' has no counterpart, '_' is left out. */
static const struct {
	unsigned first, last;
	const char *words;
} ranges[] = {
	{0xC0, 0xFF,
	 "A A A A A A AE C E E E E I I I I D N O O O O O . O U U U U Y TH ss "
	 "a a a a a a ae c e e e e i i i i d n o o o o o . o u u u u y th y"},
	{0x100, 0x17F,
	 "A a A a A a C c C c C c C c D d D d E e E e E e E e E e G g G g G g G g H h H h I i I i I i I i I i "
	 "IJ ij J j K k k L l L l L l L l L l N n N n N n n N n O o O o O o OE oe R r R r R r S s S s S s S s "
	 "T t T t T t U u U u U u U u U u U u W w Y y Y Z z Z z Z z s"},
	{0x218, 0x21B, "S s T t"},
	{0x300, 0x36F, "_"},
	{0x386, 0x386, "A"},
	{0x388, 0x38A, "E I I"},
	{0x38C, 0x38C, "O"},
	{0x38E, 0x3CE,
	 "Y O i A V G D E Z I Th I K L M N X O P R . S T Y F Ch Ps O I Y a e i i y "
	 "a v g d e z i th i k l m n x o p r s s t y f ch ps o i y o y o"},
	{0x410, 0x44F,
	 "A B V G D E Zh Z I Y K L M N O P R S T U F H Ts Ch Sh Sht A Y Y E Yu Ya "
	 "a b v g d e zh z i y k l m n o p r s t u f h ts ch sh sht a y y e yu ya"},
	{0x2010, 0x2015, "-"},
	{0x2018, 0x2019, "'"},
	{0x20AC, 0x20AC, "E"},
};

static const char *word_of(unsigned code, size_t *n)
{
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
		const char *at = ranges[i].words, *next;

		if (code < ranges[i].first || code > ranges[i].last)
			continue;
		/* A single word stands for all of its range. */
		for (unsigned k = ranges[i].first; k < code && (next = strchr(at, ' ')) != NULL; k++)
			at = next + 1;
		*n = *at == '_' ? 0 : strcspn(at, " ");
		return at;
	}
	*n = 1;
	return ".";
}

static int is_plain(char c)
{
	return c != '\0' &&
	       strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ", c) != NULL;
}

/* The next character of UTF-8; what is none counts as a byte without a counterpart. */
static unsigned next_code(const unsigned char **at)
{
	const unsigned char *p = *at;
	size_t more = p[0] >= 0xF0 ? 3 : p[0] >= 0xE0 ? 2 : p[0] >= 0xC0 ? 1 : 0;
	unsigned code = more == 0 ? p[0] : p[0] & (0x3Fu >> more);

	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xC0) != 0x80) {
			*at = p + 1;
			return 0;
		}
		code = code << 6 | (p[i] & 0x3Fu);
	}
	*at = p + 1 + more;
	return code;
}

static const char *ascii(char c, size_t *n)
{
	static const char same[] = "&+;,_-|/\"'`'\t \n \r @.";
	static _Thread_local char as[2];
	const char *at = c == '\0' ? NULL : strchr(same, c);

	*n = 1;
	as[0] = is_plain(c) ? c : at != NULL && (at - same) % 2 == 0 ? at[1] : '.';
	return as;
}

char *sepa_text(const char *text, char *out, size_t size)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t len = 0;

	while (*at != '\0') {
		unsigned code = next_code(&at);
		size_t n;
		const char *word = code < 0x80 ? ascii((char)code, &n) : word_of(code, &n);
		int joins = n == 1 && (*word == ' ' || *word == '/');

		if (joins && (len == 0 || out[len - 1] == *word))
			continue;
		if (len + n >= size)
			break;
		memcpy(out + len, word, n);
		len += n;
	}
	while (len > 0 && (out[len - 1] == ' ' || out[len - 1] == '/'))
		len--;
	out[len] = '\0';
	return out;
}
