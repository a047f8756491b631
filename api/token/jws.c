/*
 * The only file that knows cjose, by three of its headers: the one for all brings OpenSSL's names with it.
 */
#include "api/token/jws.h"

#include <cjose/base64.h>
#include <cjose/jwk.h>
#include <cjose/jws.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/forms/json.h"

#define RSA_BITS_MIN 2048 /* RFC 7518, 3.3 */
#define RSA_BITS_MAX 8192 /* more costs more than a token may */
#define JWK_TEXT_MAX 8192 /* of one key, certificates and all */

struct jws_key {
	cjose_jwk_t *key;
	char kid[TOKEN_KID_MAX + 1]; /* "" none */
	unsigned algs;               /* that it can verify */
};

struct jws_keys {
	struct jws_key at[TOKEN_KEYS_MAX];
	size_t count, left_out;
};

/* --- algorithms ------------------------------------------------------------------ */

static const char *const names[JWS__MAX] = {
	[JWS_NONE] = "",       [JWS_RS256] = "RS256", [JWS_RS384] = "RS384", [JWS_RS512] = "RS512",
	[JWS_PS256] = "PS256", [JWS_PS384] = "PS384", [JWS_PS512] = "PS512", [JWS_ES256] = "ES256",
	[JWS_ES384] = "ES384", [JWS_ES512] = "ES512"};

#define OF_RSA                                                                                               \
	(JWS_BIT(JWS_RS256) | JWS_BIT(JWS_RS384) | JWS_BIT(JWS_RS512) | JWS_BIT(JWS_PS256) |                 \
	 JWS_BIT(JWS_PS384) | JWS_BIT(JWS_PS512))

enum jws_alg jws_alg_find(const char *name)
{
	int alg = JWS__MAX - 1;

	while (alg > JWS_NONE && strcmp(names[alg], name) != 0)
		alg--;
	return (enum jws_alg)alg;
}

/* What a key of that kind, size and curve can verify (RFC 7518, 3.1). */
static unsigned algs_of(const cjose_jwk_t *key)
{
	cjose_err ignored;
	size_t bits;

	switch (cjose_jwk_get_kty(key, &ignored)) {
	case CJOSE_JWK_KTY_RSA:
		bits = cjose_jwk_get_keysize(key, &ignored);
		return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX ? OF_RSA : 0;
	case CJOSE_JWK_KTY_EC:
		switch (cjose_jwk_EC_get_curve(key, &ignored)) {
		case CJOSE_JWK_EC_P_256:
			return JWS_BIT(JWS_ES256);
		case CJOSE_JWK_EC_P_384:
			return JWS_BIT(JWS_ES384);
		case CJOSE_JWK_EC_P_521:
			return JWS_BIT(JWS_ES512);
		default:
			return 0;
		}
	default:
		return 0;
	}
}

/* Without padding, at which the library may end the process (api/edges.md#tokens), and no bit behind the last
 * byte, so that a signature has one text (RFC 4648, 3.5). */
static int is_base64url(const char *text, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	static const int behind[4] = {0, 0, 0xF,
				      0x3}; /* bits of the last character, by characters left over */
	const char *digit = NULL;

	for (size_t i = 0; i < len; i++)
		if ((digit = memchr(digits, text[i], sizeof digits - 1)) == NULL)
			return 0;
	return digit != NULL && ((digit - digits) & behind[len % 4]) == 0;
}

int jws_decode(const char *text, size_t len, struct buf *out)
{
	cjose_err ignored;
	uint8_t *bytes = NULL;
	size_t n = 0;

	if (!is_base64url(text, len) || !cjose_base64url_decode(text, len, &bytes, &n, &ignored))
		return -1;
	buf_add(out, bytes, n);
	free(bytes);
	return buf_ok(out) ? 0 : -1;
}

/* Three parts with a dot between. */
static int is_compact(const char *token, size_t len)
{
	const char *end = token + len, *dot;

	for (int part = 0; part < 2; part++) {
		dot = memchr(token, '.', (size_t)(end - token));
		if (dot == NULL || !is_base64url(token, (size_t)(dot - token)))
			return 0;
		token = dot + 1;
	}
	return is_base64url(token, (size_t)(end - token));
}

/* --- key sets -------------------------------------------------------------------- */

/* The member's text, or fallback where it is not there or no text. */
static const char *text_or(const struct json_node *key, const char *name, const char *fallback)
{
	struct err ignored = {0};
	const char *text;

	return json_text(key, "", name, JWK_TEXT_MAX, &text, &ignored) == 0 ? text : fallback;
}

/* Public keys have neither: RFC 7518, 6.2.2 and 6.3.2. */
static int is_private(const struct json_node *key)
{
	return json_has(key, "d") || json_has(key, "p") || json_has(key, "q");
}

/* RFC 7517, 4.3: where it says what the key is for, that includes to verify. */
static int may_verify(const struct json_node *key)
{
	const struct json_node *ops;
	struct err ignored = {0};
	const char *op;
	int found = 0;

	if (strcmp(text_or(key, "use", "sig"), "sig") != 0)
		return 0;
	if (!json_has(key, "key_ops"))
		return 1;
	if (json_get_array(key, "", "key_ops", 16, &ops, &ignored) != 0)
		return 0;
	for (size_t i = 0; i < json_count(ops); i++)
		found |= json_text_at(ops, "", i, 64, &op, &ignored) == 0 && strcmp(op, "verify") == 0;
	return found;
}

