// Four blocks; the twin frees each by the form that allocated it.
#include <new>

struct three {
	long values[3];
};

struct alignas(64) wide {
	char bytes[64];
};

// The compiler may not know which form it was.
template <typename type>
static type *
hidden(type *block)
{
	__asm__ volatile("" : "+r"(block));
	return block;
}

static void
free_array_as_one()
{
	char *array = hidden(new char[33]); // ARRAY
#ifdef TWIN
	delete[] array;
#else
	delete array; // AS_ONE
#endif
}

static void
free_one_as_array()
{
	three *one = hidden(new three); // ONE
#ifdef TWIN
	delete one;
#else
	delete[] one; // AS_ARRAY
#endif
}

static void
free_aligned_as_plain()
{
	wide *block = hidden(new wide); // ALIGNED
#ifdef TWIN
	delete block;
#else
	delete (char *)block; // AS_PLAIN
#endif
}

static void
free_aligned_array_as_one()
{
	wide *blocks = hidden(new wide[3]); // ALIGNED_ARRAY
#ifdef TWIN
	delete[] blocks;
#else
	delete blocks; // AS_ALIGNED_ONE
#endif
}

extern "C" void
use_all_forms()
{
	free_array_as_one();
	free_one_as_array();
	free_aligned_as_plain();
	free_aligned_array_as_one();
	int *quiet = hidden(new (std::nothrow) int[5]);
	delete[] quiet;
}
