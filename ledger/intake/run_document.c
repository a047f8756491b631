#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger/intake/run.h"

char *import_read(const char *path, size_t max, size_t *len, struct err *err)
{
	char *text = malloc(max + 2);
	FILE *in = fopen(path, "re");
	struct stat st;
	int rc = -1;

	*len = 0;
	if (text == NULL)
		err_bug(err, "import: memory is exhausted");
	else if (in == NULL || fstat(fileno(in), &st) != 0)
		err_set(err, errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_STORAGE, NULL,
			"The file %.400s cannot be opened: %s.", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		err_set(err, ERR_MALFORMED, NULL, "%.400s is not a regular file.", path);
	else if ((*len = fread(text, 1, max + 1, in)) > max)
		err_set(err, ERR_LIMIT, NULL, "%.400s has more than the %zu bytes that are read.", path, max);
	else
		rc = ferror(in) ? err_set(err, ERR_STORAGE, NULL, "The file %.400s cannot be read.", path)
				: 0;
	if (in != NULL)
		fclose(in);
	if (rc != 0) {
		free(text);
		return NULL;
	}
	text[*len] = '\0';
	return text;
}

int run_document(struct run *r, struct err *err)
{
	struct err why = {0};
	enum upsert done;
	size_t len;
	char *text = import_read(r->path, r->format->document_max, &len, err);
	int rc;

	if (text == NULL)
		return -1;
	if (run_dialect(r, 0, err) != 0) {
		free(text);
		return -1;
	}
	r->result->format = r->format->name;
	sha256(text, len, r->hash);
	rc = run_known(r, err);
	if (rc == 0 && run_agree(r, err) != 0)
		rc = -1;
	if (rc == 0) {
		r->result->rows = 1;
		rc = r->format->document(r->tx, text, len, &done, &why);
		if (rc == 0)
			run_count(r->result, done);
		else
			rc = run_refuse_document(r, text, len, &why, err);
	}
	free(text);
	return rc < 0 ? -1 : 0;
}
