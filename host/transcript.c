/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The transcript: the cell writes it, and its parent reads it. */
#include "transcript.h"

#include "ledger.h"

#include <inttypes.h>
#include <sched.h>
#include <sgz/error.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* The bytes of a text, or of bytes, that are kept. The checksum covers all. */
#define TEXT_KEPT 4096u
#define BYTES_KEPT 24u
#define LABEL_KEPT 255u
#define CRC_CHUNK (1u << 30)

struct event_head {
	uint8_t kind;
	uint8_t label_len;
	uint16_t kept;
	uint32_t crc;
	uint64_t len;
	int64_t number; /* of a step or task: its row */
	int32_t status;
	int32_t sys_errno;
	uint32_t task;
	uint32_t group;
};

#define NO_TASK UINT32_MAX

/* The state of this thread. */
static __thread struct {
	uint32_t task; /* 1 + the number of its task, or 0 */
	uint32_t group; /* 0: its facts are ordered */
	uint32_t groups; /* the groups that it had */
} own;

/* The ledger has an entry for each step that the transcript can hold. */
_Static_assert(LEDGER_STEPS > TRANSCRIPT_SIZE / sizeof(struct event_head) + 1,
	       "the ledger has too few steps");

/* Including the zeros behind it. */
static uint64_t
record_size(const struct event_head *head)
{
	return (sizeof(*head) + head->label_len + head->kept + 7) &
		~(uint64_t)7;
}

static struct {
	transcript_watch_fn *see; /* NULL: no watcher */
	void *ctx;
} watch;

struct recorder {
	struct ferrule_recorder base; /* must be first: a lane sees only this */
	struct transcript_log *log;
};

const char *
event_kind_name(enum event_kind kind)
{
	static const char *const names[] = {
		"step",	 "integer", "text",	 "bytes", "status",
		"error", "note",    "prevented", "task",
	};

	return names[kind];
}

/* ---- writing, in the cell: nothing here may allocate ---- */

static atomic_flag lock = ATOMIC_FLAG_INIT;

static uint32_t
checksum(const void *data, size_t len)
{
	const unsigned char *at = data;
	uLong crc = crc32(0, NULL, 0);
	uInt part;

	for (; len > 0; at += part, len -= part) {
		part = (uInt)MIN(len, CRC_CHUNK);
		crc = crc32(crc, at, part);
	}
	return (uint32_t)crc;
}

/* No room: dropped events are still compared, by their checksum, but not
 * shown. */
static void
drop_event(struct transcript_log *log, const struct event_head *head,
	   const char *label)
{
	struct event_head fact = *head;
	uLong crc = crc32(0, NULL, 0);

	if (head->kind == EVENT_NOTE)
		return;
	/* leave out values that depend on the order of the tasks */
	fact.task = fact.group = 0;
	if (head->kind == EVENT_STEP || head->kind == EVENT_TASK)
		fact.number = 0;
	crc = crc32(crc, (const Bytef *)&fact, sizeof(fact));
	crc = crc32(crc, (const Bytef *)label, fact.label_len);
	log->dropped_crc += (uint32_t)crc;
	log->dropped++;
}

static void
append(struct ferrule_recorder *rec, struct event_head *head, const char *label,
       size_t label_len, const void *value)
{
	struct transcript_log *log = ((struct recorder *)rec)->log;
	unsigned char *at;
	uint64_t size;

	if (watch.see != NULL)
		watch.see(watch.ctx, (enum event_kind)head->kind, value,
			  (size_t)head->len);
	head->task = own.task - 1;
	head->group = own.group;
	head->label_len = (uint8_t)MIN(label_len, LABEL_KEPT);
	head->crc = checksum(value, (size_t)head->len);
	head->kept = (uint16_t)MIN(
		head->len, head->kind == EVENT_BYTES ? BYTES_KEPT : TEXT_KEPT);
	size = record_size(head);
	while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire))
		sched_yield();
	if (head->kind == EVENT_TASK) {
		head->task = ++log->task_count;
		own.task = head->task + 1;
	}
	/* after the first dropped event all are dropped, so that steps keep the
	 * ledger's numbers */
	if (log->dropped > 0 || size > TRANSCRIPT_SIZE - log->used) {
		drop_event(log, head, label);
	} else {
		at = log->records + log->used;
		memcpy(at, head, sizeof(*head));
		if (head->label_len > 0)
			memcpy(at + sizeof(*head), label, head->label_len);
		if (head->kept > 0)
			memcpy(at + sizeof(*head) + head->label_len, value,
			       head->kept);
		atomic_thread_fence(memory_order_release);
		log->used += size;
	}
	atomic_flag_clear_explicit(&lock, memory_order_release);
}

