// The C++ side.
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <sys/resource.h>
#include <vector>

struct five {
	std::int64_t values[5];
};

extern "C" five *
cpp_make()
{
	five *made = new five(); // NEW
	return made;
}

extern "C" void
cpp_end(five *gone)
{
	delete gone; // DELETE
	__asm__ volatile("");
}

struct large {
	char bytes[16 << 20];
};
static struct rlimit old_limit;

// All other forms, which are right.
static void
use_all_forms()
{
	struct alignas(64) wide {
		char bytes[64];
	};
	std::vector<std::string> texts(100, std::string(50, 'x'));
	wide *one = new wide(), *many = new wide[3];
	int *quiet = new (std::nothrow) int[5];

	delete one;
	delete[] many;
	delete[] quiet;
	try {
		char *huge = new char[std::size_t(1) << 46];
		delete[] huge;
	} catch (const std::bad_alloc &) {
	}
}

// The handler makes room, so that each form gets its memory at the second try.
static void
use_handler()
{
	struct rlimit before, none;

	getrlimit(RLIMIT_AS, &before);
	none = before;
	none.rlim_cur = 1;
	old_limit = before;
	std::set_new_handler([] { setrlimit(RLIMIT_AS, &old_limit); });
	setrlimit(RLIMIT_AS, &none);
	delete new large;
	setrlimit(RLIMIT_AS, &none);
	delete[] new large[2];
	setrlimit(RLIMIT_AS, &none);
	delete[] new (std::nothrow) large[3];
	setrlimit(RLIMIT_AS, &before);
	std::set_new_handler(nullptr);
}

extern "C" void
cpp_mix()
{
	use_all_forms();
	use_handler();
#ifndef TWIN
	char *array = new char[33]; // MIX_NEW
	__asm__ volatile("" : "+r"(array));
	free(array); // MIX_FREE
	int *number = (int *)malloc(sizeof(*number)); // MIX_MALLOC
	__asm__ volatile("" : "+r"(number));
	delete number; // MIX_DELETE
	__asm__ volatile("");
#endif
}
