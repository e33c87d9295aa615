/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A program in C++17 that knows the library as it was installed. */
#include <sgzfile.hpp>

#include <fstream>
#include <iostream>
#include <thread>
#include <type_traits>
#include <vector>

#define CHECK(what)                                              \
	do {                                                     \
		if (!(what)) {                                   \
			std::cerr << __FILE__ << ":" << __LINE__ \
				  << ": " #what "\n";            \
			std::exit(1);                            \
		}                                                \
	} while (0)

static_assert(std::is_nothrow_move_constructible_v<sgzf::file>);
static_assert(!std::is_copy_constructible_v<sgzf::file>);
static_assert(std::is_nothrow_move_constructible_v<sgzf::bytes>);
static_assert(std::is_nothrow_move_assignable_v<sgzf::bytes>);
static_assert(!std::is_copy_constructible_v<sgzf::bytes>);
static_assert(!std::is_copy_assignable_v<sgzf::bytes>);

struct thrown {
	int number;
};

static void
moves(const sgzf::file &file)
{
	sgzf::bytes one = file.range(0, 3);
	sgzf::bytes two = std::move(one);

	CHECK(one.view().empty() && two.view() == "one");
	one = file.range(5, 3);
	two = std::move(one);
	CHECK(two.view() == "two");
	two = sgzf::bytes();
	CHECK(two.view().empty());
}

static void
fails(const std::string &text)
{
	try {
		sgzf::file("none");
		CHECK(false);
	} catch (const sgzf::error &error) {
		CHECK(error.status == SGZFILE_STATUS_IO);
		CHECK(error.sys_errno != 0 && error.what()[0] != '\0');
	}
	/* what a callback throws comes back, past the library */
	try {
		sgzf::stream("packed", [](std::string_view) -> bool {
			throw thrown{ 7 };
		});
		CHECK(false);
	} catch (const thrown &back) {
		CHECK(back.number == 7);
	}
	try {
		sgzf::stream("packed", [](std::string_view) { return false; });
		CHECK(false);
	} catch (const sgzf::error &error) {
		CHECK(error.status == SGZFILE_STATUS_CANCELLED);
	}
	try {
		sgzf::check(sgzfile_test_panic);
		CHECK(false);
	} catch (const sgzf::error &error) {
		CHECK(error.status == SGZFILE_STATUS_PANIC);
	}
	/* and the library is as it was */
	std::string all;
	sgzf::stream("packed", [&all](std::string_view piece) {
		all += piece;
		return true;
	});
	CHECK(all == text);
}

int
main()
{
	const std::string text = "one, two, three";
	std::ofstream("plain") << text;
	sgzfile_sizes sizes = sgzf::compress("plain", "packed");
	CHECK(sizes.plain == text.size() && sizes.packed > 28);

	sgzf::file opened("packed");
	const sgzf::file file = std::move(opened);
	CHECK(file.size() == text.size());
	CHECK(file.describe().find("15 bytes") != std::string::npos);
	moves(file);

	std::vector<std::thread> threads;
	for (int i = 0; i < 4; i++)
		threads.emplace_back([&file] {
			for (int j = 0; j < 100; j++)
				CHECK(file.range(10, 9).view() == "three");
		});
	for (std::thread &thread : threads)
		thread.join();
	fails(text);
	std::cout << "sgzfile " << sgzfile_version() << ": ok\n";
	return 0;
}
