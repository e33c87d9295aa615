// The wrapper of a library in C++.
#include <cstdlib>
#include <cstring>
#include <string>

extern "C" char *
window_label()
{
	std::string label = std::string("a new ") + "label";
	char *copy = strdup(label.c_str()); // STRDUP

	return copy;
}

extern "C" void
window_label_free(char *label)
{
	free(label);
}
