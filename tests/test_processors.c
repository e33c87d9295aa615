/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How many processors control groups allow, by trees that are made up here. */
#include "../csrc/pool.h"
#include "support.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static int
setup(void **state)
{
	(void)state;
	enter_dir();
	assert_int_equal(mkdir("tree", 0700), 0);
	assert_int_equal(mkdir("tree/a", 0700), 0);
	assert_int_equal(mkdir("tree/a/b", 0700), 0);
	assert_int_equal(mkdir("tree/cpu", 0700), 0);
	assert_int_equal(mkdir("tree/cpu/a", 0700), 0);
	return 0;
}

static int
remove_one(const char *path, const struct stat *unused, int kind,
	   struct FTW *place)
{
	(void)unused;
	(void)kind;
	(void)place;
	return remove(path);
}

static int
teardown(void **state)
{
	(void)state;
	nftw("tree", remove_one, 8, FTW_DEPTH | FTW_PHYS);
	leave_dir();
	return 0;
}

/* What a file of the tree holds; NULL: there is none. */
static void
put(const char *path, const char *text)
{
	if (text == NULL)
		unlink(path);
	else
		put_file(path, text, strlen(text));
}

static uint32_t
find(const char *groups)
{
	put("groups", groups);
	return sgz_find_quota("groups", "tree");
}

/* "QUOTA PERIOD", and how many processors that is. */
static const struct {
	const char *text;
	uint32_t count;
} quotas[] = {
	{ NULL, 0 },
	{ "", 0 },
	{ "max 100000\n", 0 },
	{ "max", 0 },
	{ "50000 100000\n", 1 }, /* half of one */
	{ "1000 100000\n", 1 },
	{ "100000 100000\n", 1 },
	{ "100001 100000\n", 2 },
	{ "150000 100000\n", 2 }, /* 1.5 */
	{ "6400000 100000\n", 64 },
	{ "99999999999 1000\n", SGZ_POOL_MOST },
	{ "9223372036854775807 1\n", SGZ_POOL_MOST },
	{ "99999999999999999999999 1\n", SGZ_POOL_MOST },
	/* nonsense is no limit */
	{ "100000", 0 },
	{ "100000 0\n", 0 },
	{ "-100000 100000\n", 0 },
	{ "100000 -100000\n", 0 },
	{ "many of them\n", 0 },
	{ "\xff\xfe\n", 0 },
};

static void
test_processors__quota_of_version_2(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(quotas) / sizeof(quotas[0]); i++) {
		put("tree/a/cpu.max", quotas[i].text);
		assert_int_equal(find("0::/a\n"), quotas[i].count);
		assert_int_equal(find("0::/a/b\n"), quotas[i].count);
		assert_int_equal(find("0::/\n"), 0);
	}
}

static void
test_processors__quota_of_version_1(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(quotas) / sizeof(quotas[0]); i++) {
		const char *text = quotas[i].text;
		const char *space = text != NULL ? strchr(text, ' ') : NULL;
		char quota[64];

		snprintf(quota, sizeof(quota), "%.*s",
			 text != NULL ? (int)strcspn(text, " ") : 0,
			 text != NULL ? text : "");
		put("tree/cpu/cpu.cfs_quota_us", text != NULL ? quota : NULL);
		put("tree/cpu/cpu.cfs_period_us",
		    space != NULL ? space + 1 : NULL);
		assert_int_equal(find("4:cpu,cpuacct:/\n"), quotas[i].count);
		/* as a container sees it: its group is not in its own tree */
		assert_int_equal(find("4:cpuacct,cpu:/docker/123\n"),
				 quotas[i].count);
		assert_int_equal(find("4:cpuset,cpuacct:/\n"), 0);
	}
	put("tree/cpu/cpu.cfs_quota_us", "-1\n");
	put("tree/cpu/cpu.cfs_period_us", "100000\n");
	assert_int_equal(find("4:cpu:/\n"), 0);
	/* a group of its own, in one that has less */
	put("tree/cpu/a/cpu.cfs_quota_us", "300000\n");
	put("tree/cpu/a/cpu.cfs_period_us", "100000\n");
	assert_int_equal(find("4:cpu:/a\n"), 3);
	put("tree/cpu/cpu.cfs_quota_us", "200000\n");
	assert_int_equal(find("4:cpu:/a\n"), 2);
}

static void
test_processors__the_least_quota_counts(void **state)
{
	(void)state;
	put("tree/cpu.max", "900000 100000\n");
	put("tree/a/cpu.max", "300000 100000\n");
	put("tree/a/b/cpu.max", "700000 100000\n");
	assert_int_equal(find("0::/a/b\n"), 3);
	assert_int_equal(find("0::/a\n"), 3);
	assert_int_equal(find("0::/\n"), 9);
	assert_int_equal(find("0::/gone/from/here\n"), 9);
	put("tree/a/b/cpu.max", "200000 100000\n");
	assert_int_equal(find("0::/a/b\n"), 2);
	/* both versions at once, in either order */
	put("tree/cpu/cpu.cfs_quota_us", "400000\n");
	put("tree/cpu/cpu.cfs_period_us", "100000\n");
	assert_int_equal(find("0::/\n4:cpu:/\n"), 4);
	assert_int_equal(find("4:cpu:/\n0::/a/b\n"), 2);
	assert_int_equal(find("12:pids:/a\n4:cpu:/\n1:name=systemd:/\n0::/\n"),
			 4);
}

static void
test_processors__a_list_that_is_none_is_no_limit(void **state)
{
	static const char *const lists[] = {
		NULL, "", "\n\n", ":", "::", "0:", "0::", "0::a", "nonsense",
	};
	static char path[10000];

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		assert_int_equal(find(lists[i]), 0);
	/* a path that is too long */
	memset(path, '/', sizeof(path) - 1);
	memcpy(path, "0::", 3);
	assert_int_equal(find(path), 0);
	assert_in_range(sgz_count_processors(), 1, SGZ_POOL_MOST);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const struct CMUnitTest tests[] = {
	TEST(test_processors__quota_of_version_2),
	TEST(test_processors__quota_of_version_1),
	TEST(test_processors__the_least_quota_counts),
	TEST(test_processors__a_list_that_is_none_is_no_limit),
};

RUN("processors", tests)
