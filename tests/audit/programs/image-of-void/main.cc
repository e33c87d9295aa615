// The program is right: a unique_ptr gives the plane back to the library.
#include <memory>

extern "C" void *
plane_new();
extern "C" void
plane_free(void *plane);

int
main()
{
	std::unique_ptr<void, void (*)(void *)> plane(plane_new(), plane_free);

	return plane ? 0 : 1;
}
