// The database.
#include <cstddef>

extern "C" char *
batch_data(std::size_t *size_out)
{
	char *data = new char[256](); // NEW

	*size_out = 256;
	return data;
}

extern "C" void
batch_free(char *data)
{
	delete[] data;
}
