// The database.
#include <cstring>

extern "C" char *
db_get()
{
	char *value = new char[20]; // NEW

	std::memset(value, 7, 20);
	return value;
}

extern "C" void
db_free(char *value)
{
	delete[] value;
}
