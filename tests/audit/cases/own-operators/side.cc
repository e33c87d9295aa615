// Arrays are counted; what frees them is not replaced.
#include <cstddef>
#include <new>

static std::size_t arrays;

void *
operator new[](std::size_t size)
{
	arrays++;
	return operator new(size);
}

extern "C" void
use_own_form()
{
	int *array = new int[5];

	__asm__ volatile("" : "+r"(array));
	delete[] array;
}
