#include "api/contract/put.h"

void put_item(struct buf *b)
{
	char last = b->len > 0 ? b->data[b->len - 1] : '{';

	if (last != '{' && last != '[' && last != ':')
		buf_char(b, ',');
}

void put_key(struct buf *b, const char *name)
{
	put_item(b);
	buf_json(b, name);
	buf_char(b, ':');
}

void put_open(struct buf *b, const char *name, char bracket)
{
	put_key(b, name);
	buf_char(b, bracket);
}

void put_close(struct buf *b, char bracket)
{
	buf_char(b, bracket);
}

void put_text(struct buf *b, const char *name, const char *value)
{
	put_key(b, name);
	buf_json(b, value);
}

void put_number(struct buf *b, const char *name, int64_t value)
{
	put_key(b, name);
	buf_int(b, value);
}

void put_raw(struct buf *b, const char *name, const char *json)
{
	put_key(b, name);
	buf_text_add(b, json);
}
