/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The ledger's log, read back by the parent.
 *
 * The cell could write to every byte of the log, so nothing in it is trusted:
 * the log is copied first, then the copy is checked.
 */
#include "ledger.h"

#include "util.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const char *
owner_name(enum owner owner)
{
	static const char *const names[] = { "library", "rust", "c", "libc" };

	return names[owner];
}

struct reading {
	struct ledger *ledger;
	const struct ledger_log *log;
	uint32_t trace_count; /* of the log, after a bounds check */
	/* for each trace in the copy, its number in the log */
	uint32_t
		taken[1 + 2 * LEDGER_INCIDENTS + LEDGER_LEAKS + LEDGER_THREADS];
};

/* Only the first fault is reported: the others have the same cause. */
static void
say_nonsense(struct reading *reading, char *what)
{
	if (reading->ledger->nonsense == NULL)
		reading->ledger->nonsense = what;
	else
		free(what);
}

/* Return @count if it is at most @most; more is an error. */
static size_t
bounded(struct reading *reading, const char *what, uint64_t count, size_t most)
{
	if (count <= most)
		return (size_t)count;
	say_nonsense(reading,
		     xasprintf("it counts %" PRIu64 " %s, but has "
			       "room for %zu",
			       count, what, most));
	return most;
}

/* Copy trace *number of the log, and set *number to its number in the copy. */
static void
take_trace(struct reading *reading, uint32_t *number)
{
	struct ledger *ledger = reading->ledger;
	struct ledger_trace *trace;
	size_t i;

	for (i = 0; i < ledger->trace_count; i++) {
		if (reading->taken[i] == *number) {
			*number = (uint32_t)i;
			return;
		}
	}
	if (*number > reading->trace_count) {
		say_nonsense(reading,
			     xasprintf("it refers to stack %" PRIu32
				       " of %" PRIu32,
				       *number, reading->trace_count));
		*number = 0;
		return;
	}
	trace = &ledger->traces[i];
	*trace = reading->log->traces[*number];
	trace->depth = (uint32_t)bounded(reading, "frames of a stack",
					 trace->depth, STACK_DEPTH);
	reading->taken[i] = *number;
	*number = (uint32_t)i;
	ledger->trace_count++;
}

static bool
owner_exists(struct reading *reading, uint32_t owner)
{
	if (owner < reading->ledger->owner_count)
		return true;
	say_nonsense(reading,
		     xasprintf("it has a wrong owner number %" PRIu32, owner));
	return false;
}

static const char *
last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* "c", "rust of libcodec.so", or only "codec.so" for a plugin's C */
static char *
name_owner(struct reading *reading, const struct ledger_owner *owner)
{
	const struct module_map *modules = reading->ledger->modules;
	const char *file;

	if ((unsigned)owner->kind >= OWNER_COUNT) {
		say_nonsense(reading,
			     xasprintf("it has a wrong kind of owner %u",
				       (unsigned)owner->kind));
		return xstrdup("nobody");
	}
	if (owner->module >= modules->count)
		return xstrdup(owner_name(owner->kind));
	file = last_component(modules->items[owner->module].path);
	if (owner->kind == OWNER_C)
		return xstrdup(file);
	return xasprintf("%s of %s", owner_name(owner->kind), file);
}

/* The first ones are those of each kind. They exist whatever the log has. */
static void
read_owners(struct reading *reading)
{
	struct ledger *ledger = reading->ledger;
	struct ledger_owner owner;
	size_t i;

	ledger->owner_count = bounded(reading, "owners",
				      reading->log->owner_count, LEDGER_OWNERS);
	ledger->owner_count = MAX(ledger->owner_count, (size_t)OWNER_COUNT);
	ledger->owners = xcalloc(ledger->owner_count, sizeof(char *));
	for (i = 0; i < ledger->owner_count; i++) {
		owner = reading->log->owners[i];
		ledger->owners[i] = i < OWNER_COUNT ?
			xstrdup(owner_name((enum owner)i)) :
			name_owner(reading, &owner);
	}
}

static void
read_modules(struct reading *reading)
{
	const struct module_map *from = &reading->log->modules;
	uint64_t files = from->files_len;
	struct module_map *to;

	files = bounded(reading, "bytes of files", files, MODULE_FILES);
	/* copy only as many bytes as there are */
	to = xcalloc(1, offsetof(struct module_map, files) + files);
	reading->ledger->modules = to;
	to->count = (uint32_t)bounded(reading, "modules", from->count, MODULES);
	memcpy(to->items, from->items, to->count * sizeof(*to->items));
	to->files_len = files;
	memcpy(to->files, from->files, files);
	if (module_map_check(to))
		return;
	say_nonsense(reading, xstrdup("a module is invalid"));
	to->count = 0;
}

