/*
 * api/token: signatures, issuers, claims.  The tokens are made by OpenSSL (tests/lib/signer.h) and, where it
 * is installed, by PyJWT: neither shares code with what judges them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "api/token/trust.h"
#include "ledger/rules/role.h"
#include "tests/lib/program.h"
#include "tests/lib/signer.h"

#define ISSUER   "https://login.region.example"
#define AUDIENCE "https://ila.region.example"
#define NOW      INT64_C(1767600000)
#define JUNK     60000

static char folder[64], config[96];
static struct signer *rsa, *other, *p256, *p384, *p521;
static struct issuers *issuers;
static struct token token;
static struct buf text;
static struct err err;

static char *in_folder(const char *name, char out[96])
{
	snprintf(out, 96, "%s/%s", folder, name);
	return out;
}

static void write_in(const char *name, const char *content)
{
	char path[96];

	program_write(in_folder(name, path), content);
	assert_int_equal(chmod(path, 0640), 0);
}

/* A key set of those keys. */
static void write_keys(const char *name, const struct signer *const *all, const char *more)
{
	struct buf set;

	buf_init(&set, 65536);
	buf_text_add(&set, "{\"keys\":[");
	for (size_t i = 0; all[i] != NULL; i++) {
		if (i > 0)
			buf_char(&set, ',');
		signer_jwk(all[i], ",\"use\":\"sig\"", &set);
	}
	buf_format(&set, "%s]}", more);
	write_in(name, buf_text(&set));
	buf_free(&set);
}
#define KEYS(name, more, ...) write_keys(name, (const struct signer *const[]){__VA_ARGS__, NULL}, more)

/* One issuer, whose algorithms and further members are these. */
static void write_config(const char *algorithms, const char *more)
{
	char content[1024];

	snprintf(content, sizeof content,
		 "{\"issuers\":[\n{\"issuer\":\"" ISSUER "\",\"audience\":\"" AUDIENCE "\",\n"
		 "\"keys\":\"keys.json\",\"algorithms\":[%s]%s}]}",
		 algorithms, more);
	write_in("issuers.json", content);
}

static void read_config(void)
{
	issuers_free(issuers);
	issuers = NULL;
	err = (struct err){0};
	if (issuers_read(config, &issuers, &err) != 0)
		fail_msg("%s", err.text);
}

static int set_up(void **state)
{
	(void)state;
	program_folder(folder, sizeof folder);
	in_folder("issuers.json", config);
	buf_init(&text, 65536);
	rsa = signer_new("RSA2048", "r-1");
	other = signer_new("RSA2048", "r-1"); /* somebody else's, called the same */
	p256 = signer_new("P-256", "e-256");
	p384 = signer_new("P-384", "e-384");
	p521 = signer_new("P-521", "e-521");
	return 0;
}

static int tear_down(void **state)
{
	struct signer *all[] = {rsa, other, p256, p384, p521};

	(void)state;
	for (size_t i = 0; i < 5; i++)
		signer_free(all[i]);
	issuers_free(issuers);
	buf_free(&text);
	program_remove(folder);
	return 0;
}

/* Each test begins with this: all keys, every algorithm. */
static int begin(void **state)
{
	(void)state;
	KEYS("keys.json", "", rsa, p256, p384, p521);
	write_config(
		"\"RS256\",\"RS384\",\"RS512\",\"PS256\",\"PS384\",\"PS512\",\"ES256\",\"ES384\",\"ES512\"",
		"");
	read_config();
	return 0;
}

/* --- tokens that are made ---------------------------------------------------------- */

#define CLAIMS(more)                                                                                         \
	"{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"sub\":\"payroll\",\"client_id\":\"id-7\","       \
	"\"iat\":1767599990,\"exp\":1767600300" more "}"
#define HEADER(alg, kid) "{\"typ\":\"at+jwt\",\"alg\":\"" alg "\",\"kid\":\"" kid "\"}"

static int check(const struct signer *s, const char *alg, const char *header, const char *claims)
{
	signer_token(s, alg, header, claims, &text);
	err = (struct err){0};
	return token_check(issuers, buf_text(&text), NOW, &token, &err);
}

