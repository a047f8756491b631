/*
 * Which machines a webhook may reach: those of the public internet.  An address that leads into the network
 * of the server itself would let whoever may make webhooks send requests there.
 */
#ifndef ILA_API_HOOKS_PUBLIC_ADDRESS_H
#define ILA_API_HOOKS_PUBLIC_ADDRESS_H

#include <sys/socket.h>

/*
 * address_is_public(address): 1; 0 of what is private, loopback, link-local, shared, multicast, reserved or
 * for documentation, of IPv4 in IPv6 in any form, and of any other family.
 */
int address_is_public(const struct sockaddr *);

#endif
