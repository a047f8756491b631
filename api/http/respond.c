#include "api/http/respond.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/http/metrics.h"

static struct MHD_Response *make_response(struct reply *r)
{
	size_t len = r->body.len;
	char *text;

	if (r->file >= 0) {
		struct MHD_Response *response;
		off_t size = lseek(r->file, 0, SEEK_END);

		response = size < 0 ? NULL : MHD_create_response_from_fd64((uint64_t)size, r->file);
		if (response != NULL)
			r->file = -1; /* the response closes it */
		return response;
	}
	text = buf_steal(&r->body);
	if (text == NULL)
		return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	return MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
}

/* What is left, of each quota (draft-ietf-httpapi-ratelimit-headers-11). */
static void add_quotas(struct MHD_Response *response, const struct reply *r)
{
	char policy[128] = "", left[128] = "";
	size_t p = 0, n = 0;

	for (size_t i = 0; i < r->quotas; i++) {
		const struct reply_quota *q = &r->quota[i];

		p += (size_t)snprintf(policy + p, sizeof policy - p, "%s\"%s\";q=%lld;w=%lld",
				      i > 0 ? ", " : "", q->name, (long long)q->limit.quota,
				      (long long)q->limit.seconds);
		n += (size_t)snprintf(left + n, sizeof left - n, "%s\"%s\";r=%lld;t=%lld", i > 0 ? ", " : "",
				      q->name, (long long)q->left.requests, (long long)q->left.more_s);
	}
	if (r->quotas > 0) {
		MHD_add_response_header(response, "RateLimit-Policy", policy);
		MHD_add_response_header(response, "RateLimit", left);
	}
}

/* For a page of that origin.  Its browser sends no cookies along (and none are read): a page that has a key
 * sends it itself. */
static void add_cors(struct MHD_Response *response, const struct reply *r)
{
	MHD_add_response_header(response, "Access-Control-Allow-Origin", r->origin);
	if (!r->preflight) {
		MHD_add_response_header(response, "Access-Control-Expose-Headers",
					"ETag, Idempotent-Replayed, ILA-Head, RateLimit, RateLimit-Policy, "
					"Request-Id, Retry-After");
		return;
	}
	MHD_add_response_header(response, "Access-Control-Allow-Methods", "GET, HEAD, POST");
	MHD_add_response_header(response, "Access-Control-Allow-Headers",
				"Authorization, Content-Type, Idempotency-Key, If-None-Match, Request-Id");
	MHD_add_response_header(response, "Access-Control-Max-Age", "600");
}

static void add_headers(struct MHD_Response *response, const struct exchange *x, int last)
{
	const struct reply *r = &x->reply;
	char number[16], head[HEAD_TEXT], etag[ETAG_TEXT + 2];
	const char *challenge = auth_challenge(&x->shown, &x->request.actor, (unsigned)r->status);

	if (r->status != 204 && r->status != 304)
		MHD_add_response_header(response, "Content-Type",
					r->content_type ? r->content_type : "application/json");
	MHD_add_response_header(response, "Request-Id", x->request_id);
	MHD_add_response_header(response, "Cache-Control", r->is_public ? "no-cache" : "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	/* A page of ours brings its style and asks for nothing else. */
	if (r->content_type != NULL && strncmp(r->content_type, "text/html", 9) == 0)
		MHD_add_response_header(response, "Content-Security-Policy",
					"default-src 'none'; style-src 'unsafe-inline'");
	if (challenge != NULL)
		MHD_add_response_header(response, "WWW-Authenticate", challenge);
	if (r->disposition[0] != '\0')
		MHD_add_response_header(response, "Content-Disposition", r->disposition);
	if (r->etag[0] != '\0') {
		/* The same answer in other bytes: as good, not equal. */
		snprintf(etag, sizeof etag, "%s%s", r->is_gzip ? "W/" : "", r->etag);
		MHD_add_response_header(response, "ETag", etag);
	}
	if (r->is_reading || r->varies_by_origin)
		MHD_add_response_header(response, "Vary",
					!r->varies_by_origin ? "Accept-Encoding"
					: r->is_reading      ? "Accept-Encoding, Origin"
							     : "Origin");
	if (r->is_gzip)
		MHD_add_response_header(response, "Content-Encoding", "gzip");
	if (r->allow[0] != '\0')
		MHD_add_response_header(response, "Allow", r->allow);
	if (r->head.seq > 0)
		MHD_add_response_header(response, HEAD_HEADER, head_format(&r->head, head));
	if (r->replayed)
		MHD_add_response_header(response, "Idempotent-Replayed", "true");
	if (r->retry_after > 0 || r->status == 503) {
		snprintf(number, sizeof number, "%d",
			 r->retry_after > 0 ? r->retry_after : HTTP_RETRY_AFTER_S);
		MHD_add_response_header(response, "Retry-After", number);
	}
	add_quotas(response, r);
	if (r->origin != NULL)
		add_cors(response, r);
	if (last)
		MHD_add_response_header(response, "Connection", "close");
}

int respond(struct MHD_Connection *c, struct exchange *x, int last)
{
	unsigned status = x->reply.status ? (unsigned)x->reply.status : 200u;
	struct MHD_Response *response = make_response(&x->reply);
	enum MHD_Result rc;

	if (response == NULL)
		return -1;
	add_headers(response, x, last);
	metric_answer(x->request.action, status);
	rc = MHD_queue_response(c, status, response);
	MHD_destroy_response(response);
	return rc == MHD_YES ? 0 : -1;
}
