#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "api/http/client.h"

#include "api/frame/batch.h"
#include "api/http/reply.h"
#include "api/http/witness.h"

#include "ledger/base/limits.h"

#define CONNECT_TIMEOUT_MS 5000L
#define CALL_TIMEOUT_MS    60000L
#define UPLOAD_TIMEOUT_MS  (HTTP_UPLOAD_S * 1000L)
#define HEADER_MAX         (TOKEN_MAX + 1024)

struct client {
	CURL *curl;
	char *base;
	struct client_tls tls;
};

struct client *client_open(const char *base, struct err *err)
{
	struct client *c = calloc(1, sizeof *c);

	if (c == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (c->curl = curl_easy_init()) == NULL || (c->base = strdup(base)) == NULL) {
		client_close(c);
		err_set(err, ERR_STORAGE, NULL, "The HTTP client could not be started.");
		return NULL;
	}
	return c;
}

void client_secure(struct client *c, const struct client_tls *tls)
{
	c->tls = *tls;
}

void client_close(struct client *c)
{
	if (c == NULL)
		return;
	curl_easy_cleanup(c->curl);
	free(c->base);
	free(c);
}

struct taking {
	CURL *curl;
	struct client_reply *reply;
};

static size_t take_body(char *bytes, size_t size, size_t n, void *taking)
{
	struct taking *t = taking;
	struct client_reply *r = t->reply;
	long status = 0;

	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
	if (r->to != NULL && status < 300)
		return fwrite(bytes, size, n, r->to) * size;
	buf_add(&r->body, bytes, size * n);
	return buf_ok(&r->body) ? size * n : 0;
}

/* Is it this header?  Then its value, without the end of the line. */
static int is_header(const char *line, size_t len, const char *name, char *value, size_t size)
{
	size_t n = strlen(name);

	if (len < n || strncasecmp(line, name, n) != 0)
		return 0;
	while (n < len && line[n] == ' ')
		n++;
	while (len > n && (line[len - 1] == '\r' || line[len - 1] == '\n'))
		len--;
	snprintf(value, size, "%.*s", (int)(len - n), line + n);
	return 1;
}

static size_t take_header(char *bytes, size_t size, size_t n, void *reply)
{
	struct client_reply *r = reply;
	char value[HEAD_TEXT];

	if (is_header(bytes, size * n, "Idempotent-Replayed:", value, sizeof value))
		r->replayed = strcasecmp(value, "true") == 0;
	else if (is_header(bytes, size * n, "Retry-After:", value, sizeof value))
		r->retry_after = (int)strtol(value, NULL, 10);
	else if (is_header(bytes, size * n, "Content-Type:", value, sizeof value))
		snprintf(r->content_type, sizeof r->content_type, "%.63s", value);
	else if (is_header(bytes, size * n, HEAD_HEADER ":", value, sizeof value))
		(void)head_parse(value, &r->head);
	return size * n;
}

/* Append "NAME: VALUE" to list; NULL when that fails, list then freed. */
static struct curl_slist *with_header(struct curl_slist *list, const char *name, const char *value)
{
	struct curl_slist *longer = NULL;
	struct buf line;

	buf_init(&line, HEADER_MAX);
	buf_format(&line, "%s%s", name, value);
	if (buf_ok(&line))
		longer = curl_slist_append(list, buf_text(&line));
	if (longer == NULL)
		curl_slist_free_all(list);
	buf_free(&line);
	return longer;
}

static struct curl_slist *headers_of(const struct client_request *q)
{
	struct curl_slist *list = with_header(NULL, "Accept: ", "application/json");

	if (list != NULL && q->key != NULL)
		list = with_header(list, "Authorization: Bearer ", q->key);
	if (list != NULL && q->idempotency_key != NULL)
		list = with_header(list, "Idempotency-Key: ", q->idempotency_key);
	if (list != NULL && q->request_id != NULL)
		list = with_header(list, "Request-Id: ", q->request_id);
	if (list != NULL && q->forwarded)
		list = with_header(list, FORWARDED_HEADER ": ", "1");
	if (list != NULL && q->witness != NULL)
		list = with_header(list, WITNESS_HEADER ": ", q->witness);
	if (list != NULL && (q->body != NULL || q->body_file != NULL))
		list = with_header(list,
				   "Content-Type: ", q->content_type ? q->content_type : "application/json");
	return list;
}

static int is_distrust(CURLcode rc)
{
	return rc == CURLE_PEER_FAILED_VERIFICATION || rc == CURLE_SSL_CACERT_BADFILE;
}

static int is_batch(const struct client_request *q)
{
	return q->content_type != NULL && strcmp(q->content_type, BATCH_TYPE) == 0;
}

/* What to do, also when nobody knows: a file of which rows are in is completed by itself. */
static const char *cure_of(CURLcode rc, const struct client_request *q, int begun)
{
	if (is_distrust(rc))
		return "The server's certificate is not trusted here: name who signed it with --ca-file, and the "
		       "server as its certificate does.";
	if (rc == CURLE_SSL_CERTPROBLEM)
		return "Look at --client-certificate and --client-key: a certificate and its own key, in PEM.";
	if (!begun)
		return "Check that 'ila serve' runs there and that --url names its address.";
	if (is_batch(q))
		return "Send the same file again: what is done is done once.";
	if (q->body_file != NULL)
		return "Rows of the file may be in. Send the same file again: it goes on from there, and rows that are in "
		       "count as unchanged.";
	return "The request may or may not have been applied: check before resending.";
}

