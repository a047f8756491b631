#include "api/frame/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/id.h"

#define FILTER_MAX 4096 /* an address is shorter */
#define CURSOR_ONE 24   /* characters of a cursor with one number; the second takes sixteen */
#define CURSOR_TWO (CURSOR_ONE + 16)

char *cursor_write(const char *filter, int64_t position, char out[CURSOR_TEXT])
{
	snprintf(out, CURSOR_TEXT, "%08x%016llx", crc32_of(filter, strlen(filter)),
		 (unsigned long long)position);
	return out;
}

char *cursor_write_at(const char *filter, int64_t position, int64_t within, char out[CURSOR_TEXT])
{
	cursor_write(filter, position, out);
	snprintf(out + CURSOR_ONE, CURSOR_TEXT - CURSOR_ONE, "%016llx", (unsigned long long)within);
	return out;
}

static int refuse_cursor(struct err *err)
{
	return err_set(err, ERR_CURSOR_INVALID, "after",
		       "This cursor was not made for this list and filter. Begin again without it.");
}

int cursor_read(const char *text, const char *filter, int64_t *position, struct err *err)
{
	char expected[CURSOR_TEXT];

	*position = 0;
	if (strlen(text) == CURSOR_ONE)
		*position = (int64_t)strtoull(text + 8, NULL, 16);
	return strcmp(text, cursor_write(filter, *position, expected)) == 0 ? 0 : refuse_cursor(err);
}

int cursor_read_at(const char *text, const char *filter, int64_t *position, int64_t *within, struct err *err)
{
	char expected[CURSOR_TEXT], first[CURSOR_ONE + 1];

	*within = 0;
	if (strlen(text) != CURSOR_TWO)
		return cursor_read(text, filter, position, err);
	memcpy(first, text, CURSOR_ONE);
	first[CURSOR_ONE] = '\0';
	*position = (int64_t)strtoull(first + 8, NULL, 16);
	*within = (int64_t)strtoull(text + CURSOR_ONE, NULL, 16);
	return strcmp(text, cursor_write_at(filter, *position, *within, expected)) == 0 ? 0
											: refuse_cursor(err);
}

const char *page_filter(struct action_call *c, struct err *err)
{
	const struct action *a = c->action;
	struct buf filter;
	const char *kept;

	buf_init(&filter, FILTER_MAX);
	buf_format(&filter, "%s %s %s", a->method, a->path, role_name((enum role)c->actor.role));
	for (const struct member *m = a->takes; m->name != NULL; m++)
		if ((m->flags & M_GO_ON) == 0 && member_is_there(m, c->args)) {
			buf_format(&filter, " %s=", m->name);
			member_to_text(m, c->args, 0, &filter);
		}
	kept = buf_ok(&filter) ? call_keep(c, buf_text(&filter)) : "";
	buf_free(&filter);
	if (kept[0] == '\0')
		err_set(err, ERR_LIMIT, NULL, "The request is too large.");
	return kept;
}

int page_open(struct action_call *c, struct page *p, struct err *err)
{
	const struct page_in *in = c->args;

	p->filter = page_filter(c, err);
	p->limit = (size_t)in->limit;
	p->after = p->within = 0;
	if (p->filter[0] == '\0')
		return -1;
	if (in->after[0] == '\0')
		return 0;
	if (cursor_read_at(in->after, p->filter, &p->after, &p->within, err) != 0)
		return -1;
	return p->after >= 0 ? 0 : refuse_cursor(err);
}

void *page_rows(struct action_call *c, const struct page *p, size_t size, struct err *err)
{
	struct list list;

	return list_make(&list, c->arena, p->limit + 1, size, err) == 0 ? list.at : NULL;
}

void page_give(struct action_call *c, const struct page *p, void *items, size_t count, int has_more,
	       int64_t last)
{
	struct page_out *out = c->answer;

	out->data.at = items;
	out->data.count = count;
	out->has_more = has_more;
	if (has_more)
		cursor_write(p->filter, last, out->next);
}

void page_close(struct action_call *c, const struct page *p, void *items, size_t count, int64_t last)
{
	page_give(c, p, items, count < p->limit ? count : p->limit, count > p->limit, last);
}

void page_give_at(struct action_call *c, const struct page *p, void *items, size_t count, int has_more,
		  int64_t last, int64_t within)
{
	struct page_out *out = c->answer;

	page_give(c, p, items, count, has_more, last);
	if (has_more)
		cursor_write_at(p->filter, last, within, out->next);
}

int page_again(struct action_call *c, void *total)
{
	struct page_in *in = c->args;
	const struct page_out *out = c->answer;

	(void)total;
	if (!out->has_more)
		return 0;
	memcpy(in->after, out->next, sizeof in->after);
	return 1;
}
