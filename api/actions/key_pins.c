/*
 * Keys and the client certificates that they are pinned to.
 */
#include "api/actions/key_pins.h"

#include <inttypes.h>

#include "api/actions/all.h"

const struct member key_pin_gives[] = {{"", M_STRING, IN(struct key_pin_row, thumbprint)}, MEMBERS_END};

int key_pins(struct action_call *c, const struct key *k, struct list *out, struct err *err)
{
	char hex[SHA256_HEX];
	size_t n = 0;

	while (key_has_pin(k, n) != NULL)
		n++;
	if (n > 0 && list_make(out, c->arena, n, sizeof(struct key_pin_row), err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		((struct key_pin_row *)out->at)[i].thumbprint =
			call_keep(c, sha256_hex(key_has_pin(k, i), hex));
	return 0;
}

struct pin {
	int64_t id;
	char certificate[SHA256_HEX];
};

struct pins {
	int64_t id;
	struct list certificates;
};

static const struct member pin_takes[] = {
	{"id", M_NUMBER, IN(struct pin, id), .flags = M_NEEDED | M_PATH | M_POSITION,
	 .noun = "the id of a key", .example = "7"},
	{"certificate", M_CERTIFICATE, IN(struct pin, certificate), .flags = M_NEEDED,
	 .help = "the client certificate", .example = KEY_PIN_EXAMPLE},
	MEMBERS_END,
};

static const struct member pins_gives[] = {
	{"id", M_NUMBER, IN(struct pins, id)},
	{"certificates", M_LIST, IN(struct pins, certificates), .of = key_pin_gives,
	 .item = sizeof(struct key_pin_row)},
	MEMBERS_END,
};

typedef int change_fn(struct tx *, int64_t, const unsigned char *, struct key *, struct err *);

static int change(struct tx *tx, struct action_call *c, change_fn *how, struct err *err)
{
	const struct pin *in = c->args;
	struct pins *out = c->answer;
	unsigned char certificate[SHA256_BYTES];
	struct key key;

	if (sha256_unhex(in->certificate, certificate) != 0)
		return err_bug(err, "a certificate that is no thumbprint");
	if (how(tx, in->id, certificate, &key, err) != 0)
		return -1;
	out->id = in->id;
	return key_pins(c, &key, &out->certificates, err);
}

static int pin(struct tx *tx, struct action_call *c, struct err *err)
{
	return change(tx, c, key_pin, err);
}

static int unpin(struct tx *tx, struct action_call *c, struct err *err)
{
	return change(tx, c, key_unpin, err);
}

static void print_pins(FILE *out, const struct action_call *c, const void *answer)
{
	const struct pins *done = answer;
	const struct key_pin_row *at = done->certificates.at;

	(void)c;
	if (done->certificates.count == 0)
		fprintf(out, "key %" PRId64 " is pinned to no certificate\n", done->id);
	for (size_t i = 0; i < done->certificates.count; i++)
		fprintf(out, "key %" PRId64 " is pinned to %s\n", done->id, at[i].thumbprint);
}

static const struct action pinned = {
	.name = "key pin",
	.method = "POST",
	.path = "/v1/keys/{id}/pin",
	.roles = BY_EVERY_ROLE,
	.takes = pin_takes,
	.takes_size = sizeof(struct pin),
	.gives = pins_gives,
	.gives_size = sizeof(struct pins),
	.run = pin,
	.print = print_pins,
	.summary = "pin a key to a client certificate, or to a second one before the first ends",
	.help = "Operators do it, and the holder of the key.  A key that is pinned opens only over TLS that ila\n"
		"itself ends, and only with one of its certificates, which nobody has to have signed.  A key that\n"
		"moves or approves money gets its second certificate from its holder alone.\n",
};

static const struct action unpinned = {
	.name = "key unpin",
	.method = "POST",
	.path = "/v1/keys/{id}/unpin",
	.roles = BY_EVERY_ROLE,
	.takes = pin_takes,
	.takes_size = sizeof(struct pin),
	.gives = pins_gives,
	.gives_size = sizeof(struct pins),
	.run = unpin,
	.print = print_pins,
	.summary = "take a client certificate away from a key",
	.help = "Operators do it, and the holder of the key; of a key that moves or approves money its holder\n"
		"alone.  With the last certificate gone the key opens without one.\n",
};

const struct action *const actions_of_key_pins[] = {&pinned, &unpinned, NULL};
