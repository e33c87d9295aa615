// The C++ side.
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
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

extern "C" void
cpp_mix()
{
	use_all_forms();
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
