/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The books: all blocks of the process, and what is wrong with a free.
 *
 * The table is in shards, each with a lock, so that threads do not wait for each
 * other. A block that was freed stays in it until its address is used again: so
 * a double free can be told from the free of what was never allocated.
 *
 * A signal handler may allocate while its thread holds a lock. Then the request
 * is put off until the thread drops the lock.
 */
#include "audit.h"

#include "objects.h"
#include "start.h"
#include "util.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TLS static __thread __attribute__((tls_model("initial-exec")))
#define PUT_OFF 64
#define SEARCHES 1000 /* for the block around an address */

struct shard {
	atomic_bool lock;
	struct table table;
} __attribute__((aligned(64)));

/* What a signal handler did while its thread held a lock. */
struct put_off {
	struct request request;
	bool freed;
};

struct self {
	uint32_t id; /* the kernel's; 0: not asked yet */
	uint32_t count; /* of requests that were put off */
	atomic_bool busy;
	struct put_off put_off[PUT_OFF];
};

TLS struct self self;
static struct shard shards[AUDIT_SHARDS];
static atomic_bool log_lock;

INLINED void
take(atomic_bool *lock)
{
	unsigned tries = 0;

	/* The C library knows each thread that may allocate. A lock is not held
	 * then: a signal handler puts off what needs one. */
	if (__libc_single_threaded) {
		atomic_store_explicit(lock, true, memory_order_relaxed);
		return;
	}
	while (atomic_exchange_explicit(lock, true, memory_order_acquire)) {
		if (++tries % 64 == 0)
			sched_yield();
		__builtin_ia32_pause();
	}
}

INLINED void
drop(atomic_bool *lock)
{
	atomic_store_explicit(lock, false, memory_order_release);
}

INLINED size_t
shard_of(const void *ptr)
{
	uint64_t page = (uint64_t)((uintptr_t)ptr >> 12) * 0x9e3779b97f4a7c15u;

	return (size_t)(page >> 58);
}

INLINED uint32_t
thread_id(void)
{
	if (unlikely(self.id == 0))
		self.id = (uint32_t)syscall(SYS_gettid);
	return self.id;
}

static uint8_t
log2_of(size_t align)
{
	return (uint8_t)(63 - __builtin_clzl(align | 1));
}

/* ---- a finding ---- */

/* The start of the block that @ptr is inside of; its owner and stack. */
static bool
find_around(const void *ptr, struct block *block_out)
{
	const struct table *table;
	const struct block *block;
	bool found = false;
	size_t i, j;

	for (i = 0; i < AUDIT_SHARDS && !found; i++) {
		take(&shards[i].lock);
		table = &shards[i].table;
		for (j = 0; j < table->capacity && !found; j++) {
			block = &table->slots[j];
			if (block->ptr == 0 || block->flags & BLOCK_FREED ||
			    (uintptr_t)ptr <= block->ptr ||
			    (uintptr_t)ptr >= block->ptr + block->size)
				continue;
			*block_out = *block;
			found = true;
		}
		drop(&shards[i].lock);
	}
	return found;
}

/* What @ptr is, that never was the start of a block. */
static void
place_it(struct audit_finding *finding, const void *ptr, struct block *block)
{
	/* it looks at the whole table, which takes milliseconds */
	static atomic_uint searched;

	if (ptr == NULL) {
		finding->place = AUDIT_PLACE_NULL;
	} else if (atomic_fetch_add(&searched, 1) < SEARCHES &&
		   find_around(ptr, block)) {
		finding->place = AUDIT_PLACE_INSIDE;
		finding->offset = (uintptr_t)ptr - block->ptr;
	} else {
		/* its buffer is one for all threads */
		take(&log_lock);
		finding->place = place_of(ptr, &finding->module);
		drop(&log_lock);
	}
}

