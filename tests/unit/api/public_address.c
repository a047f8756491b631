/*
 * api/hooks/public_address: which addresses a webhook may reach.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "api/hooks/public_address.h"

static int is_public(const char *text)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_in v4 = {.sin_family = AF_INET};

	if (strchr(text, ':') == NULL) {
		assert_int_equal(inet_pton(AF_INET, text, &v4.sin_addr), 1);
		return address_is_public((const struct sockaddr *)&v4);
	}
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return address_is_public((const struct sockaddr *)&v6);
}

static void addresses_of_the_internet_are_public(void **state)
{
	static const char *const all[] = {
		"1.1.1.1",     "9.255.255.255",  "11.0.0.0",       "100.63.255.255", "100.128.0.0",
		"126.0.0.1",   "169.253.0.1",    "172.15.255.255", "172.32.0.0",     "192.167.1.1",
		"192.169.0.0", "198.17.0.1",     "198.20.0.0",     "223.255.255.1",  "2606:4700::1111",
		"2a01:e0a::1", "2001:4860::8888"};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (!is_public(all[i]))
			fail_msg("%s is public", all[i]);
}

static void all_others_are_not(void **state)
{
	static const char *const all[] = {"0.0.0.0",
					  "10.0.0.1",
					  "10.255.255.255",
					  "100.64.0.1",
					  "127.0.0.1",
					  "127.255.255.255",
					  "169.254.169.254",
					  "172.16.0.1",
					  "172.31.255.255",
					  "192.0.0.1",
					  "192.0.2.1",
					  "192.88.99.1",
					  "192.168.0.1",
					  "198.18.0.1",
					  "198.51.100.1",
					  "203.0.113.1",
					  "224.0.0.1",
					  "240.0.0.1",
					  "255.255.255.255",
					  "::",
					  "::1",
					  "fe80::1",
					  "fc00::1",
					  "fd12:3456::1",
					  "ff02::1",
					  "::ffff:8.8.8.8",
					  "::ffff:127.0.0.1",
					  "::8.8.8.8",
					  "64:ff9b::8.8.8.8",
					  "64:ff9b:1::1",
					  "2001::1",
					  "2001:db8::1",
					  "2002:7f00:1::1",
					  "3fff::1",
					  "100::1",
					  "4000::1"};
	struct sockaddr other = {.sa_family = AF_UNIX};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (is_public(all[i]))
			fail_msg("%s is not public", all[i]);
	assert_false(address_is_public(&other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_the_internet_are_public),
		cmocka_unit_test(all_others_are_not),
	};

	return cmocka_run_group_tests_name("unit/api/public_address", tests, NULL, NULL);
}
