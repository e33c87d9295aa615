// Version 2 is not known; the program frees what it got.
#include <stdint.h>

void *
config_new(uint32_t version);
void
config_free(void *config);

int
main(void)
{
	config_free(config_new(1));
	config_free(config_new(2));
	return 0;
}
