#include "api/http/respond.h"

#include <microhttpd.h>
#include <stdio.h>
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

static void add_headers(struct MHD_Response *response, const struct exchange *x, int last)
{
	const struct reply *r = &x->reply;
	char number[16], head[HEAD_TEXT];

	MHD_add_response_header(response, "Content-Type",
				r->content_type ? r->content_type : "application/json");
	MHD_add_response_header(response, "Request-Id", x->request_id);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (r->status == 401)
		MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
	if (r->disposition[0] != '\0')
		MHD_add_response_header(response, "Content-Disposition", r->disposition);
	if (r->etag[0] != '\0')
		MHD_add_response_header(response, "ETag", r->etag);
	if (r->status == 405)
		MHD_add_response_header(response, "Allow", r->allow);
	if (r->head.seq > 0)
		MHD_add_response_header(response, HEAD_HEADER, head_format(&r->head, head));
	if (r->replayed)
		MHD_add_response_header(response, "Idempotent-Replayed", "true");
	if (r->retry_after > 0) {
		snprintf(number, sizeof number, "%d", r->retry_after);
		MHD_add_response_header(response, "Retry-After", number);
	}
	if (last || x->early.code == ERR_REQUEST_UNSAFE || x->early.code == ERR_BODY_TOO_LARGE)
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
	metric_add((enum metric)(METRIC_1XX + status / 100 - 1));
	rc = MHD_queue_response(c, status, response);
	MHD_destroy_response(response);
	return rc == MHD_YES ? 0 : -1;
}
