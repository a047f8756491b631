#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/house.h"

#define FILES_MAX  2048
#define FILE_BYTES (1 << 20)

static char *files[FILES_MAX];
static size_t file_count;
static int findings; /* of the check at work */
static int silent;   /* 1: a check is tried on a planted fault */

void house_find(const char *path, int line, const char *fmt, ...)
{
	va_list ap;

	findings++;
	if (silent)
		return;
	printf("# %s:%d: ", path, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

int starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

int ends(const char *s, const char *with)
{
	size_t n = strlen(s), w = strlen(with);

	return n >= w && strcmp(s + n - w, with) == 0;
}

int is_code(const char *path)
{
	return ends(path, ".c") || ends(path, ".h");
}

int is_product(const char *path)
{
	return starts(path, "ledger/") || starts(path, "api/") || starts(path, "reports/");
}

int is_product_code(const char *path)
{
	return is_product(path) && is_code(path);
}

const char *house_text(const char *path)
{
	static char text[FILE_BYTES];
	FILE *file = fopen(path, "r");

	if (file == NULL)
		return NULL; /* deleted in the work tree */
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	return text;
}

enum part { CODE, LINE, BLOCK, STRING, CHAR };

/* All but the wanted part becomes blanks. */
static const char *only(enum part wanted, const char *in, char out[FILE_BYTES])
{
	enum part state = CODE;
	size_t i = 0;

	for (; in[i] != '\0'; i++) {
		char c = in[i], next = in[i + 1];

		if (state == CODE && c == '/' && next == '*')
			state = BLOCK;
		else if (state == CODE && c == '/' && next == '/')
			state = LINE;
		else if (state == CODE && (c == '"' || c == '\''))
			state = c == '"' ? STRING : CHAR;
		else if (state == LINE && c == '\n')
			state = CODE;
		else if (state == BLOCK && c == '*' && next == '/') {
			out[i] = out[i + 1] = ' ';
			i++;
			state = CODE;
			continue;
		} else if ((state == STRING || state == CHAR) && c == '\\' && next != '\0') {
			out[i] = ' ';
			out[++i] = next == '\n' ? '\n' : ' ';
			continue;
		} else if ((state == STRING && c == '"') || (state == CHAR && c == '\'')) {
			out[i] = ' ';
			state = CODE;
			continue;
		}
		out[i] = (state == wanted && (state == CODE || c != '"')) || c == '\n' ? c : ' ';
	}
	out[i] = '\0';
	return out;
}

const char *code_of(const char *in)
{
	static char out[FILE_BYTES];

	return only(CODE, in, out);
}

const char *strings_of(const char *in)
{
	static char out[FILE_BYTES];

	return only(STRING, in, out);
}

static int in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

const char *word_in(const char *in, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = strstr(in, word); at != NULL; at = strstr(at + 1, word))
		if ((at == in || !in_word(at[-1])) && !in_word(at[n]))
			return at;
	return NULL;
}

int house_list(void **state)
{
	FILE *pipe = popen("git ls-files -co --exclude-standard 2>/dev/null", "r");
	char path[512];

	(void)state;
	while (pipe != NULL && fgets(path, sizeof path, pipe) != NULL && file_count < FILES_MAX) {
		path[strcspn(path, "\n")] = '\0';
		files[file_count++] = strdup(path);
	}
	assert_true(file_count < FILES_MAX); /* none is left unchecked */
	if (pipe != NULL)
		pclose(pipe);
	return 0;
}

char *const *house_files(size_t *count)
{
	if (file_count == 0) {
		printf("# git names no files here: nothing to check\n");
		skip();
	}
	*count = file_count;
	return files;
}

int house_faults(house_check *check, const char *path, const char *in)
{
	findings = 0;
	silent = 1;
	check(path, in);
	silent = 0;
	return findings;
}

void house_tell_apart(house_check *check, const char *path, const char *bad, const char *good)
{
	assert_int_equal(house_faults(check, path, good), 0);
	assert_int_equal(house_faults(check, path, bad), 1);
}

void house_on_all(house_check *check, int (*chosen)(const char *path))
{
	size_t count;
	char *const *paths = house_files(&count);

	findings = 0;
	for (size_t i = 0; i < count; i++) {
		const char *in = chosen(paths[i]) ? house_text(paths[i]) : NULL;

		if (in != NULL)
			check(paths[i], in);
	}
	assert_int_equal(findings, 0);
}