static void
read_incidents(struct reading *reading)
{
	struct ledger *ledger = reading->ledger;
	size_t count =
		(size_t)MIN(ledger->incident_count, (uint64_t)LEDGER_INCIDENTS);
	struct ledger_incident incident;
	size_t i;

	ledger->incidents = xcalloc(count, sizeof(incident));
	for (i = 0; i < count; i++) {
		incident = reading->log->incidents[i];
		if ((unsigned)incident.fault > FAULT_WRITTEN) {
			say_nonsense(reading,
				     xasprintf("it has a wrong fault number %u",
					       (unsigned)incident.fault));
			continue;
		}
		if (!owner_exists(reading, incident.owner) ||
		    !owner_exists(reading, incident.freed_by))
			continue;
		take_trace(reading, &incident.alloc_trace);
		take_trace(reading, &incident.free_trace);
		ledger->incidents[ledger->incidents_kept++] = incident;
	}
}

static void
read_leaks(struct reading *reading)
{
	struct ledger *ledger = reading->ledger;
	size_t count = bounded(reading, "kinds of leaks",
			       reading->log->leak_count, LEDGER_LEAKS);
	struct ledger_leak leak;
	size_t i;

	ledger->leaks = xcalloc(count, sizeof(leak));
	for (i = 0; i < count; i++) {
		leak = reading->log->leaks[i];
		if (!owner_exists(reading, leak.owner))
			continue;
		take_trace(reading, &leak.trace);
		ledger->leaks[ledger->leak_count++] = leak;
	}
}

static void
read_threads(struct reading *reading)
{
	struct ledger *ledger = reading->ledger;
	size_t count =
		(size_t)MIN(ledger->thread_count, (uint64_t)LEDGER_THREADS);
	size_t i;

	ledger->threads = xcalloc(count, sizeof(*ledger->threads));
	ledger->threads_kept = count;
	for (i = 0; i < count; i++) {
		ledger->threads[i] = reading->log->threads[i];
		take_trace(reading, &ledger->threads[i].trace);
	}
}

static void
read_freed(struct reading *reading)
{
	struct ledger *ledger = reading->ledger;
	size_t count = bounded(reading, "kinds of frees",
			       reading->log->freed_count, LEDGER_FREED);
	struct ledger_freed freed;
	size_t i;

	ledger->freed = xcalloc(count, sizeof(freed));
	for (i = 0; i < count; i++) {
		freed = reading->log->freed[i];
		if (freed.alloc_row >= ledger->step_count ||
		    (freed.free_row >= ledger->step_count &&
		     freed.free_row != LEDGER_NO_ROW)) {
			say_nonsense(reading,
				     xasprintf("it has a free in the step "
					       "%" PRIu32
					       " of a block of %" PRIu32
					       ", of %zu steps",
					       freed.free_row, freed.alloc_row,
					       ledger->step_count));
			continue;
		}
		ledger->freed[ledger->freed_count++] = freed;
	}
}

void
ledger_read(struct ledger *ledger, const struct ledger_log *log)
{
	struct reading reading = { .ledger = ledger, .log = log };
	size_t size, unseen;

	*ledger = (struct ledger){
		.wrong_side_frees = log->wrong_side_frees,
		.incident_count = log->incident_count,
		.leaked = log->leaked,
		.untracked = log->untracked,
		.refused = log->refused,
		.freed_unknown = log->freed_unknown,
		.thread_count = log->thread_count,
		.unscanned = log->unscanned != 0,
		/* [0] of the copy is [0] of the log: an unknown stack */
		.trace_count = 1,
	};
	memcpy(ledger->total, log->total, sizeof(ledger->total));
	/* steps beyond the last one have no entry, which is not an error */
	ledger->step_count = MIN(log->step, LEDGER_STEPS - 1u) + 1u;
	size = ledger->step_count * sizeof(*ledger->steps);
	ledger->steps = xcalloc(1, size);
	memcpy(ledger->steps, log->steps, size);
	reading.trace_count = (uint32_t)bounded(
		&reading, "stacks", log->trace_count, LEDGER_TRACES - 1);
	ledger->traces =
		xcalloc(ARRAY_SIZE(reading.taken), sizeof(*ledger->traces));
	read_modules(&reading);
	read_owners(&reading);
	unseen = bounded(&reading, "modules", log->unseen,
			 ledger->modules->count);
	if (unseen > 0)
		ledger->unseen = &ledger->modules->items[unseen - 1];
	read_incidents(&reading);
	read_leaks(&reading);
	read_threads(&reading);
	read_freed(&reading);
}