static void
record_step(struct ferrule_recorder *rec, const char *name, size_t name_len)
{
	struct event_head head = { .kind = EVENT_STEP };

	own.group = 0;
	head.number = ledger_step();
	append(rec, &head, name, name_len, NULL);
}

static void
record_task(struct ferrule_recorder *rec, const char *name, size_t name_len)
{
	struct event_head head = { .kind = EVENT_TASK };

	own.group = 0;
	head.number = ledger_task();
	append(rec, &head, name, name_len, NULL);
}

static void
record_unordered(struct ferrule_recorder *rec, int32_t on)
{
	(void)rec;
	own.group = on != 0 ? ++own.groups : 0;
}

static void
record_integer(struct ferrule_recorder *rec, const char *label,
	       size_t label_len, int64_t value)
{
	struct event_head head = { .kind = EVENT_INTEGER, .number = value };

	append(rec, &head, label, label_len, NULL);
}

static void
record_text(struct ferrule_recorder *rec, const char *label, size_t label_len,
	    const char *text, size_t len)
{
	struct event_head head = { .kind = EVENT_TEXT, .len = len };

	append(rec, &head, label, label_len, text);
}

static void
record_bytes(struct ferrule_recorder *rec, const char *label, size_t label_len,
	     const void *data, size_t len)
{
	struct event_head head = { .kind = EVENT_BYTES, .len = len };

	append(rec, &head, label, label_len, data);
}

static void
record_status(struct ferrule_recorder *rec, const char *label, size_t label_len,
	      int32_t status)
{
	struct event_head head = { .kind = EVENT_STATUS, .status = status };

	append(rec, &head, label, label_len, NULL);
}

static void
record_error(struct ferrule_recorder *rec, const char *label, size_t label_len,
	     int32_t status, int32_t sys_errno, int64_t offset,
	     const char *text, size_t len)
{
	struct event_head head = {
		.kind = EVENT_ERROR,
		.len = len,
		.number = offset,
		.status = status,
		.sys_errno = sys_errno,
	};

	append(rec, &head, label, label_len, text);
}

static void
record_note(struct ferrule_recorder *rec, const char *text, size_t len)
{
	struct event_head head = { .kind = EVENT_NOTE, .len = len };

	append(rec, &head, "", 0, text);
}

static void
record_prevented(struct ferrule_recorder *rec, const char *by, size_t len)
{
	struct event_head head = { .kind = EVENT_PREVENTED, .len = len };

	append(rec, &head, "", 0, by);
}

struct ferrule_recorder *
transcript_recorder(struct transcript_log *log)
{
	static const struct ferrule_recorder_ops ops = {
		.size = sizeof(ops),
		.step = record_step,
		.integer = record_integer,
		.text = record_text,
		.bytes = record_bytes,
		.status = record_status,
		.error = record_error,
		.note = record_note,
		.prevented = record_prevented,
		.task = record_task,
		.unordered = record_unordered,
	};
	static struct recorder recorder;

	recorder.base.ops = &ops;
	recorder.log = log;
	transcript_enter();
	return &recorder.base;
}

void
transcript_watch(transcript_watch_fn *see, void *ctx)
{
	watch.see = see;
	watch.ctx = ctx;
}

void
transcript_enter(void)
{
	own.task = 1;
	own.group = 0;
	ledger_enter();
}

/* ---- reading, in the parent: a lane may have written anything ---- */

