#include "api/contract/contract.h"
#include "api/contract/parts.h"
#include "api/contract/put.h"

void contract_openapi(const char *base, struct buf *out)
{
	buf_char(out, '{');
	put_text(out, "openapi", "3.1.0");
	parts_info(out);
	put_open(out, "servers", '[');
	buf_char(out, '{');
	put_text(out, "url", base[0] != '\0' ? base : "/");
	buf_text_add(out, "}]");
	put_raw(out, "security",
		"[{\"key\":[]},{\"key\":[],\"certificate\":[]},{\"token\":[]},{\"token\":[],\"certificate\":[]}]");
	parts_tags(out);
	parts_paths(out);
	parts_webhooks(out);
	parts_components(out);
	buf_text_add(out, "}\n");
}
