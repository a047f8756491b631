#include "ledger/store/head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *head_format(const struct head *h, char out[HEAD_TEXT])
{
	char hex[SHA256_HEX];

	snprintf(out, HEAD_TEXT, "%lld:%s", (long long)h->seq, sha256_hex(h->hash, hex));
	return out;
}

int head_parse(const char *text, struct head *h)
{
	char *end;

	memset(h, 0, sizeof *h);
	h->seq = strtoll(text, &end, 10);
	if (h->seq > 0 && *end == ':' && sha256_unhex(end + 1, h->hash) == 0)
		return 0;
	memset(h, 0, sizeof *h);
	return -1;
}
