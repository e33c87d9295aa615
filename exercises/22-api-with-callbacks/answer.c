/* A bell calls all who want to hear it; see answer.h. */
#include <answer.h>

#include <stdlib.h>

struct entry {
	struct entry *next;
	uint64_t id;
	void (*call)(void *ctx, int value);
	void (*release)(void *ctx);
	void *ctx;
};

struct bell {
	struct entry *first;
	uint64_t last_id;
};

struct bell *
bell_new(void)
{
	return calloc(1, sizeof(struct bell));
}

/* TODO: this is right for callbacks that call nothing */
int
bell_add(struct bell *bell, void (*call)(void *ctx, int value),
	 void (*release)(void *ctx), void *ctx, uint64_t *id_out)
{
	struct entry *entry = malloc(sizeof(*entry));
	struct entry **at = &bell->first;

	if (entry == NULL)
		return BELL_E_NOMEM;
	while (*at != NULL)
		at = &(*at)->next;
	*entry = (struct entry){ NULL, ++bell->last_id, call, release, ctx };
	*at = entry;
	*id_out = entry->id;
	return BELL_OK;
}

int
bell_remove(struct bell *bell, uint64_t id)
{
	struct entry **at = &bell->first;
	struct entry *entry;

	while (*at != NULL && (*at)->id != id)
		at = &(*at)->next;
	if (*at == NULL)
		return BELL_E_UNKNOWN;
	entry = *at;
	*at = entry->next;
	entry->release(entry->ctx);
	free(entry);
	return BELL_OK;
}

int
bell_ring(struct bell *bell, int value)
{
	struct entry *entry;
	int count = 0;

	for (entry = bell->first; entry != NULL; entry = entry->next) {
		entry->call(entry->ctx, value);
		count++;
	}
	return count;
}

void
bell_free(struct bell *bell)
{
	while (bell->first != NULL)
		bell_remove(bell, bell->first->id);
	free(bell);
}