/* Before it was connected nothing can have been done; afterwards only the server knows. */
static int no_answer(CURLcode rc, const struct client_request *q, const char *url, struct err *err)
{
	int begun = !is_distrust(rc) && rc != CURLE_SSL_CERTPROBLEM && rc != CURLE_SSL_CONNECT_ERROR &&
		    rc != CURLE_COULDNT_CONNECT && rc != CURLE_COULDNT_RESOLVE_HOST &&
		    rc != CURLE_URL_MALFORMAT && rc != CURLE_UNSUPPORTED_PROTOCOL;

	err_set(err, ERR_SERVER_UNREACHABLE, NULL, "No answer to %s %s: %s. %s", q->method, url,
		curl_easy_strerror(rc), cure_of(rc, q, begun));
	err->effect = begun ? EFFECT_UNKNOWN : EFFECT_NOTHING;
	return -1;
}

static size_t read_file(char *to, size_t size, size_t n, void *file)
{
	size_t got = fread(to, size, n, file);

	return ferror((FILE *)file) ? CURL_READFUNC_ABORT : got;
}

/* The body as it is read: a file of any size takes no memory.  What is no file is refused in the words of the
 * importer. */
static int send_file(struct client *c, const char *name, FILE **file, struct err *err)
{
	struct stat st;

	*file = fopen(name, "rb");
	if (*file == NULL || fstat(fileno(*file), &st) != 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "The file %.400s cannot be opened: %s.", name,
			       strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_MALFORMED, NULL, "%.400s is not a regular file.", name);
	if (st.st_size > HTTP_UPLOAD_MAX)
		return err_set(err, ERR_LIMIT, NULL,
			       "%.400s has %lld bytes, more than the %lld that are sent.", name,
			       (long long)st.st_size, HTTP_UPLOAD_MAX);
	curl_easy_setopt(c->curl, CURLOPT_POST, 1L);
	curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)st.st_size);
	curl_easy_setopt(c->curl, CURLOPT_READFUNCTION, read_file);
	curl_easy_setopt(c->curl, CURLOPT_READDATA, *file);
	curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, UPLOAD_TIMEOUT_MS);
	return 0;
}

static int is_set(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* Both ends prove who they are, where they have to: libcurl looks at the server's name and chain by itself.
 */
static void secure(CURL *curl, const struct client_tls *tls)
{
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (is_set(tls->ca_file))
		curl_easy_setopt(curl, CURLOPT_CAINFO, tls->ca_file);
	if (is_set(tls->certificate))
		curl_easy_setopt(curl, CURLOPT_SSLCERT, tls->certificate);
	if (is_set(tls->key))
		curl_easy_setopt(curl, CURLOPT_SSLKEY, tls->key);
}

static int wait_on(void *request, curl_off_t down, curl_off_t received, curl_off_t size, curl_off_t sent)
{
	const struct client_request *q = request;

	(void)down;
	if (received == 0)
		q->waiting(q->waiting_arg, (int64_t)sent, (int64_t)size);
	return 0;
}

/* libcurl gives it back as it was handed over. */
static void set_waiting(struct client *c, const struct client_request *q)
{
	if (q->waiting == NULL)
		return;
	curl_easy_setopt(c->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c->curl, CURLOPT_XFERINFOFUNCTION, wait_on);
	curl_easy_setopt(c->curl, CURLOPT_XFERINFODATA, q);
}

static int perform(struct client *c, const struct client_request *q, const char *url,
		   struct curl_slist *headers, struct client_reply *r, struct err *err)
{
	struct taking taking = {c->curl, r};
	FILE *file = NULL;
	CURLcode rc;

	curl_easy_reset(c->curl);
	curl_easy_setopt(c->curl, CURLOPT_URL, url);
	curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c->curl, CURLOPT_PROXY, "");
	secure(c->curl, &c->tls);
	curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS,
			 q->body_len > HTTP_BODY_MAX ? UPLOAD_TIMEOUT_MS : CALL_TIMEOUT_MS);
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, q->method);
	if (q->body != NULL) {
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)(q->body_len ? q->body_len : strlen(q->body)));
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, q->body);
	}
	if (q->body_file != NULL && send_file(c, q->body_file, &file, err) != 0) {
		if (file != NULL)
			fclose(file);
		return -1;
	}
	if (q->patience_ms > 0)
		curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, (long)q->patience_ms);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &taking);
	curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, r);
	set_waiting(c, q);
	rc = curl_easy_perform(c->curl);
	if (file != NULL)
		fclose(file);
	if (rc != CURLE_OK)
		return no_answer(rc, q, url, err);
	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &r->status);
	return 0;
}

int client_call(struct client *c, const struct client_request *q, struct client_reply *r, struct err *err)
{
	struct curl_slist *headers = headers_of(q);
	struct buf url;
	int rc;

	r->status = 0;
	r->replayed = r->retry_after = 0;
	r->content_type[0] = '\0';
	memset(&r->head, 0, sizeof r->head);
	buf_clear(&r->body);
	buf_init(&url, HEADER_MAX);
	buf_format(&url, "%s%s", c->base, q->path);
	if (headers == NULL || !buf_ok(&url))
		rc = err_set(err, ERR_LIMIT, NULL, "The request %s %s is too long.", q->method, q->path);
	else
		rc = perform(c, q, buf_text(&url), headers, r, err);
	buf_free(&url);
	curl_slist_free_all(headers);
	return rc;
}
