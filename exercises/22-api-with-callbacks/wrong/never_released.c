// fails: memory: leak
// bell_free() frees what is its own, and ctx is, too.
/* A bell calls all who want to hear it; see answer.h. */
#include <answer.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct entry {
	struct entry *next;
	uint64_t id;
	void (*call)(void *ctx, int value);
	void (*release)(void *ctx);
	void *ctx;
	bool removed;
};

/* The lock guards all of it. While it rings no entry leaves the list. */
struct bell {
	pthread_mutex_t lock;
	struct entry *first;
	uint64_t last_id;
	bool ringing;
	bool freed; /* while it rang */
};

/* Without the lock: release() may be anything. */
static void
release_all(struct entry *entry)
{
	struct entry *next;

	for (; entry != NULL; entry = next) {
		next = entry->next;
		if (entry->release != NULL)
			entry->release(entry->ctx);
		free(entry);
	}
}

/* Take out what is removed, or all. */
static struct entry *
take_out(struct bell *bell, bool all)
{
	struct entry *out = NULL, **end = &out, **at = &bell->first;

	while (*at != NULL) {
		if (!all && !(*at)->removed) {
			at = &(*at)->next;
			continue;
		}
		*end = *at;
		end = &(*at)->next;
		*at = *end;
		*end = NULL;
	}
	return out;
}

static void
end(struct bell *bell)
{
	struct entry *entry;

	while ((entry = bell->first) != NULL) {
		bell->first = entry->next;
		free(entry);
	}
	pthread_mutex_destroy(&bell->lock);
	free(bell);
}

struct bell *
bell_new(void)
{
	struct bell *bell = calloc(1, sizeof(*bell));

	if (bell != NULL)
		pthread_mutex_init(&bell->lock, NULL);
	return bell;
}

int
bell_add(struct bell *bell, void (*call)(void *ctx, int value),
	 void (*release)(void *ctx), void *ctx, uint64_t *id_out)
{
	struct entry *entry, **at;
	int status = BELL_E_FREED;

	if (bell == NULL || call == NULL)
		return BELL_E_ARGUMENT;
	entry = malloc(sizeof(*entry));
	if (entry == NULL)
		return BELL_E_NOMEM;
	pthread_mutex_lock(&bell->lock);
	if (!bell->freed) {
		*entry = (struct entry){
			NULL, ++bell->last_id, call, release, ctx, false,
		};
		for (at = &bell->first; *at != NULL; at = &(*at)->next)
			;
		*at = entry;
		if (id_out != NULL)
			*id_out = entry->id;
		status = BELL_OK;
	}
	pthread_mutex_unlock(&bell->lock);
	if (status != BELL_OK)
		free(entry);
	return status;
}

int
bell_remove(struct bell *bell, uint64_t id)
{
	struct entry *entry, *out = NULL;
	int status = BELL_E_UNKNOWN;

	if (bell == NULL)
		return BELL_E_ARGUMENT;
	pthread_mutex_lock(&bell->lock);
	for (entry = bell->first; entry != NULL; entry = entry->next)
		if (entry->id == id && !entry->removed)
			break;
	if (bell->freed) {
		status = BELL_E_FREED;
	} else if (entry != NULL) {
		entry->removed = true;
		status = BELL_OK;
		if (!bell->ringing)
			out = take_out(bell, false);
	}
	pthread_mutex_unlock(&bell->lock);
	release_all(out);
	return status;
}

/* Locked, except during the calls. */
static int
call_all(struct bell *bell, int value)
{
	uint64_t last = bell->last_id;
	struct entry *entry;
	int count = 0;

	for (entry = bell->first; entry != NULL && entry->id <= last;
	     entry = entry->next) {
		if (entry->removed)
			continue;
		count++;
		pthread_mutex_unlock(&bell->lock);
		entry->call(entry->ctx, value);
		pthread_mutex_lock(&bell->lock);
		if (bell->freed)
			break;
	}
	return count;
}

int
bell_ring(struct bell *bell, int value)
{
	struct entry *out;
	bool freed;
	int result;

	if (bell == NULL)
		return BELL_E_ARGUMENT;
	pthread_mutex_lock(&bell->lock);
	if (bell->ringing) {
		result = bell->freed ? BELL_E_FREED : BELL_E_BUSY;
		pthread_mutex_unlock(&bell->lock);
		return result;
	}
	bell->ringing = true;
	result = call_all(bell, value);
	bell->ringing = false;
	freed = bell->freed;
	out = take_out(bell, freed);
	pthread_mutex_unlock(&bell->lock);
	release_all(out);
	if (freed)
		end(bell);
	return result;
}

void
bell_free(struct bell *bell)
{
	bool ringing;

	if (bell == NULL)
		return;
	pthread_mutex_lock(&bell->lock);
	ringing = bell->ringing;
	bell->freed = ringing;
	pthread_mutex_unlock(&bell->lock);
	if (!ringing)
		end(bell);
}