static uint64_t
key_of(const struct audit_finding *finding, const struct block *block,
       const struct request *request)
{
	const uint64_t parts[] = {
		finding->fault,
		finding->place,
		finding->owner,
		finding->freed_by,
		finding->form,
		finding->given_form,
		block->trace,
		finding->fault == AUDIT_DOUBLE_FREE ? block->free_trace : 0,
		request->trace,
		finding->resized,
	};
	uint64_t key = 0x2545f4914f6cdd1du;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		key = (key ^ parts[i]) * 0x9e3779b97f4a7c15u;
	return key | 1;
}

static void
note(struct audit_finding *finding, const struct block *block,
     const struct request *request)
{
	struct audit_log *log = audit_log();
	struct audit_finding *noted;
	uint32_t i;

	if (log == NULL)
		return;
	finding->key = key_of(finding, block, request);
	take(&log_lock);
	log->finding_count++;
	for (i = 0; i < log->findings_kept; i++) {
		if (log->findings[i].key != finding->key)
			continue;
		log->findings[i].count++;
		goto out;
	}
	if (i == AUDIT_FINDINGS) {
		log->findings_lost++;
		goto out;
	}
	noted = &log->findings[i];
	*noted = *finding;
	noted->count = 1;
	noted->free_thread = thread_id();
	if (block->ptr != 0)
		trace_copy(block->trace, &noted->alloc);
	if (finding->fault == AUDIT_DOUBLE_FREE) {
		noted->again_thread = noted->free_thread;
		noted->free_thread = block->thread;
		trace_copy(block->free_trace, &noted->freed);
		trace_copy(request->trace, &noted->again);
	} else {
		noted->alloc_thread = block->thread;
		trace_copy(request->trace, &noted->freed);
	}
	/* the reader may look at any time, if the process is killed */
	atomic_thread_fence(memory_order_release);
	log->findings_kept = i + 1;
out:
	drop(&log_lock);
}

/* C and C++ are not told apart if an object brings its own operator new. */
INLINED bool
same_side(uint32_t a, uint32_t b)
{
	return a == b || (cpp_is_c && a < AUDIT_RUST && b < AUDIT_RUST);
}

/* An object that brings operators of its own may mix them with ours. */
INLINED bool
is_other_form(enum audit_form freed, enum audit_form allocated)
{
	return freed != allocated && freed != AUDIT_FORM_NONE &&
		allocated != AUDIT_FORM_NONE && !cpp_is_c;
}

/* The fault of a request to free @block; AUDIT_FAULTS: none. */
INLINED enum audit_fault
fault_of(const struct request *request, const struct block *block)
{
	if (block->ptr == 0)
		return AUDIT_NOT_ALLOCATED;
	if (block->flags & BLOCK_FREED)
		return AUDIT_DOUBLE_FREE;
	if (!same_side(block->owner, request->owner))
		return AUDIT_WRONG_SIDE;
	if (is_other_form(request->form, block->form))
		return AUDIT_FORM;
	if (!block_has_layout(block, request->size, request->align))
		return AUDIT_LAYOUT;
	return AUDIT_FAULTS;
}

static void
report(enum audit_fault fault, const struct request *request,
       struct block *block)
{
	struct audit_finding finding = {
		.fault = fault,
		.freed_by = request->owner,
		.resized = request->resize,
		.given_size = request->size,
		.given_align = request->align,
		.given_form = request->form,
		.module = MODULES,
	};
	int saved = errno;

	if (fault == AUDIT_NOT_ALLOCATED)
		place_it(&finding, request->ptr, block);
	finding.owner = block->owner;
	finding.size = block->size;
	finding.form = block->form;
	finding.align = (uint64_t)1 << block->align_log2;
	note(&finding, block, request);
	errno = saved;
}

/* @block as it was before this request; ptr 0: there was none. */
INLINED void
judge(const struct request *request, struct block *block)
{
	enum audit_fault fault = fault_of(request, block);

	if (unlikely(fault != AUDIT_FAULTS))
		report(fault, request, block);
}

/* ---- the table ---- */

