#include "api/token/token.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ledger/forms/json.h"
#include "ledger/rules/role.h"

#define ANYTHING_MAX TOKEN_MAX
#define ROLE_SCOPE   "ila:"

/* A token taken apart. */
struct parts {
	size_t header, payload; /* bytes of these two; the '.' not counted */
	size_t len;
	struct json *header_doc, *payload_doc;
	const struct json_node *said, *claims;
};

int token_is(const char *text)
{
	return strchr(text, '.') != NULL;
}

static int refuse(struct err *err, const char *why)
{
	*err = (struct err){0};
	return err_set(err, ERR_UNAUTHENTICATED, NULL, "The token is not taken: %s", why);
}

/* --- its form ------------------------------------------------------------------------ */

static struct json *parse_part(const char *text, size_t len)
{
	struct err ignored = {0};
	struct json *doc = NULL;
	struct buf bytes;

	buf_init(&bytes, TOKEN_MAX);
	if (jws_decode(text, len, &bytes) == 0)
		doc = json_parse(buf_text(&bytes), bytes.len, &ignored);
	buf_free(&bytes);
	return doc;
}

static int take_apart(const char *text, struct parts *p, struct err *err)
{
	const char *second, *third;

	p->len = strnlen(text, TOKEN_MAX + 1);
	if (p->len > TOKEN_MAX)
		return refuse(err, "it is too long. Let its issuer put less into it.");
	second = strchr(text, '.');
	third = second != NULL ? strchr(second + 1, '.') : NULL;
	if (third == NULL || strchr(third + 1, '.') != NULL)
		return refuse(err,
			      "it is no signed JWT, which has three parts with a dot between. Encrypted ones "
			      "are not taken.");
	p->header = (size_t)(second - text);
	p->payload = (size_t)(third - second) - 1;
	p->header_doc = parse_part(text, p->header);
	p->payload_doc = parse_part(second + 1, p->payload);
	if (p->header_doc == NULL || p->payload_doc == NULL)
		return refuse(err, "its header and its claims are not both a JSON object in base64url.");
	p->said = json_root(p->header_doc);
	p->claims = json_root(p->payload_doc);
	return 0;
}

/* The member's text, "" where it is not there or no text. */
static const char *text_of(const struct json_node *node, const char *name)
{
	struct err ignored = {0};
	const char *text;

	return json_text(node, "", name, ANYTHING_MAX, &text, &ignored) == 0 ? text : "";
}

/* --- its header ---------------------------------------------------------------------- */

/* A media type, of which "application/" may be left out, in any case of letters (RFC 7515, 4.1.9). */
static int is_type(const struct json_node *header, const struct issuer *i)
{
	static const char prefix[] = "application/";
	const char *typ = text_of(header, "typ");

	if (!i->is_access && !json_has(header, "typ"))
		return 1;
	if (strncasecmp(typ, prefix, sizeof prefix - 1) == 0)
		typ += sizeof prefix - 1;
	return strcasecmp(typ, i->is_access ? "at+jwt" : "JWT") == 0;
}

static int check_header(const struct parts *p, const struct issuer *i, enum jws_alg *alg, struct err *err)
{
	if (json_has(p->said, "crit"))
		return refuse(err, "its header demands extensions (crit) that are not known here.");
	if (!is_type(p->said, i))
		return refuse(err,
			      i->is_access
				      ? "its header's typ is not at+jwt, so that it may be no access token. "
					"Let its issuer make access tokens as of RFC 9068."
				      : "its header's typ is not JWT.");
	*alg = jws_alg_find(text_of(p->said, "alg"));
	if (*alg == JWS_NONE || (i->algs & JWS_BIT(*alg)) == 0)
		return refuse(
			err,
			"it is not signed by an algorithm (alg) that is configured here for its issuer.");
	return 0;
}

static int check_signature(const struct parts *p, const char *text, const struct issuer *i, enum jws_alg alg,
			   struct err *err)
{
	const char *kid = json_has(p->said, "kid") ? text_of(p->said, "kid") : NULL;

	switch (jws_verify(i->keys, alg, kid, text, p->len)) {
	case JWS_GOOD:
		return 0;
	case JWS_NO_KEY:
		return refuse(
			err,
			"the key set of its issuer holds no key of its kid and alg. When the issuer has new "
			"keys, the operator brings in its new key set.");
	default:
		return refuse(err, "its signature is wrong.");
	}
}

/* --- its claims ------------------------------------------------------------------------ */

