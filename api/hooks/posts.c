#include "api/hooks/posts.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "api/hooks/public_address.h"

#define CONNECT_TIMEOUT_MS 10000L
#define ANSWER_MAX         65536 /* bytes of an answer, which nobody reads */

struct posts {
	CURLM *multi;
	int to_private;
	struct sent *first; /* of those under way */
	int under_way;
};

/* One under way. */
struct sent {
	const struct posts *posts;
	struct sent *before, *next;
	CURL *curl;
	struct curl_slist *headers;
	void *tag;
	size_t heard;
	int refused; /* its address is not public */
};

struct posts *posts_open(int to_private, struct err *err)
{
	struct posts *p = calloc(1, sizeof *p);

	if (p == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (p->multi = curl_multi_init()) == NULL) {
		free(p);
		err_set(err, ERR_STORAGE, NULL, "The sender of webhooks could not be started.");
		return NULL;
	}
	p->to_private = to_private;
	curl_multi_setopt(p->multi, CURLMOPT_MAXCONNECTS, 64L);
	return p;
}

/* The name is resolved by now, so that what is looked at is what is connected to. */
static curl_socket_t open_socket(void *sent, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct sent *s = sent;

	(void)purpose;
	if (!s->posts->to_private && !address_is_public(&to->addr)) {
		s->refused = 1;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* An answer says nothing but its status. */
static size_t drop(char *bytes, size_t size, size_t n, void *sent)
{
	struct sent *s = sent;

	(void)bytes;
	s->heard += size * n;
	return s->heard <= ANSWER_MAX ? size * n : 0;
}

static void set_limits(CURL *curl, const struct posts *p)
{
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, p->to_private ? "http,https" : "https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, POST_TIMEOUT_S * 1000L);
	curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, (long)ANSWER_MAX);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "ila");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

static void link_in(struct posts *p, struct sent *s)
{
	p->under_way++;
	s->next = p->first;
	if (p->first != NULL)
		p->first->before = s;
	p->first = s;
}

static void link_out(struct posts *p, struct sent *s)
{
	p->under_way--;
	if (s->before != NULL)
		s->before->next = s->next;
	else
		p->first = s->next;
	if (s->next != NULL)
		s->next->before = s->before;
}

int posts_send(struct posts *p, const struct post *q, struct err *err)
{
	struct sent *s = calloc(1, sizeof *s);
	CURL *curl = curl_easy_init();

	if (s == NULL || curl == NULL)
		goto fail;
	*s = (struct sent){.posts = p, .curl = curl, .tag = q->tag};
	for (size_t i = 0; i < POST_HEADERS && q->header[i] != NULL; i++) {
		struct curl_slist *longer = curl_slist_append(s->headers, q->header[i]);

		if (longer == NULL)
			goto fail;
		s->headers = longer;
	}
	set_limits(curl, p);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, s);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, s);
	curl_easy_setopt(curl, CURLOPT_URL, q->url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, s->headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->len);
	curl_easy_setopt(curl, CURLOPT_PRIVATE, (char *)s);
	if (curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, q->body) == CURLE_OK &&
	    curl_multi_add_handle(p->multi, curl) == CURLM_OK) {
		link_in(p, s);
		return 0;
	}
fail:
	if (s != NULL)
		curl_slist_free_all(s->headers);
	free(s);
	curl_easy_cleanup(curl);
	return err_set(err, ERR_STORAGE, NULL, "A webhook could not be sent: no memory is left.");
}

static void forget(struct posts *p, struct sent *s)
{
	link_out(p, s);
	curl_multi_remove_handle(p->multi, s->curl);
	curl_easy_cleanup(s->curl);
	curl_slist_free_all(s->headers);
	free(s);
}

/* Why a request counts as failed; NULL: it does not. */
static const char *problem_of(CURLcode rc, long status, const struct sent *s)
{
	if (status >= 200 && status < 300 && (rc == CURLE_OK || rc == CURLE_WRITE_ERROR))
		return NULL;
	if (status >= 300 && status < 400)
		return "redirect";
	if (status != 0)
		return "status";
	if (s->refused)
		return "address_not_public";
	switch (rc) {
	case CURLE_OPERATION_TIMEDOUT:
		return "timeout";
	case CURLE_COULDNT_RESOLVE_HOST:
		return "name_unknown";
	case CURLE_UNSUPPORTED_PROTOCOL:
		return "not_https";
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
		return "tls";
	default:
		return "no_connection";
	}
}

int posts_next(struct posts *p, struct posted *out)
{
	struct sent *s = NULL;
	curl_off_t retry = 0;
	long status = 0;
	CURLMsg *m;
	int left;

	do
		m = curl_multi_info_read(p->multi, &left);
	while (m != NULL && m->msg != CURLMSG_DONE);
	if (m == NULL)
		return 0;
	curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&s);
	curl_easy_getinfo(m->easy_handle, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(m->easy_handle, CURLINFO_RETRY_AFTER, &retry);
	*out = (struct posted){.tag = s->tag,
			       .status = (int)status,
			       .retry_s = (int64_t)retry,
			       .problem = problem_of(m->data.result, status, s)};
	forget(p, s);
	return 1;
}

/* Where some are done already, nothing may be left that could end the wait. */
void posts_wait(struct posts *p, int ms)
{
	int running;

	if (curl_multi_perform(p->multi, &running) == CURLM_OK && running == p->under_way)
		curl_multi_poll(p->multi, NULL, 0, ms, NULL);
	curl_multi_perform(p->multi, &running);
}

void posts_wake(struct posts *p)
{
	curl_multi_wakeup(p->multi);
}

void posts_close(struct posts *p)
{
	if (p == NULL)
		return;
	while (p->first != NULL)
		forget(p, p->first);
	curl_multi_cleanup(p->multi);
	free(p);
}