INLINED void
add(const struct request *request)
{
	struct block block = {
		.ptr = (uintptr_t)request->ptr,
		.size = request->size,
		.trace = request->trace,
		.thread = thread_id(),
		.align_log2 = log2_of(request->align),
		.owner = (uint8_t)request->owner,
		.form = request->form,
	};
	size_t at = shard_of(request->ptr);
	struct audit_count *count = &audit_counts[at][request->owner];

	take(&shards[at].lock);
	if (unlikely(!table_add(&shards[at].table, &block)))
		refuse(AUDIT_NO_MEMORY, NULL, "a block has no entry");
	count->allocs++;
	count->bytes += request->size;
	drop(&shards[at].lock);
}

INLINED void
end(const struct request *request, struct block *old_out)
{
	size_t at = shard_of(request->ptr);
	struct block *block;

	*old_out = (struct block){ 0 };
	take(&shards[at].lock);
	block = table_find(&shards[at].table, request->ptr);
	if (likely(block != NULL)) {
		*old_out = *block;
		if (likely((block->flags & BLOCK_FREED) == 0))
			audit_counts[at][block->owner].frees++;
		block->flags |= BLOCK_FREED;
		block->free_trace = request->trace;
		block->thread = thread_id();
	}
	drop(&shards[at].lock);
}

/* ---- what a signal handler did ---- */

static void
put_off(const struct request *request, bool freed)
{
	if (self.count == PUT_OFF) {
		refuse(AUDIT_NO_MEMORY, NULL,
		       "a signal handler allocates too much");
		return;
	}
	self.put_off[self.count++] = (struct put_off){ *request, freed };
}

INLINED void
set_busy(bool busy)
{
	atomic_store_explicit(&self.busy, busy, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
}

INLINED bool
is_busy(void)
{
	return atomic_load_explicit(&self.busy, memory_order_relaxed);
}

/* Do what was put off. */
static void
catch_up(void)
{
	struct put_off next;
	struct block old;
	uint32_t i;

	while (unlikely(self.count > 0)) {
		next = self.put_off[0];
		/* busy still: a handler adds behind it */
		for (i = 1; i < self.count; i++)
			self.put_off[i - 1] = self.put_off[i];
		self.count--;
		if (!next.freed) {
			add(&next.request);
			continue;
		}
		end(&next.request, &old);
		judge(&next.request, &old);
	}
}

/* Not busy any more. */
INLINED void
done(void)
{
	while (unlikely(self.count > 0))
		catch_up();
	set_busy(false);
}

void
books_allocated(const struct request *request)
{
	if (unlikely(is_busy())) {
		put_off(request, false);
		return;
	}
	set_busy(true);
	add(request);
	done();
}

bool
books_freed(const struct request *request, struct block *old_out)
{
	struct block found;

	if (unlikely(is_busy())) {
		*old_out = (struct block){ 0 };
		put_off(request, true);
		return false;
	}
	set_busy(true);
	end(request, old_out);
	found = *old_out;
	judge(request, &found);
	done();
	return true;
}

void
books_restore(const struct block *block)
{
	size_t at = shard_of((void *)block->ptr);

	if (block->ptr == 0 || block->flags & BLOCK_FREED)
		return;
	set_busy(true);
	take(&shards[at].lock);
	table_add(&shards[at].table, block);
	audit_counts[at][block->owner].frees--;
	drop(&shards[at].lock);
	done();
}

bool
books_busy(void)
{
	return is_busy();
}

/* ---- fork ---- */

void
books_before_fork(void)
{
	size_t i;

	set_busy(true);
	for (i = 0; i < AUDIT_SHARDS; i++)
		take(&shards[i].lock);
	take(&log_lock);
}

void
books_after_fork(void)
{
	size_t i;

	drop(&log_lock);
	for (i = 0; i < AUDIT_SHARDS; i++)
		drop(&shards[i].lock);
	done();
}

void
books_of_child(void)
{
	size_t i;

	/* who forked without the handlers left locks of threads that are gone */
	self.id = 0;
	drop(&log_lock);
	for (i = 0; i < AUDIT_SHARDS; i++)
		drop(&shards[i].lock);
}
