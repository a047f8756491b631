#include "api/hooks/public_address.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

/* What of IPv4 is not public (IANA's special-purpose registry). */
static const struct {
	uint32_t net;
	int bits;
} reserved[] = {
	{0x00000000, 8},  /* this network */
	{0x0a000000, 8},  /* private */
	{0x64400000, 10}, /* shared by carriers */
	{0x7f000000, 8},  /* loopback */
	{0xa9fe0000, 16}, /* link-local */
	{0xac100000, 12}, /* private */
	{0xc0000000, 24}, /* protocol assignments */
	{0xc0000200, 24}, /* documentation */
	{0xc0586300, 24}, /* relays to IPv6 */
	{0xc0a80000, 16}, /* private */
	{0xc6120000, 15}, /* benchmarks */
	{0xc6336400, 24}, /* documentation */
	{0xcb007100, 24}, /* documentation */
	{0xe0000000, 4},  /* multicast */
	{0xf0000000, 4},  /* reserved, broadcast */
};

static int v4_is_public(uint32_t address)
{
	for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
		if ((address ^ reserved[i].net) >> (32 - reserved[i].bits) == 0)
			return 0;
	return 1;
}

/* Only 2000::/3 is unicast that is routed; of it not Teredo and others of 2001::/23, documentation
 * (2001:db8::/32, 3fff::/20), and 6to4 (2002::/16), which carries IPv4. */
static int v6_is_public(const unsigned char a[16])
{
	if ((a[0] & 0xe0) != 0x20)
		return 0;
	if (a[0] == 0x20 && a[1] == 0x01)
		return a[2] >= 0x02 && !(a[2] == 0x0d && a[3] == 0xb8);
	if (a[0] == 0x3f && a[1] == 0xff && a[2] < 0x10)
		return 0;
	return !(a[0] == 0x20 && a[1] == 0x02);
}

int address_is_public(const struct sockaddr *address)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof v4);
		return v4_is_public(ntohl(v4.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof v6);
		return v6_is_public(v6.sin6_addr.s6_addr);
	}
	return 0;
}