/* The fault of a record, or NULL. @left bytes of the log are left. */
static const char *
record_problem(const unsigned char *record, uint64_t left)
{
	struct event_head head;
	uint64_t most;

	if (left < sizeof(head))
		return "is cut off";
	memcpy(&head, record, sizeof(head));
	if (head.kind > EVENT_TASK)
		return "has an unknown kind";
	most = head.kind == EVENT_BYTES ? BYTES_KEPT : TEXT_KEPT;
	if (head.kept != MIN(head.len, most))
		return "has an invalid length";
	if (record_size(&head) > left)
		return "is cut off";
	if (head.kept == head.len &&
	    head.crc !=
		    checksum(record + sizeof(head) + head.label_len, head.kept))
		return "does not match its checksum";
	return NULL;
}

/*
 * Read the event at *@at, and move *@at behind it. False: there is no event.
 * Then *problem is the fault, or NULL at the end.
 */
static bool
next_event(const struct transcript_log *log, uint64_t *at, struct event *event,
	   const char **problem)
{
	const unsigned char *record = log->records + *at;
	struct event_head head;

	*problem = NULL;
	if (*at == log->used)
		return false;
	*problem = log->used > TRANSCRIPT_SIZE ?
		"is beyond the end" :
		record_problem(record, log->used - *at);
	if (*problem != NULL)
		return false;
	memcpy(&head, record, sizeof(head));
	*event = (struct event){
		.kind = head.kind,
		.label = (const char *)record + sizeof(head),
		.label_len = head.label_len,
		.value = (const char *)record + sizeof(head) + head.label_len,
		.kept = head.kept,
		.len = head.len,
		.crc = head.crc,
		.number = head.number,
		.status = head.status,
		.sys_errno = head.sys_errno,
		.task = head.task,
		.row = (uint32_t)head.number,
		.group = head.group,
	};
	*at += record_size(&head);
	return true;
}

/* ---- events into steps, by task ---- */

static void
begin_step(struct transcript *transcript, char *name, const char *given,
	   uint32_t row, size_t first)
{
	size_t count = transcript->step_count++;

	/* double the room when it is full: at powers of two */
	if ((count & (count - 1)) == 0)
		transcript->steps =
			xrealloc(transcript->steps,
				 MAX(2 * count, 1) * sizeof(struct step));
	transcript->steps[count] = (struct step){
		.name = name,
		.given = given,
		.row = row,
		.events = transcript->events + first,
	};
}

struct task {
	char *name;
	uint32_t row;
	uint32_t id; /* in order of appearance, or NO_TASK */
	size_t count; /* of events */
	size_t first; /* the next free position for them */
};

struct tasks {
	uint32_t last; /* the task that recorded last */
	struct task *items; /* by id; the last one is for NO_TASK */
	size_t count;
};

static void
tasks_add(struct tasks *tasks, char *name, uint32_t row)
{
	tasks->items = xrealloc(tasks->items,
				(tasks->count + 1) * sizeof(*tasks->items));
	tasks->items[tasks->count] = (struct task){
		.name = name,
		.row = row,
		.id = (uint32_t)tasks->count,
	};
	tasks->count++;
}

static char *
label_of(const struct event *event)
{
	struct text name = { 0 };

	text_add_escaped(&name, event->label, event->label_len);
	return text_take(&name);
}

/* The lesson's own thread is first, threads that are not tasks are last, and
 * the others are sorted by name. */
static int
by_name(const void *a, const void *b)
{
	const struct task *left = a, *right = b;
	int order;

	if (left->id == 0 || right->id == NO_TASK)
		return left->id == right->id ? 0 : -1;
	if (right->id == 0 || left->id == NO_TASK)
		return 1;
	order = strcmp(left->name, right->name);
	return order != 0 ? order : (left->id < right->id ? -1 : 1);
}

/* Unordered facts may get any order that is the same in all lanes. */
static int
by_content(const void *a, const void *b)
{
	const struct event *left = a, *right = b;
	int order;

#define BY(field)                        \
	if (left->field != right->field) \
	return left->field < right->field ? -1 : 1
	BY(kind);
	BY(label_len);
	order = memcmp(left->label, right->label, left->label_len);
	if (order != 0)
		return order;
	BY(number);
	BY(status);
	BY(sys_errno);
	BY(len);
	BY(crc);
	BY(kept);
#undef BY
	return memcmp(left->value, right->value, left->kept);
}

