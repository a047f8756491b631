/*
 * Lists that are given page by page: limit and after are taken, data, has_more and
 * next are given.  A cursor is opaque: a position, of one number or two, and a hash of the list and
 * filter that it belongs to, which protects against mix-ups, not against forgery:
 * it opens nothing.
 */
#ifndef ILA_API_FRAME_PAGE_H
#define ILA_API_FRAME_PAGE_H

#include "api/frame/action.h"

#define CURSOR_TEXT 48

/* The first member of what such an action takes, and of what it gives. */
struct page_in {
	int64_t limit;
	char after[CURSOR_TEXT];
};

struct page_out {
	struct list data;
	int has_more;
	char next[CURSOR_TEXT];
};

#define PAGE_TAKES(t)                                                                                        \
	{"limit",        M_NUMBER,        IN(t, page.limit),      .flags = M_QUERY | M_GO_ON,                \
	 .min = 1,       .max = PAGE_MAX, .absent = PAGE_DEFAULT, .help = "how many at a time",              \
	 .example = "50"},                                                                                   \
	{                                                                                                    \
		"after", M_TEXT, IN(t, page.after), .flags = M_QUERY | M_GO_ON,                              \
						    .help = "go on from an earlier page's next"              \
	}

#define PAGE_GIVES(t, members, item_type)                                                                    \
	{"data", M_LIST, IN(t, page.data), .of = (members), .item = sizeof(item_type)},                      \
		{"has_more", M_FLAG, IN(t, page.has_more)},                                                  \
	{                                                                                                    \
		"next", M_TEXT, IN(t, page.next), .flags = M_NULL                                            \
	}

/* A page while it is filled. */
struct page {
	const char *filter;
	int64_t after;  /* 0 at the beginning, never below */
	int64_t within; /* of a list that is ordered by two numbers: the second, which may be any; else 0 */
	size_t limit;
};

/*
 * page_filter(c, err): all that the action is asked besides the page, and the role that asks: "GET
 * /v1/vouchers portal state=accepted,entered fund=cpf-law"; "" with LIMIT.
 */
const char *page_filter(struct action_call *, struct err *);

/* page_open(c, page, err): what is asked for.  CURSOR_INVALID when `after` was made for another filter.
 * Anybody can make a cursor: its numbers are no more to be believed than those of a body. */
int page_open(struct action_call *, struct page *, struct err *);

/* page_rows(c, page, size, err): room for limit + 1 items of that size; NULL with LIMIT. */
void *page_rows(struct action_call *, const struct page *, size_t size, struct err *);

/*
 * page_close(c, page, items, count, last): of the count items that were read,
 * limit + 1 at most, the first limit are the page; last is the position of the last of
 * them, from which the next page goes on.
 */
void page_close(struct action_call *, const struct page *, void *items, size_t count, int64_t last);

/* page_give: the same when the caller already knows whether more follow. */
void page_give(struct action_call *, const struct page *, void *items, size_t count, int has_more,
	       int64_t last);

/* page_give_at: page_give() of a list that is ordered by two numbers. */
void page_give_at(struct action_call *, const struct page *, void *items, size_t count, int has_more,
		  int64_t last, int64_t within);

/* For `again`: the next page, when there is one. */
int page_again(struct action_call *, void *total);

/* cursor_write(filter, position, out): returns out.  cursor_read: CURSOR_INVALID. */
char *cursor_write(const char *filter, int64_t position, char out[CURSOR_TEXT]);
int cursor_read(const char *text, const char *filter, int64_t *position, struct err *);

/* cursor_write_at, cursor_read_at: of a position of two numbers; within is 0 where the cursor has one. */
char *cursor_write_at(const char *filter, int64_t position, int64_t within, char out[CURSOR_TEXT]);
int cursor_read_at(const char *text, const char *filter, int64_t *position, int64_t *within, struct err *);

#endif