static int check_claims(const char *claims)
{
	return check(rsa, "RS256", HEADER("RS256", "r-1"), claims);
}

static int check_header(const char *header)
{
	return check(rsa, "RS256", header, CLAIMS(""));
}

/* It was refused, and these words of it say why; the token is not in them. */
static void expect_refused(int rc, const char *why)
{
	char part[64];
	const char *dot = strchr(buf_text(&text), '.');

	assert_int_equal(rc, -1);
	assert_int_equal(err.code, ERR_UNAUTHENTICATED);
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" does not say: %s", err.text, why);
	snprintf(part, sizeof part, "%.20s", dot != NULL ? dot + 1 : "no part");
	assert_null(strstr(err.text, part));
	assert_string_equal(token.client, "");
}

/* --- what is taken ------------------------------------------------------------------- */

static void a_token_of_every_algorithm_is_taken(void **state)
{
	(void)state;
	assert_int_equal(check(rsa, "RS256", HEADER("RS256", "r-1"), CLAIMS("")), 0);
	assert_string_equal(token.issuer, ISSUER);
	assert_string_equal(token.client, "payroll");
	assert_false(token.is_narrowed);
	assert_int_equal(check(rsa, "RS384", HEADER("RS384", "r-1"), CLAIMS("")), 0);
	assert_int_equal(check(rsa, "RS512", HEADER("RS512", "r-1"), CLAIMS("")), 0);
	assert_int_equal(check(rsa, "PS256", HEADER("PS256", "r-1"), CLAIMS("")), 0);
	assert_int_equal(check(rsa, "PS384", HEADER("PS384", "r-1"), CLAIMS("")), 0);
	assert_int_equal(check(rsa, "PS512", HEADER("PS512", "r-1"), CLAIMS("")), 0);
	assert_int_equal(check(p256, "ES256", HEADER("ES256", "e-256"), CLAIMS("")), 0);
	assert_int_equal(check(p384, "ES384", HEADER("ES384", "e-384"), CLAIMS("")), 0);
	assert_int_equal(check(p521, "ES512", HEADER("ES512", "e-521"), CLAIMS("")), 0);
}

static void the_audience_may_be_one_of_several(void **state)
{
	(void)state;
	assert_int_equal(check_claims("{\"iss\":\"" ISSUER "\",\"aud\":[\"x\",\"" AUDIENCE
				      "\"],\"sub\":\"p\","
				      "\"iat\":1767599990,\"exp\":1767600300}"),
			 0);
	expect_refused(check_claims("{\"iss\":\"" ISSUER
				    "\",\"aud\":[\"x\",7],\"sub\":\"p\",\"iat\":1767599990,"
				    "\"exp\":1767600300}"),
		       "made for others (aud). Ask its issuer for one for " AUDIENCE);
}

static void a_key_set_of_one_key_needs_no_kid(void **state)
{
	static const char header[] = "{\"typ\":\"application/AT+JWT\",\"alg\":\"RS256\"}";

	(void)state;
	expect_refused(check_header(header), "no key of its kid and alg");
	KEYS("keys.json", "", rsa);
	read_config();
	assert_int_equal(check_header(header), 0);
	expect_refused(check_header(HEADER("RS256", "")), "no key of its kid");
	expect_refused(check_header("{\"typ\":\"at+jwt\",\"alg\":\"RS256\",\"kid\":7}"), "no key of its kid");
}

static void scope_narrows_by_the_roles_that_it_names(void **state)
{
	(void)state;
	assert_int_equal(check_claims(CLAIMS(",\"scope\":\"openid read\"")), 0);
	assert_false(token.is_narrowed);
	assert_int_equal(check_claims(CLAIMS(",\"scope\":\"openid ila:portal  ila:auditor\"")), 0);
	assert_true(token.is_narrowed);
	assert_int_equal(token.roles, ROLE_BIT(ROLE_PORTAL) | ROLE_BIT(ROLE_AUDITOR));
	/* What is no role of the ledger lets nobody in. */
	assert_int_equal(check_claims(CLAIMS(",\"scope\":\"ila: ila:everything ila:ledger\"")), 0);
	assert_true(token.is_narrowed);
	assert_int_equal(token.roles, 0);
	expect_refused(check_claims(CLAIMS(",\"scope\":[\"ila:portal\"]")), "scope is no text");
}

