/*
 * What is sent to webhooks: each type of event, as the table of events has it.
 */
#include <ctype.h>
#include <string.h>

#include "api/contract/parts.h"
#include "api/contract/put.h"
#include "ledger/events/event.h"

/* Several rows of the table may share a name. */
static int is_first(size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(event_type_at(k)->name, event_type_at(i)->name) == 0)
			return 0;
	return 1;
}

/* "onVoucherEntered" */
static void put_id(const char *type, struct buf *out)
{
	int capital = 1;

	put_key(out, "operationId");
	buf_text_add(out, "\"on");
	for (; *type != '\0'; type++) {
		if (isalnum((unsigned char)*type))
			buf_char(out, capital ? (char)toupper((unsigned char)*type) : *type);
		capital = !isalnum((unsigned char)*type);
	}
	buf_char(out, '"');
}

static void put_webhook(const char *type, struct buf *out)
{
	put_open(out, type, '{');
	put_open(out, "post", '{');
	put_id(type, out);
	put_raw(out, "tags", "[\"webhooks\"]");
	put_text(out, "summary", type);
	put_text(
		out, "description",
		"Sent to each webhook that wants this type, as Standard Webhooks 1.0.0 has it: webhook-id, "
		"webhook-timestamp and webhook-signature sign the body as it stands. Any 2xx says that it was taken; "
		"410 that no more is wanted.");
	put_raw(out, "security", "[]");
	put_raw(out, "requestBody",
		"{\"required\":true,\"content\":{\"application/json\":{\"schema\":{\"$ref\":"
		"\"#/components/schemas/Event\"}}}}");
	put_raw(out, "responses",
		"{\"2XX\":{\"description\":\"Taken.\"},\"410\":{\"description\":\"No more is wanted.\"}}");
	buf_text_add(out, "}}");
}

void parts_webhooks(struct buf *out)
{
	const struct event_type *t;

	put_open(out, "webhooks", '{');
	for (size_t i = 0; (t = event_type_at(i)) != NULL; i++)
		if (is_first(i))
			put_webhook(t->name, out);
	put_close(out, '}');
}
