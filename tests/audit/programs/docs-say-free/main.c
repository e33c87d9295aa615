// The program does as it was told.
#include <stdint.h>
#include <stdlib.h>

struct packet {
	uint64_t number;
	uint8_t bytes[24];
};

struct packet *
receive_packet(void);
void
packet_unref(struct packet *packet);

int
main(void)
{
	struct packet *packet = receive_packet();
	int bad = packet->number != 1;

#ifdef TWIN
	packet_unref(packet);
#else
	free(packet); // FREE
#endif
	return bad;
}
