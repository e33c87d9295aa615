// The library.
#include <cstdint>

struct Options {
	std::int64_t cache, threads;
};

extern "C" Options *
options_create()
{
	return new Options();
}

extern "C" void
options_destroy(Options *options)
{
	delete options; // DELETE
	__asm__ volatile("");
}
