#include "api/cli/remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/cli/cli.h"
#include "api/http/client.h"
#include "ledger/base/id.h"
#include "ledger/base/json.h"
#include "ledger/base/limits.h"

#define ANSWER_MAX (1 << 20)

int cli_is_url(const char *db)
{
	return strncmp(db, "http://", 7) == 0 || strncmp(db, "https://", 8) == 0;
}

/* A problem's sentence and code, as a refusal of our own. */
static int refused(const char *command, const struct client_reply *r)
{
	struct err err = {0}, ignored = {0};
	struct json *doc = json_parse(buf_text(&r->body), r->body.len, &ignored);
	const char *detail = NULL, *code = NULL;

	if (doc != NULL && json_text(json_root(doc), "", "detail", sizeof err.text, &detail, &ignored) == 0 &&
	    json_text(json_root(doc), "", "code", sizeof err.field, &code, &ignored) == 0) {
		for (int c = ERR_NONE + 1; c < ERR__MAX; c++)
			if (strcmp(err_name((enum err_code)c), code) == 0)
				err_set(&err, (enum err_code)c, NULL, "%s", detail);
	}
	json_free(doc);
	if (err.code != ERR_NONE)
		return cli_refused(command, &err);
	err_set(&err, ERR_SERVER_UNREACHABLE, NULL,
		"What answered, with status %ld, does not speak as a ledger does: whether anything was done is not "
		"known. See that --url names the address of 'ila serve', and look at what stands between.",
		r->status);
	return cli_stopped(command, &err, "");
}

/* A key of our own for each request: nothing is sent twice by itself. */
static void make_idempotency_key(char out[UUID_TEXT])
{
	struct uuid id;
	struct env env;

	env_system(&env);
	out[0] = '\0';
	if (uuid7(&env, env.now(&env), NULL, &id) == 0)
		uuid_format(&id, out);
}

int cli_remote(const char *command, const char *url, const char *key, const char *path, const char *type,
	       const char *body, size_t len, struct buf *answer)
{
	struct client_reply reply = {0};
	struct err err = {0};
	char idempotency_key[UUID_TEXT];
	struct client *client = client_open(url, &err);
	int status = 0;

	make_idempotency_key(idempotency_key);
	buf_init(&reply.body, ANSWER_MAX);
	if (client == NULL)
		status = cli_refused(command, &err);
	else if (client_call(client,
			     &(struct client_request){.method = "POST",
						      .path = path,
						      .key = cli_key_secret(key),
						      .idempotency_key = idempotency_key,
						      .body = body,
						      .body_len = len,
						      .content_type = type},
			     &reply, &err) != 0)
		status = cli_stopped(command, &err, ""); /* it says itself whether anything was changed */
	else if (reply.status >= 300)
		status = refused(command, &reply);
	else
		buf_add(answer, reply.body.data, reply.body.len);
	buf_free(&reply.body);
	client_close(client);
	return status;
}

static int print_answer(int status, struct buf *answer)
{
	if (status == 0)
		printf("%s\n", buf_text(answer));
	buf_free(answer);
	return status;
}

int cli_remote_json(const char *command, const char *url, const char *key, const char *path, const char *body)
{
	struct buf answer;

	buf_init(&answer, ANSWER_MAX);
	return print_answer(
		cli_remote(command, url, key, path, "application/json", body, strlen(body), &answer),
		&answer);
}

static char *read_file(const char *file, size_t *len, struct err *err)
{
	FILE *in = fopen(file, "rb");
	struct stat st;
	char *bytes = NULL;

	if (in == NULL || fstat(fileno(in), &st) != 0 || st.st_size > HTTP_UPLOAD_MAX) {
		err_set(err, ERR_NOT_FOUND, NULL, "%s cannot be sent: %s.", file,
			in == NULL ? strerror(errno) : "it is too large");
	} else {
		*len = (size_t)st.st_size;
		bytes = malloc(*len + 1);
		if (bytes == NULL || fread(bytes, 1, *len, in) != *len) {
			err_set(err, ERR_STORAGE, NULL, "%s cannot be read.", file);
			free(bytes);
			bytes = NULL;
		}
	}
	if (in != NULL)
		fclose(in);
	return bytes;
}

int cli_remote_file(const char *command, const char *url, const char *path, const char *file)
{
	struct err err = {0};
	struct buf answer;
	size_t len = 0;
	char *bytes = read_file(file, &len, &err);
	int status;

	if (bytes == NULL)
		return cli_refused(command, &err);
	buf_init(&answer, ANSWER_MAX);
	printf("%s: ", file);
	fflush(stdout);
	status = cli_remote(command, url, NULL, path, "application/octet-stream", bytes, len, &answer);
	free(bytes);
	return print_answer(status, &answer);
}