static void the_client_is_named_by_the_claim_that_is_configured(void **state)
{
	char name[TOKEN_NAME_MAX + 2], claims[1024];

	(void)state;
	write_config("\"RS256\"", ",\"client\":\"client_id\"");
	read_config();
	assert_int_equal(check_claims(CLAIMS("")), 0);
	assert_string_equal(token.client, "id-7");
	write_config("\"RS256\"", ",\"client\":\"azp\"");
	read_config();
	expect_refused(check_claims(CLAIMS("")), "it does not say in azp");
	expect_refused(check_claims(CLAIMS(",\"azp\":[\"id-7\"]")), "it does not say in azp");
	/* Never cut to what another one is called. */
	memset(name, 'x', TOKEN_NAME_MAX + 1);
	name[TOKEN_NAME_MAX + 1] = '\0';
	snprintf(claims, sizeof claims, CLAIMS(",\"azp\":\"%s\""), name);
	expect_refused(check_claims(claims), "it does not say in azp");
	name[TOKEN_NAME_MAX] = '\0';
	snprintf(claims, sizeof claims, CLAIMS(",\"azp\":\"%s\""), name);
	assert_int_equal(check_claims(claims), 0);
	assert_string_equal(token.client, name);
}

static void an_issuer_may_call_its_tokens_jwt(void **state)
{
	static const char header[] = "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"r-1\"}";
	static const char untyped[] = "{\"alg\":\"RS256\",\"kid\":\"r-1\"}";

	(void)state;
	expect_refused(check_header(header), "typ is not at+jwt");
	expect_refused(check_header(untyped), "typ is not at+jwt");
	write_config("\"RS256\"", ",\"type\":\"JWT\"");
	read_config();
	assert_int_equal(check_header(header), 0);
	assert_int_equal(check_header(untyped), 0);
	expect_refused(check_header("{\"typ\":\"logout+jwt\",\"alg\":\"RS256\",\"kid\":\"r-1\"}"),
		       "typ is not JWT");
}

/* --- what is refused -------------------------------------------------------------------- */

static void the_algorithm_is_the_configurations_word(void **state)
{
	(void)state;
	write_config("\"RS256\"", "");
	read_config();
	expect_refused(check(rsa, "PS256", HEADER("PS256", "r-1"), CLAIMS("")), "algorithm (alg)");
	expect_refused(check(p256, "ES256", HEADER("ES256", "e-256"), CLAIMS("")), "algorithm (alg)");
	expect_refused(check(rsa, "none", HEADER("none", "r-1"), CLAIMS("")), "algorithm (alg)");
	expect_refused(check(rsa, "none", HEADER("None", "r-1"), CLAIMS("")), "algorithm (alg)");
	expect_refused(check(rsa, "none", HEADER("", "r-1"), CLAIMS("")), "algorithm (alg)");
	expect_refused(check(rsa, "none", HEADER("RS256", "r-1"), CLAIMS("")), "signature is wrong");
	/* The public key is known to everybody: it is nobody's secret. */
	expect_refused(check(rsa, "HS256", HEADER("HS256", "r-1"), CLAIMS("")), "algorithm (alg)");
	expect_refused(check(rsa, "HS256", HEADER("RS256", "r-1"), CLAIMS("")), "signature is wrong");
	/* One key, two paddings. */
	expect_refused(check(rsa, "PS256", HEADER("RS256", "r-1"), CLAIMS("")), "signature is wrong");
	expect_refused(check(rsa, "RS512", HEADER("RS256", "r-1"), CLAIMS("")), "signature is wrong");
}