void
ledger_release(struct ledger *ledger)
{
	size_t i;

	for (i = 0; i < ledger->owner_count; i++)
		free(ledger->owners[i]);
	free(ledger->owners);
	free(ledger->modules);
	free(ledger->steps);
	free(ledger->incidents);
	free(ledger->leaks);
	free(ledger->threads);
	free(ledger->freed);
	free(ledger->traces);
	free(ledger->nonsense);
	*ledger = (struct ledger){ 0 };
}

const struct ledger_usage *
ledger_usage_of(const struct ledger *ledger, size_t step)
{
	static const struct ledger_usage nothing[OWNER_COUNT];

	return step < ledger->step_count ? ledger->steps[step] : nothing;
}

static uint32_t
number_of(const struct ledger *ledger, const uint32_t *numbers, uint32_t row)
{
	return row < ledger->step_count ? numbers[row] : LEDGER_NO_ROW;
}

static int
by_steps(const void *a, const void *b)
{
	const struct ledger_freed *left = a, *right = b;

	if (left->alloc_row != right->alloc_row)
		return left->alloc_row < right->alloc_row ? -1 : 1;
	if (left->size != right->size)
		return left->size < right->size ? -1 : 1;
	if (left->free_row != right->free_row)
		return left->free_row < right->free_row ? -1 : 1;
	return 0;
}

/* Rows without a number become one row: join entries that are now equal. */
static void
arrange_freed(struct ledger *ledger, const uint32_t *numbers)
{
	struct ledger_freed *freed = ledger->freed;
	size_t i, kept = 0;

	for (i = 0; i < ledger->freed_count; i++) {
		freed[i].alloc_row =
			number_of(ledger, numbers, freed[i].alloc_row);
		freed[i].free_row =
			number_of(ledger, numbers, freed[i].free_row);
	}
	if (ledger->freed_count > 0)
		qsort(freed, ledger->freed_count, sizeof(*freed), by_steps);
	for (i = 0; i < ledger->freed_count; i++) {
		if (kept > 0 && by_steps(&freed[kept - 1], &freed[i]) == 0)
			freed[kept - 1].count += freed[i].count;
		else
			freed[kept++] = freed[i];
	}
	ledger->freed_count = kept;
}

/* The first entry of @step or of a later step. */
static size_t
first_freed(const struct ledger *ledger, size_t step)
{
	size_t low = 0, high = ledger->freed_count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (ledger->freed[middle].alloc_row < step)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct ledger_freed *
ledger_freed_of(const struct ledger *ledger, size_t step, size_t *count_out)
{
	size_t first = first_freed(ledger, step);

	*count_out = first_freed(ledger, step + 1) - first;
	return *count_out > 0 ? &ledger->freed[first] : NULL;
}

void
ledger_arrange(struct ledger *ledger, const uint32_t *rows, size_t count)
{
	struct ledger_usage(*steps)[OWNER_COUNT] =
		xcalloc(count, sizeof(*steps));
	uint32_t *numbers = xcalloc(ledger->step_count, sizeof(*numbers));
	uint32_t *step;
	size_t i;

	memset(numbers, 0xff, ledger->step_count * sizeof(*numbers));
	for (i = 0; i < count; i++) {
		if (rows[i] >= ledger->step_count)
			continue;
		memcpy(steps[i], ledger->steps[rows[i]], sizeof(*steps));
		numbers[rows[i]] = (uint32_t)i;
	}
	for (i = 0; i < ledger->incidents_kept; i++) {
		step = &ledger->incidents[i].step;
		*step = number_of(ledger, numbers, *step);
	}
	for (i = 0; i < ledger->leak_count; i++) {
		step = &ledger->leaks[i].step;
		*step = number_of(ledger, numbers, *step);
	}
	for (i = 0; i < ledger->threads_kept; i++) {
		step = &ledger->threads[i].step;
		*step = number_of(ledger, numbers, *step);
	}
	arrange_freed(ledger, numbers);
	free(numbers);
	free(ledger->steps);
	ledger->steps = steps;
	ledger->step_count = count;
}
