// SPDX-License-Identifier: GPL-2.0
/* Sizes and node lists: what is read, what is refused, what is printed. */
#include <string.h>

#include "options.h"
#include "sizes.h"
#include "test.h"

#define K	1024ULL
#define M	(K * K)
#define G	(K * M)
#define T	(K * G)
#define P	(K * T)

static const struct {
	const char *text;
	uint64_t num;
	char sign;
	bool percent;
} good[] = {
	{ "0", 0, 0, false },
	{ "1073741824", G, 0, false },
	{ "18446744073709551615", UINT64_MAX, 0, false },
	{ "4K", 4 * K, 0, false },
	{ "512M", 512 * M, 0, false },
	{ "4G", 4 * G, 0, false },
	{ "4g", 4 * G, 0, false },
	{ "4GiB", 4 * G, 0, false },
	{ "2T", 2 * T, 0, false },
	{ "1P", P, 0, false },
	{ "16383P", 16383 * P, 0, false },
	{ "1.5G", 1536 * M, 0, false },
	{ "0.125G", 128 * M, 0, false },
	{ "+1G", G, '+', false },
	{ "-128M", 128 * M, '-', false },
	{ "50%", 50000, 0, true },
	{ "12.5%", 12500, 0, true },
	{ "-0.001%", 1, '-', true },
};

static const char *const bad[] = {
	"", "+", "-", "G", ".5G", "4.", "4.G", "x", "4X", "4GG", "4GB", "4 G",
	" 4G", "4G ", "0x1000", "--4G", "+-4G", "1e9", "4Gi", "%", "50%%",
	"50%G", "1.2345%", "0.3", "1.0000000001G", "1.1K", "16384P",
	"18446744073709551616", "99999999999999999999999", "-",
};

static void test_parse(void)
{
	struct size size;
	char what[128];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(what, sizeof(what), "size '%s' is read",
			 good[i].text);
		check(what, !size_parse(good[i].text, &size) && size.set &&
		      size.num == good[i].num && size.sign == good[i].sign &&
		      size.percent == good[i].percent);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(what, sizeof(what), "size '%s' is refused", bad[i]);
		check(what, size_parse(bad[i], &size) && !size.set);
	}
}

static bool percent_is(const char *text, uint64_t base, uint64_t expected)
{
	struct size size;
	uint64_t bytes;

	return !size_parse(text, &size) && !size_of(&size, base, &bytes) &&
	       bytes == expected;
}

static void test_percent(void)
{
	struct size size;
	uint64_t bytes;

	check("half of 3 GiB", percent_is("50%", 3 * G, 1536 * M));
	check("a third of a percent is rounded down",
	      percent_is("0.333%", 1000, 3));
	check("all of 2^64 - 1", percent_is("100%", UINT64_MAX, UINT64_MAX));
	check("nothing of something", percent_is("0%", G, 0));
	check("more than 2^64 is refused",
	      !size_parse("101%", &size) &&
	      size_of(&size, UINT64_MAX, &bytes));
}

static void test_format(void)
{
	static const struct {
		uint64_t bytes;
		const char *text, *exact;
	} cases[] = {
		{ 0, "0", "0" },
		{ 1023, "1023", "1023" },
		{ K, "1K", "1K" },
		{ K + 1, "1.0K", "1025" },
		{ 4 * G, "4G", "4G" },
		{ 4 * G - M, "3.9G", "4095M" },
		{ 4 * G + M, "4.0G", "4097M" },
		{ 1408 * M, "1.3G", "1408M" },
		{ 1536 * M, "1.5G", "1536M" },
		{ 1024 * P, "1024P", "1024P" },
		{ UINT64_MAX, "16383.9P", "18446744073709551615" },
	};
	char what[64], buf[SIZE_TEXT];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(what, sizeof(what), "%s is printed", cases[i].exact);
		check(what, !strcmp(size_format(buf, cases[i].bytes),
				    cases[i].text) &&
			    !strcmp(size_exact(buf, cases[i].bytes),
				    cases[i].exact));
	}
}

static void test_nodes(void)
{
	static const char *const wrong[] = {
		",", "0,", ",0", "0-", "-1", "3-2", "a", "0;1", "0 1", "1024",
		"0-1024", "99999999999999999999", "0--1", "0-1-2",
	};
	struct nodelist list;
	char what[64];
	size_t i;
	int n, nr = 0;

	check("a list of nodes is read",
	      !nodelist_parse("0,2-4,1023", &list) && list.set);
	for (n = 0; n < NODELIST_MAX; n++)
		nr += list.has[n];
	check("with what it has and no more", nr == 5 && list.has[0] &&
	      list.has[2] && list.has[3] && list.has[4] && list.has[1023]);
	check("lists that meet", nodelist_meets(&list, "1,4-5"));
	check("lists that do not", !nodelist_meets(&list, "1,5-7"));
	check("nothing meets the empty list", !nodelist_meets(&list, ""));
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(what, sizeof(what), "node list '%s' is refused",
			 wrong[i]);
		check(what, nodelist_parse(wrong[i], &list));
	}
}

int main(void)
{
	test_parse();
	test_percent();
	test_format();
	test_nodes();
	return failures ? 1 : 0;
}