/* Also where the header, and the signature, are of another that the key could verify. */
static void a_signature_is_judged_by_the_algorithm_that_was_chosen(void **state)
{
	const struct jws_keys *keys = issuers->at[0].keys;

	(void)state;
	signer_token(rsa, "PS256", HEADER("PS256", "r-1"), CLAIMS(""), &text);
	assert_int_equal(jws_verify(keys, JWS_PS256, "r-1", buf_text(&text), text.len), JWS_GOOD);
	assert_int_equal(jws_verify(keys, JWS_RS256, "r-1", buf_text(&text), text.len), JWS_BAD);
	assert_int_equal(jws_verify(keys, JWS_ES256, "r-1", buf_text(&text), text.len), JWS_NO_KEY);
}

static void a_key_is_for_the_algorithms_of_its_kind(void **state)
{
	(void)state;
	expect_refused(check(p256, "ES256", HEADER("RS256", "e-256"), CLAIMS("")),
		       "no key of its kid and alg");
	expect_refused(check(p256, "ES256", HEADER("ES384", "e-256"), CLAIMS("")),
		       "no key of its kid and alg");
	expect_refused(check(rsa, "RS256", HEADER("ES256", "r-1"), CLAIMS("")), "no key of its kid and alg");
	expect_refused(check(rsa, "RS256", HEADER("RS256", "r-2"), CLAIMS("")), "no key of its kid and alg");
}

static void keys_that_a_header_brings_are_not_looked_at(void **state)
{
	struct buf header;

	(void)state;
	buf_init(&header, 4096);
	buf_text_add(&header,
		     "{\"typ\":\"at+jwt\",\"alg\":\"RS256\",\"kid\":\"r-1\","
		     "\"jku\":\"https://evil.example/keys\",\"x5u\":\"https://evil.example/cert\",\"jwk\":");
	signer_jwk(other, "", &header);
	buf_char(&header, '}');
	expect_refused(check(other, "RS256", buf_text(&header), CLAIMS("")), "signature is wrong");
	assert_int_equal(check(rsa, "RS256", buf_text(&header), CLAIMS("")), 0);
	buf_free(&header);
}

static void extensions_are_refused(void **state)
{
	(void)state;
	expect_refused(
		check_header(
			"{\"typ\":\"at+jwt\",\"alg\":\"RS256\",\"kid\":\"r-1\",\"crit\":[\"b64\"],\"b64\":true}"),
		"crit");
	expect_refused(check_header("{\"typ\":\"at+jwt\",\"alg\":\"RS256\",\"kid\":\"r-1\",\"crit\":[]}"),
		       "crit");
}

static void a_member_twice_is_no_member(void **state)
{
	(void)state;
	expect_refused(
		check_header("{\"typ\":\"at+jwt\",\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"r-1\"}"),
		"not both a JSON object");
	expect_refused(check_claims(CLAIMS(",\"sub\":\"operator\"")), "not both a JSON object");
}

static void the_issuer_is_known_to_the_letter(void **state)
{
	(void)state;
	expect_refused(check_claims("{\"iss\":\"" ISSUER "/\",\"aud\":\"" AUDIENCE "\",\"sub\":\"payroll\","
				    "\"iat\":1767599990,\"exp\":1767600300}"),
		       "no issuer of its name (iss)");
	expect_refused(check_claims("{\"aud\":\"" AUDIENCE "\",\"sub\":\"payroll\",\"iat\":1767599990,"
				    "\"exp\":1767600300}"),
		       "no issuer of its name (iss)");
}

#define TIMES(times) "{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"sub\":\"payroll\"," times "}"

static void a_token_holds_from_its_first_second_to_its_last(void **state)
{
	(void)state;
	/* A minute more at either end, as clocks differ. */
	assert_int_equal(check_claims(TIMES("\"iat\":1767597000,\"exp\":1767599941")), 0);
	expect_refused(check_claims(TIMES("\"iat\":1767597000,\"exp\":1767599940")),
		       "it ended 60 s ago (exp)");
	assert_int_equal(check_claims(TIMES("\"iat\":1767600060,\"exp\":1767600300")), 0);
	expect_refused(check_claims(TIMES("\"iat\":1767600061,\"exp\":1767600300")),
		       "from a later moment on");
	assert_int_equal(check_claims(TIMES("\"iat\":1767600000,\"nbf\":1767600060,\"exp\":1767600300")), 0);
	expect_refused(check_claims(TIMES("\"iat\":1767600000,\"nbf\":1767600061,\"exp\":1767600300")),
		       "from a later moment on");
	/* The longest life. */
	assert_int_equal(check_claims(TIMES("\"iat\":1767600000,\"exp\":1767603600")), 0);
	expect_refused(check_claims(TIMES("\"iat\":1767600000,\"exp\":1767603601")),
		       "lives longer than 3600 s");
	write_config("\"RS256\"", ",\"max_lifetime_s\":300");
	read_config();
	assert_int_equal(check_claims(TIMES("\"iat\":1767600000,\"exp\":1767600300")), 0);
	expect_refused(check_claims(TIMES("\"iat\":1767600000,\"exp\":1767600301")),
		       "lives longer than 300 s");
}

