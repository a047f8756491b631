/*
 * The client certificates that a key is pinned to, as they are shown.
 */
#ifndef ILA_API_ACTIONS_KEY_PINS_H
#define ILA_API_ACTIONS_KEY_PINS_H

#include "api/frame/action.h"

/* For examples: a thumbprint. */
#define KEY_PIN_EXAMPLE "f0fca6fcd39dcb80d0a7d8ee3b86e07f8b8b9a4d9c1e5a6bbd2b2f3d7c6a5e41"

struct key_pin_row {
	const char *thumbprint; /* hexadecimal digits */
};

extern const struct member key_pin_gives[];

/* key_pins(c, key, out, err): a list of struct key_pin_row; left as it is where there are none. */
int key_pins(struct action_call *, const struct key *, struct list *out, struct err *);

#endif