/* The numbers of a public key (RFC 7518, 6.2.1 and 6.3.1); those that it has not pass. */
static int has_numbers(const struct json_node *key)
{
	static const char *const names_of[] = {"n", "e", "x", "y"};

	for (size_t i = 0; i < sizeof names_of / sizeof *names_of; i++) {
		const char *number = text_or(key, names_of[i], "");

		if (json_has(key, names_of[i]) && !is_base64url(number, strlen(number)))
			return 0;
	}
	return 1;
}

static cjose_jwk_t *import(const struct json_node *key)
{
	cjose_jwk_t *imported = NULL;
	cjose_err ignored;
	struct buf text;

	buf_init(&text, JWK_TEXT_MAX);
	json_write(key, &text);
	if (buf_ok(&text))
		imported = cjose_jwk_import(buf_text(&text), text.len, &ignored);
	buf_free(&text);
	return imported;
}

/* One key of the set: taken, or left out. */
static void take(struct jws_keys *keys, const struct json_node *key)
{
	struct jws_key *k = &keys->at[keys->count];
	const char *kid = text_or(key, "kid", ""), *alg = text_or(key, "alg", "");

	if (!may_verify(key) || !has_numbers(key) || strlen(kid) > TOKEN_KID_MAX ||
	    (k->key = import(key)) == NULL) {
		keys->left_out++;
		return;
	}
	snprintf(k->kid, sizeof k->kid, "%s", kid);
	k->algs = algs_of(k->key);
	if (alg[0] != '\0')
		k->algs &= JWS_BIT(jws_alg_find(alg)) & ~JWS_BIT(JWS_NONE);
	if (k->algs != 0) {
		keys->count++;
		return;
	}
	cjose_jwk_release(k->key);
	*k = (struct jws_key){.key = NULL};
	keys->left_out++;
}

static int check_kids(const struct jws_keys *keys, struct err *err)
{
	if (keys->count == 0)
		return err_set(err, ERR_FIELD_INVALID, "keys",
			       "It holds no key that verifies a signature of an algorithm known here.");
	for (size_t i = 0; i < keys->count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(keys->at[i].kid, keys->at[k].kid) == 0)
				return err_set(err, ERR_FIELD_INVALID, "keys",
					       "Two keys of it have the same kid, or none.");
	return 0;
}

static int read_set(const struct json_node *root, struct jws_keys *keys, struct err *err)
{
	const struct json_node *set, *key;

	if (json_get_array(root, "", "keys", TOKEN_KEYS_MAX, &set, err) != 0)
		return -1;
	for (size_t i = 0; i < json_count(set); i++) {
		if (json_object_at(set, "keys", i, &key, err) != 0)
			return -1;
		if (is_private(key))
			return err_set(
				err, ERR_FIELD_INVALID, "keys",
				"It holds a private key, with which this machine could sign tokens itself. "
				"Bring the public ones here, and let the issuer replace this one.");
		take(keys, key);
	}
	return check_kids(keys, err);
}

int jws_keys_read(const char *text, size_t len, struct jws_keys **out, struct err *err)
{
	struct jws_keys *keys = calloc(1, sizeof *keys);
	struct json *doc;
	int rc;

	if (keys == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	doc = json_parse(text, len, err);
	rc = doc != NULL ? read_set(json_root(doc), keys, err) : -1;
	json_free(doc);
	if (rc == 0)
		*out = keys;
	else
		jws_keys_free(keys);
	return rc;
}

void jws_keys_free(struct jws_keys *keys)
{
	if (keys == NULL)
		return;
	for (size_t i = 0; i < keys->count; i++)
		cjose_jwk_release(keys->at[i].key);
	free(keys);
}

size_t jws_keys_count(const struct jws_keys *keys)
{
	return keys->count;
}

size_t jws_keys_left_out(const struct jws_keys *keys)
{
	return keys->left_out;
}

/* --- signatures ------------------------------------------------------------------ */

static const struct jws_key *find(const struct jws_keys *keys, enum jws_alg alg, const char *kid)
{
	const struct jws_key *k = NULL;

	if (kid == NULL)
		k = keys->count == 1 ? &keys->at[0] : NULL;
	for (size_t i = 0; kid != NULL && kid[0] != '\0' && i < keys->count; i++)
		if (strcmp(keys->at[i].kid, kid) == 0)
			k = &keys->at[i];
	return k != NULL && (k->algs & JWS_BIT(alg)) != 0 ? k : NULL;
}

/* The library verifies by the alg that it reads itself: it is the one that was chosen. */
static int is_of(cjose_jws_t *jws, enum jws_alg alg)
{
	cjose_err ignored;
	const char *said = cjose_header_get(cjose_jws_get_protected(jws), "alg", &ignored);

	return said != NULL && strcmp(said, names[alg]) == 0;
}

enum jws_verdict jws_verify(const struct jws_keys *keys, enum jws_alg alg, const char *kid, const char *token,
			    size_t len)
{
	const struct jws_key *k = find(keys, alg, kid);
	cjose_err ignored;
	cjose_jws_t *jws;
	int good;

	if (k == NULL)
		return JWS_NO_KEY;
	jws = is_compact(token, len) ? cjose_jws_import(token, len, &ignored) : NULL;
	good = jws != NULL && is_of(jws, alg) && cjose_jws_verify(jws, k->key, &ignored);
	cjose_jws_release(jws);
	return good ? JWS_GOOD : JWS_BAD;
}