static void a_token_without_an_end_is_refused(void **state)
{
	(void)state;
	expect_refused(check_claims(TIMES("\"iat\":1767600000")), "exp, iat and nbf");
	expect_refused(check_claims(TIMES("\"exp\":1767600300")), "exp, iat and nbf");
	expect_refused(check_claims(TIMES("\"iat\":1767600000,\"exp\":\"1767600300\"")), "exp, iat and nbf");
	expect_refused(check_claims(TIMES("\"iat\":1767600000,\"exp\":9223372036854775807")),
		       "exp, iat and nbf");
	expect_refused(check_claims(TIMES("\"iat\":-1,\"exp\":1767600300")), "exp, iat and nbf");
	expect_refused(check_claims(TIMES("\"iat\":1767600000,\"nbf\":\"x\",\"exp\":1767600300")),
		       "exp, iat and nbf");
}

static void a_signature_covers_every_byte(void **state)
{
	struct buf good;

	(void)state;
	buf_init(&good, 8192);
	signer_token(p256, "ES256", HEADER("ES256", "e-256"), CLAIMS(""), &good);
	for (size_t i = 0; i < good.len; i++) {
		buf_clear(&text);
		buf_add(&text, good.data, good.len);
		/* Also the bits of a last character that stand for nothing. */
		text.data[i] = (char)(text.data[i] == 'Z' || text.data[i] == '9' ? 'A' : text.data[i] + 1);
		err = (struct err){0};
		assert_int_equal(token_check(issuers, buf_text(&text), NOW, &token, &err), -1);
		assert_int_equal(err.code, ERR_UNAUTHENTICATED);
	}
	buf_free(&good);
}

static void what_is_no_token_is_refused(void **state)
{
	static const char *const shapes[] = {"e30.e30.a=",
					     "a=.e30.e30",
					     ".",
					     "..",
					     "...",
					     "a.b.c",
					     "a.b",
					     "e30.e30.",
					     "e30.e30.e30",
					     "W10.e30.e30",
					     "e30=.e30.e30",
					     "e3 0.e30.e30",
					     "e30.e30.e30.e30.e30"};
	char *long_one = malloc(TOKEN_MAX + 2);

	(void)state;
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		err = (struct err){0};
		assert_int_equal(token_check(issuers, shapes[i], NOW, &token, &err), -1);
		assert_int_equal(err.code, ERR_UNAUTHENTICATED);
	}
	memset(long_one, 'a', TOKEN_MAX + 1);
	long_one[TOKEN_MAX + 1] = '\0';
	long_one[3] = long_one[9] = '.';
	assert_int_equal(token_check(issuers, long_one, NOW, &token, &err), -1);
	assert_non_null(strstr(err.text, "too long"));
	free(long_one);
	assert_true(token_is("a.b"));
	assert_false(token_is("ila_live_7_abc"));
}