/* One text, or a list of texts (RFC 7519, 4.1.3). */
static int is_for(const struct json_node *claims, const char *audience)
{
	const struct json_node *list;
	struct err ignored = {0};
	const char *one;

	if (strcmp(text_of(claims, "aud"), audience) == 0)
		return 1;
	if (json_get_array(claims, "", "aud", 64, &list, &ignored) != 0)
		return 0;
	for (size_t k = 0; k < json_count(list); k++)
		if (json_text_at(list, "", k, ANYTHING_MAX, &one, &ignored) == 0 &&
		    strcmp(one, audience) == 0)
			return 1;
	return 0;
}

/* Seconds since 1970, in a range that sums do not leave; nbf may be missing. */
static int take_time(const struct json_node *claims, const char *name, int64_t *out)
{
	struct err ignored = {0};

	return json_int(claims, "", name, 0, INT64_C(1) << 48, out, &ignored);
}

static int check_times(const struct json_node *claims, const struct issuer *i, int64_t now, int64_t *ends,
		       struct err *err)
{
	int64_t exp, iat, nbf = 0;
	char why[160];

	if (take_time(claims, "exp", &exp) != 0 || take_time(claims, "iat", &iat) != 0 ||
	    (json_has(claims, "nbf") && take_time(claims, "nbf", &nbf) != 0))
		return refuse(
			err, "it says in exp, iat and nbf, as whole seconds, from when to when it holds; the "
			     "first two must be there.");
	*ends = exp + TOKEN_LEEWAY_S;
	if (now >= *ends) {
		snprintf(why, sizeof why, "it ended %" PRId64 " s ago (exp). Ask its issuer for a new one.",
			 now - exp);
		return refuse(err, why);
	}
	if (nbf > now + TOKEN_LEEWAY_S || iat > now + TOKEN_LEEWAY_S)
		return refuse(err,
			      "it holds from a later moment on (nbf, iat). Let both clocks be set right.");
	if (exp - iat > i->max_lifetime_s) {
		snprintf(why, sizeof why,
			 "it lives longer than %" PRId64 " s. Let its issuer make shorter ones.",
			 i->max_lifetime_s);
		return refuse(err, why);
	}
	return 0;
}

/* "read ila:portal ila:auditor": of the words that name a role of the ledger, the roles. */
static void narrow(const char *scope, struct token *t)
{
	char name[32];

	while (*scope != '\0') {
		size_t n = strcspn(scope, " ");

		if (n >= strlen(ROLE_SCOPE) && memcmp(scope, ROLE_SCOPE, strlen(ROLE_SCOPE)) == 0) {
			snprintf(name, sizeof name, "%.*s", (int)(n - strlen(ROLE_SCOPE)),
				 scope + strlen(ROLE_SCOPE));
			t->is_narrowed = 1;
			t->roles |= ROLE_BIT(role_find(name)) & ~ROLE_BIT(ROLE_NONE);
		}
		scope += n;
		scope += strspn(scope, " ");
	}
}

static int check_claims(const struct json_node *claims, const struct issuer *i, int64_t now, struct token *t,
			struct err *err)
{
	const char *client = text_of(claims, i->client);
	char why[TOKEN_NAME_MAX + 160];

	if (!is_for(claims, i->audience)) {
		snprintf(why, sizeof why, "it was made for others (aud). Ask its issuer for one for %s.",
			 i->audience);
		return refuse(err, why);
	}
	if (check_times(claims, i, now, &t->ends_s, err) != 0)
		return -1;
	if (client[0] == '\0' || strlen(client) > TOKEN_NAME_MAX) {
		snprintf(why, sizeof why,
			 "it does not say in %s, as a text of at most %d bytes, whom it was made for.",
			 i->client, TOKEN_NAME_MAX);
		return refuse(err, why);
	}
	if (json_has(claims, "scope") && text_of(claims, "scope")[0] == '\0')
		return refuse(err, "its scope is no text of words with a blank between.");
	snprintf(t->issuer, sizeof t->issuer, "%s", i->name);
	snprintf(t->client, sizeof t->client, "%s", client);
	narrow(text_of(claims, "scope"), t);
	return 0;
}

int token_check(const struct issuers *issuers, const char *text, int64_t now_s, struct token *token,
		struct err *err)
{
	const struct issuer *i;
	struct parts p = {0};
	enum jws_alg alg = JWS_NONE;
	int rc;

	memset(token, 0, sizeof *token);
	rc = take_apart(text, &p, err);
	if (rc == 0 && (i = issuers_find(issuers, text_of(p.claims, "iss"))) == NULL)
		rc = refuse(err, "no issuer of its name (iss), to the letter, is configured here.");
	if (rc == 0)
		rc = check_header(&p, i, &alg, err);
	if (rc == 0)
		rc = check_signature(&p, text, i, alg, err);
	if (rc == 0)
		rc = check_claims(p.claims, i, now_s, token, err);
	json_free(p.header_doc);
	json_free(p.payload_doc);
	return rc;
}