/* In each step the events of a group are sorted. */
static void
sort_groups(struct transcript *transcript)
{
	struct event *event, *end;
	size_t i, count;

	for (i = 0; i < transcript->step_count; i++) {
		event = (struct event *)transcript->steps[i].events;
		end = event + transcript->steps[i].event_count;
		for (; event < end; event += count) {
			for (count = 1; event + count < end &&
			     event[count].group == event->group;)
				count++;
			if (event->group != 0)
				qsort(event, count, sizeof(*event), by_content);
		}
	}
}

/* Make steps of the events of @task, which follow each other. */
static void
make_steps(struct transcript *transcript, const struct task *task)
{
	size_t i, end = task->first + task->count;
	struct event *event;
	char *name, *whole;

	if (task->id == NO_TASK && task->count == 0)
		return;
	name = task->id == 0	    ? xstrdup("") :
		task->id == NO_TASK ? xstrdup("threads that are not tasks") :
				      xasprintf("task %s", task->name);
	begin_step(transcript, name, task->id == 0 ? name : NULL, task->row,
		   task->first);
	for (i = task->first; i < end; i++) {
		event = &transcript->events[i];
		if (task->id == NO_TASK)
			event->group = 1;
		if (event->kind != EVENT_STEP || task->id == NO_TASK) {
			transcript->steps[transcript->step_count - 1]
				.event_count++;
			continue;
		}
		name = label_of(event);
		if (task->id == 0) {
			begin_step(transcript, name, name, event->row, i + 1);
			continue;
		}
		whole = xasprintf("%s: %s", task->name, name);
		begin_step(transcript, whole,
			   whole + strlen(whole) - strlen(name), event->row,
			   i + 1);
		free(name);
	}
}

/* Group the events by task, and make steps of them. */
static void
arrange(struct transcript *transcript, struct tasks *tasks)
{
	struct event *events = transcript->events;
	size_t *places = xcalloc(tasks->count, sizeof(*places));
	size_t i, next = 0;

	qsort(tasks->items, tasks->count, sizeof(*tasks->items), by_name);
	transcript->events = xcalloc(transcript->event_count, sizeof(*events));
	for (i = 0; i < tasks->count; i++) {
		tasks->items[i].first = next;
		places[MIN(tasks->items[i].id, tasks->count - 1)] = next;
		next += tasks->items[i].count;
	}
	for (i = 0; i < transcript->event_count; i++)
		transcript->events[places[MIN(events[i].task,
					      tasks->count - 1)]++] = events[i];
	for (i = 0; i < tasks->count; i++) {
		make_steps(transcript, &tasks->items[i]);
		if (tasks->items[i].id == tasks->last)
			transcript->last_step = transcript->step_count - 1;
	}
	sort_groups(transcript);
	free(places);
	free(events);
}

/* Read all events, in the order of the log. Returns the fault of one, or
 * NULL. */
static const char *
read_events(struct transcript *transcript, const struct transcript_log *log,
	    struct tasks *tasks)
{
	const char *problem;
	struct event event;
	uint64_t at = 0;
	size_t count = 0;

	while (next_event(log, &at, &event, &problem))
		count++;
	transcript->events = xcalloc(count, sizeof(event));
	for (at = 0; next_event(log, &at, &event, &problem);) {
		if (event.kind == EVENT_TASK && event.task == tasks->count)
			tasks_add(tasks, label_of(&event), event.row);
		else if (event.kind == EVENT_TASK ||
			 (event.task != NO_TASK && event.task >= tasks->count))
			return "belongs to an unknown task";
		else if (event.task != NO_TASK)
			tasks->items[event.task].count++;
		tasks->last = event.task;
		transcript->facts += event.kind != EVENT_NOTE;
		/* the task is known now, and becomes a step */
		if (event.kind != EVENT_TASK)
			transcript->events[transcript->event_count++] = event;
	}
	return problem;
}