/* Bytes of a token changed, cut out and doubled at random: refused, never anything else. */
static void junk_is_refused(void **state)
{
	unsigned seed = 7;
	struct buf good;

	(void)state;
	buf_init(&good, 8192);
	signer_token(rsa, "RS256", HEADER("RS256", "r-1"), CLAIMS(""), &good);
	for (int n = 0; n < JUNK; n++) {
		size_t at = (size_t)rand_r(&seed) % good.len, len = 1 + (size_t)rand_r(&seed) % 40;

		buf_clear(&text);
		buf_add(&text, good.data, at);
		if (n % 3 == 0)
			buf_char(&text, (char)(1 + rand_r(&seed) % 255));
		else if (n % 3 == 1)
			buf_text_add(&text, good.data + (size_t)rand_r(&seed) % good.len);
		buf_text_add(&text, good.data + (at + len < good.len ? at + len : good.len));
		if (strcmp(buf_text(&text), buf_text(&good)) == 0)
			continue;
		err = (struct err){0};
		assert_int_equal(token_check(issuers, buf_text(&text), NOW, &token, &err), -1);
		assert_int_equal(err.code, ERR_UNAUTHENTICATED);
	}
	buf_free(&good);
}

/* --- files -------------------------------------------------------------------------------- */

static void expect_unreadable(const char *why)
{
	struct issuers *none = NULL;

	err = (struct err){0};
	assert_int_equal(issuers_read(config, &none, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" does not say: %s", err.text, why);
	assert_null(none);
}

static void what_is_wrong_in_the_file_is_named_by_its_line(void **state)
{
	char path[96];

	(void)state;
	write_config("\"HS256\"", "");
	expect_unreadable("issuers.json:3: The field issuers[0].algorithms must be a list of RS256");
	write_config("\"none\"", "");
	expect_unreadable("must be a list of RS256");
	write_config("", "");
	expect_unreadable("a list of one at least");
	write_config("\"RS256\"", ",\"type\":\"id\"");
	expect_unreadable("at+jwt or JWT");
	write_config("\"RS256\"", ",\"client\":\"email\"");
	expect_unreadable("sub, client_id or azp");
	write_config("\"RS256\"", ",\"max_lifetime_s\":86401");
	expect_unreadable("from 1 to 86400");
	write_config("\"RS256\"", ",\"jwks_uri\":\"https://login.region.example/keys\"");
	expect_unreadable("jwks_uri");
	write_config("\"RS256\"", "},{\"issuer\":\"" ISSUER
				  "\",\"audience\":\"a\",\"keys\":\"keys.json\",\"algorithms\":[\"RS256\"]");
	expect_unreadable("issuers[1].issuer must be of one issuer alone");
	write_in("issuers.json", "{\"issuers\":[7]}");
	expect_unreadable("issuers[0] must be an object");
	write_in("issuers.json", "{");
	expect_unreadable("issuers.json: ");
	write_config("\"RS256\"", "");
	assert_int_equal(chmod(config, 0666), 0);
	expect_unreadable("issuers.json may be written by everybody");
	write_config("\"RS256\"", "");
	assert_int_equal(chmod(in_folder("keys.json", path), 0642), 0);
	expect_unreadable("keys.json may be written by everybody");
	assert_int_equal(remove(path), 0);
	expect_unreadable("keys.json cannot be read");
	assert_int_equal(remove(config), 0);
	expect_unreadable("issuers.json cannot be read");
}

static void a_key_set_is_public_and_tells_its_keys_apart(void **state)
{
	struct buf set;

	(void)state;
	KEYS("keys.json", "", rsa, other);
	expect_unreadable("Two keys of it have the same kid");
	buf_init(&set, 16384);
	buf_text_add(&set, "{\"keys\":[");
	signer_private(p256, &set);
	buf_text_add(&set, "]}");
	write_in("keys.json", buf_text(&set));
	expect_unreadable("It holds a private key");
	write_in("keys.json", "{\"keys\":[]}");
	expect_unreadable("It holds no key that verifies");
	write_in("keys.json", "{}");
	expect_unreadable("keys is missing");
	buf_free(&set);
}

static void keys_of_no_use_are_left_out(void **state)
{
	static const char others[] =
		",{\"kty\":\"oct\",\"kid\":\"s\",\"k\":\"c2VjcmV0\"}"
		",{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"o\",\"x\":\"AAAA\"}"
		",{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"off\",\"x\":\"AAAA\",\"y\":\"AAAA\"}"
		",{\"kty\":\"RSA\",\"kid\":\"odd\",\"n\":\"a=\",\"e\":\"AQAB\"},";
	struct signer *weak = signer_new("RSA1024", "weak");
	struct signer *sealed = signer_new("P-256", "sealed"), *pinned = signer_new("RSA2048", "pinned");
	struct buf more;

	(void)state;
	buf_init(&more, 16384);
	buf_text_add(&more, others);
	signer_jwk(weak, "", &more);
	buf_char(&more, ',');
	signer_jwk(sealed, ",\"use\":\"enc\"", &more);
	buf_char(&more, ',');
	signer_jwk(pinned, ",\"alg\":\"PS256\",\"key_ops\":[\"verify\"]", &more);
	KEYS("keys.json", buf_text(&more), rsa);
	read_config();
	assert_int_equal(jws_keys_count(issuers->at[0].keys), 2);
	assert_int_equal(jws_keys_left_out(issuers->at[0].keys), 6);
	assert_int_equal(check(rsa, "RS256", HEADER("RS256", "r-1"), CLAIMS("")), 0);
	expect_refused(check(weak, "RS256", HEADER("RS256", "weak"), CLAIMS("")),
		       "no key of its kid and alg");
	expect_refused(check(sealed, "ES256", HEADER("ES256", "sealed"), CLAIMS("")),
		       "no key of its kid and alg");
	assert_int_equal(check(pinned, "PS256", HEADER("PS256", "pinned"), CLAIMS("")), 0);
	expect_refused(check(pinned, "RS256", HEADER("RS256", "pinned"), CLAIMS("")),
		       "no key of its kid and alg");
	buf_free(&more);
	signer_free(weak);
	signer_free(sealed);
	signer_free(pinned);
}

static void a_file_that_is_refused_leaves_the_old_keys(void **state)
{
	struct trust *t = NULL;

	(void)state;
	err = (struct err){0};
	assert_int_equal(trust_open(config, &t, &err), 0);
	signer_token(rsa, "RS256", HEADER("RS256", "r-1"), CLAIMS(""), &text);
	/* Of another year by the machine's clock: good but for that. */
	assert_int_equal(trust_check(t, buf_text(&text), &token, &err), -1);
	assert_non_null(strstr(err.text, "it ended "));
	write_in("keys.json", "{\"keys\":");
	err = (struct err){0};
	assert_int_equal(trust_reload(t, &err), -1);
	assert_non_null(strstr(err.text, "keys.json"));
	assert_int_equal(trust_check(t, buf_text(&text), &token, &err), -1);
	assert_non_null(strstr(err.text, "it ended "));
	KEYS("keys.json", "", p256);
	assert_int_equal(trust_reload(t, &err), 0);
	assert_int_equal(trust_check(t, buf_text(&text), &token, &err), -1);
	assert_non_null(strstr(err.text, "no key of its kid"));
	trust_close(t);
	trust_close(NULL);
}

/* By the machine's clock. */
static int check_now(struct trust *t, const char *made)
{
	err = (struct err){0};
	return trust_check(t, made, &token, &err);
}

static void what_was_good_is_so_until_it_ends_or_the_keys_change(void **state)
{
	struct trust *t = NULL;
	struct buf good;
	char claims[512];
	int64_t now = (int64_t)time(NULL);

	(void)state;
	buf_init(&good, 8192);
	assert_int_equal(trust_open(config, &t, &err), 0);
	snprintf(claims, sizeof claims, TIMES("\"iat\":%lld,\"exp\":%lld"), (long long)now - 900,
		 (long long)now - TOKEN_LEEWAY_S + 2);
	signer_token(rsa, "RS256", HEADER("RS256", "r-1"), claims, &text);
	snprintf(claims, sizeof claims, TIMES("\"iat\":%lld,\"exp\":%lld"), (long long)now,
		 (long long)now + 300);
	signer_token(rsa, "RS256", HEADER("RS256", "r-1"), claims, &good);
	for (int again = 0; again < 2; again++) {
		assert_int_equal(check_now(t, buf_text(&text)), 0);
		assert_int_equal(check_now(t, buf_text(&good)), 0);
		assert_string_equal(token.client, "payroll");
	}
	sleep(3);
	assert_int_equal(check_now(t, buf_text(&text)), -1);
	assert_non_null(strstr(err.text, "it ended "));
	assert_int_equal(check_now(t, buf_text(&good)), 0);
	KEYS("keys.json", "", p256);
	assert_int_equal(trust_reload(t, &err), 0);
	assert_int_equal(check_now(t, buf_text(&good)), -1);
	assert_non_null(strstr(err.text, "no key of its kid"));
	trust_close(t);
	buf_free(&good);
}

/* --- another's tokens ------------------------------------------------------------------------ */

static void tokens_of_pyjwt_are_taken(void **state)
{
	char command[256], path[96], line[TOKEN_MAX + 2];
	FILE *tokens;
	int good = 0;

	(void)state;
	if (system("/usr/bin/python3 -c 'import jwt, cryptography' 2> /dev/null") != 0) {
		print_message("# skipped: PyJWT is missing (python3-jwt, python3-cryptography)\n");
		return;
	}
	snprintf(command, sizeof command, "/usr/bin/python3 tests/lib/issuer.py %s %s %s", folder, ISSUER,
		 AUDIENCE);
	assert_int_equal(system(command), 0);
	write_in("issuers.json", "{\"issuers\":[]}");
	read_config();
	in_folder("pyjwt.json", config);
	read_config();
	tokens = fopen(in_folder("tokens", path), "re");
	assert_non_null(tokens);
	while (fgets(line, sizeof line, tokens) != NULL) {
		int is_good = line[0] == '+';

		line[strcspn(line, "\n")] = '\0';
		err = (struct err){0};
		if ((token_check(issuers, line + 1, (int64_t)time(NULL), &token, &err) == 0) != is_good)
			fail_msg("of %s: %s", line, err.text);
		good += is_good;
	}
	fclose(tokens);
	assert_int_equal(good, 9);
	in_folder("issuers.json", config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_token_of_every_algorithm_is_taken, begin),
		cmocka_unit_test_setup(the_audience_may_be_one_of_several, begin),
		cmocka_unit_test_setup(a_key_set_of_one_key_needs_no_kid, begin),
		cmocka_unit_test_setup(scope_narrows_by_the_roles_that_it_names, begin),
		cmocka_unit_test_setup(the_client_is_named_by_the_claim_that_is_configured, begin),
		cmocka_unit_test_setup(an_issuer_may_call_its_tokens_jwt, begin),
		cmocka_unit_test_setup(the_algorithm_is_the_configurations_word, begin),
		cmocka_unit_test_setup(a_signature_is_judged_by_the_algorithm_that_was_chosen, begin),
		cmocka_unit_test_setup(a_key_is_for_the_algorithms_of_its_kind, begin),
		cmocka_unit_test_setup(keys_that_a_header_brings_are_not_looked_at, begin),
		cmocka_unit_test_setup(extensions_are_refused, begin),
		cmocka_unit_test_setup(a_member_twice_is_no_member, begin),
		cmocka_unit_test_setup(the_issuer_is_known_to_the_letter, begin),
		cmocka_unit_test_setup(a_token_holds_from_its_first_second_to_its_last, begin),
		cmocka_unit_test_setup(a_token_without_an_end_is_refused, begin),
		cmocka_unit_test_setup(a_signature_covers_every_byte, begin),
		cmocka_unit_test_setup(what_is_no_token_is_refused, begin),
		cmocka_unit_test_setup(junk_is_refused, begin),
		cmocka_unit_test_setup(what_is_wrong_in_the_file_is_named_by_its_line, begin),
		cmocka_unit_test_setup(a_key_set_is_public_and_tells_its_keys_apart, begin),
		cmocka_unit_test_setup(keys_of_no_use_are_left_out, begin),
		cmocka_unit_test_setup(a_file_that_is_refused_leaves_the_old_keys, begin),
		cmocka_unit_test_setup(what_was_good_is_so_until_it_ends_or_the_keys_change, begin),
		cmocka_unit_test_setup(tokens_of_pyjwt_are_taken, begin),
	};

	return cmocka_run_group_tests_name("unit/api/token", tests, set_up, tear_down);
}