char *
transcript_read(struct transcript *transcript, const struct transcript_log *log)
{
	struct tasks tasks = { 0 };
	const char *problem;
	size_t read, i, of_tasks = 0;

	*transcript = (struct transcript){ 0 };
	tasks_add(&tasks, xstrdup(""), 0);
	problem = read_events(transcript, log, &tasks);
	read = transcript->event_count + tasks.count - 1;
	for (i = 0; i < tasks.count; i++)
		of_tasks += tasks.items[i].count;
	tasks_add(&tasks, xstrdup(""), LEDGER_NO_ROW);
	tasks.items[tasks.count - 1].id = NO_TASK;
	tasks.items[tasks.count - 1].count = transcript->event_count - of_tasks;
	arrange(transcript, &tasks);
	for (i = 0; i < tasks.count; i++)
		free(tasks.items[i].name);
	free(tasks.items);
	transcript->dropped = log->dropped;
	transcript->dropped_crc = log->dropped_crc;
	transcript->facts += log->dropped;
	return problem == NULL ?
		NULL :
		xasprintf("its transcript: record %zu %s", read, problem);
}

void
transcript_release(struct transcript *transcript)
{
	size_t i;

	for (i = 0; i < transcript->step_count; i++)
		free(transcript->steps[i].name);
	free(transcript->steps);
	free(transcript->events);
	*transcript = (struct transcript){ 0 };
}

/* ---- events in words ---- */

bool
event_equal(const struct event *a, const struct event *b)
{
	return a->kind == b->kind && a->label_len == b->label_len &&
		memcmp(a->label, b->label, a->label_len) == 0 &&
		(a->kind == EVENT_NOTE ||
		 (a->len == b->len && a->crc == b->crc && a->kept == b->kept &&
		  memcmp(a->value, b->value, a->kept) == 0 &&
		  a->number == b->number && a->status == b->status &&
		  a->sys_errno == b->sys_errno));
}

static void
add_status(struct text *text, int32_t status)
{
	const char *name = sgz_status_name((enum sgz_status)status);

	if (name != NULL)
		text_addf(text, "%s", name);
	else
		text_addf(text, "status %" PRId32, status);
}

static void
add_quoted(const struct event *event, struct text *text)
{
	text_addf(text, "\"");
	text_add_escaped(text, event->value, event->kept);
	text_addf(text, "\"");
	if (event->kept < event->len)
		text_addf(text, "... (%s bytes, CRC-32 %08" PRIx32 ")",
			  with_commas(event->len), event->crc);
}

static void
add_bytes(const struct event *event, struct text *text)
{
	size_t i;

	text_addf(text, "%s byte%s", with_commas(event->len),
		  event->len == 1 ? "" : "s");
	if (event->len > 0)
		text_addf(text, ", CRC-32 %08" PRIx32 ":", event->crc);
	for (i = 0; i < event->kept; i++)
		text_addf(text, " %02x", (unsigned char)event->value[i]);
	if (event->kept < event->len)
		text_addf(text, " ...");
}

void
event_add_value(const struct event *event, struct text *text)
{
	switch (event->kind) {
	case EVENT_STEP:
	case EVENT_TASK:
		break;
	case EVENT_INTEGER:
		text_addf(text, "%" PRId64, event->number);
		break;
	case EVENT_BYTES:
		add_bytes(event, text);
		break;
	case EVENT_STATUS:
		add_status(text, event->status);
		break;
	case EVENT_ERROR:
		add_status(text, event->status);
		if (event->sys_errno != 0)
			text_addf(text, ", errno %" PRId32, event->sys_errno);
		if (event->number >= 0)
			text_addf(text, ", at %" PRId64, event->number);
		text_addf(text, ": ");
		add_quoted(event, text);
		break;
	case EVENT_TEXT:
		add_quoted(event, text);
		break;
	case EVENT_NOTE:
	case EVENT_PREVENTED:
		text_add_escaped(text, event->value, event->kept);
		break;
	}
}

void
event_add(const struct event *event, struct text *text)
{
	text_addf(text, "%s", event_kind_name(event->kind));
	if (event->label_len > 0) {
		text_addf(text, " \"");
		text_add_escaped(text, event->label, event->label_len);
		text_addf(text, "\"");
	}
	if (event->kind != EVENT_STEP) {
		text_addf(text, " ");
		event_add_value(event, text);
	}
}
