/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Stacks, frame by frame. Two things are remembered, and neither is taken for
 * true without a proof.
 *
 * The rule of an address is a constant of the code there. An entry of its cache
 * is two words, a and b, and no lock: b is the rule, and a is the address ^ b.
 * So a reader of two halves of different entries sees that they do not belong
 * together.
 *
 * The last stack of a thread is what the next one mostly ends with. If a frame
 * has the address, the stack pointer and the frame pointer of a remembered one,
 * its rule is the same, and reads the same places. So if these places have the
 * same contents, the next frame is the same, too; and so on to the outermost
 * one. All places are compared at once, which is faster than one after the
 * other.
 */
#include "audit.h"

#include "cfi.h"

#include <stdatomic.h>
#include <string.h>
#include <ucontext.h>

#define RULES ((size_t)1 << 14)

struct cached {
	_Atomic uint64_t a, b;
};

/* The last stack of a thread: frame k and how the one after it was found. */
struct last {
	size_t depth;
	unsigned epoch;
	atomic_bool in_use; /* else this is a signal handler */
	bool whole; /* the last frame is the outermost one */
	uintptr_t pc[STACK_DEPTH];
	uintptr_t sp[STACK_DEPTH];
	uintptr_t bp[STACK_DEPTH];
	/* where pc[k + 1] was read, and the frame pointer, and its value */
	const uintptr_t *pc_slot[STACK_DEPTH];
	const uintptr_t *bp_slot[STACK_DEPTH];
	uintptr_t bp_value[STACK_DEPTH];
	uint64_t hash[STACK_DEPTH]; /* of all pc from k on */
};

static struct cached cache[RULES];
static _Atomic unsigned epoch;
static __thread __attribute__((tls_model("initial-exec"))) struct last last;
/* For what was not read. */
static const uintptr_t nothing;
/* For what cannot be compared: it never has the value that is expected. */
static const uintptr_t never = 1;

_Static_assert(sizeof(struct cfi_rule) == 8, "a rule is one word");

INLINED struct cfi_rule
rule_at(uintptr_t pc)
{
	struct cached *cached = &cache[(pc ^ pc >> 14) % RULES];
	uint64_t a = atomic_load_explicit(&cached->a, memory_order_relaxed);
	uint64_t b = atomic_load_explicit(&cached->b, memory_order_relaxed);
	struct cfi_rule rule;

	if (unlikely((a ^ b) != pc)) {
		rule = cfi_rule_at(pc);
		memcpy(&b, &rule, sizeof(b));
		atomic_store_explicit(&cached->a, pc ^ b, memory_order_relaxed);
		atomic_store_explicit(&cached->b, b, memory_order_relaxed);
		return rule;
	}
	return (struct cfi_rule){
		.offset = (int32_t)b,
		.bp_offset = (int16_t)(b >> 32),
		.kind = (uint8_t)(b >> 48),
		.bp = (uint8_t)(b >> 56),
	};
}

/* What a signal interrupted. @sp: where the kernel wrote that. */
static struct frame
interrupted(uintptr_t sp)
{
	const ucontext_t *context = (const void *)sp;

	return (struct frame){
		/* a return address would be behind its instruction */
		.pc = (uintptr_t)context->uc_mcontext.gregs[REG_RIP] + 1,
		.sp = (uintptr_t)context->uc_mcontext.gregs[REG_RSP],
		.bp = (uintptr_t)context->uc_mcontext.gregs[REG_RBP],
	};
}

/* Where a step read what it found. */
struct slots {
	const uintptr_t *pc, *bp;
};

/* From @frame to its caller. False: it is the outermost one. */
INLINED bool
step(struct frame *frame, struct slots *slots)
{
	/* a return address is behind the call, which may end its function */
	struct cfi_rule rule = rule_at(frame->pc - 1);
	uintptr_t cfa;

	slots->bp = &nothing;
	if (likely(rule.kind == CFI_FROM_SP)) {
		cfa = frame->sp + (uintptr_t)(intptr_t)rule.offset;
	} else if (rule.kind == CFI_FROM_BP) {
		cfa = frame->bp + (uintptr_t)(intptr_t)rule.offset;
	} else if (rule.kind == CFI_AT_BP) {
		cfa = *(uintptr_t *)(frame->bp +
				     (uintptr_t)(intptr_t)rule.offset);
		slots->bp = &never;
	} else if (rule.kind == CFI_SIGNAL) {
		*frame = interrupted(frame->sp);
		slots->pc = slots->bp = &never;
		return true;
	} else {
		return false;
	}
	/* stacks grow down: else the tables are not those of the code */
	if (unlikely(cfa <= frame->sp || cfa % 8 != 0))
		return false;
	slots->pc = (const uintptr_t *)(cfa - 8);
	frame->pc = *slots->pc;
	frame->sp = cfa;
	if (rule.bp == CFI_BP_SAVED) {
		cfa += (uintptr_t)(intptr_t)rule.bp_offset * 8;
		frame->bp = *(const uintptr_t *)cfa;
		if (slots->bp == &nothing)
			slots->bp = (const uintptr_t *)cfa;
	} else if (rule.bp == CFI_BP_AT_BP) {
		frame->bp = *(uintptr_t *)frame->bp;
		slots->bp = &never;
	}
	return frame->pc != 0;
}

/* Do the places that frames @from and later were found at have the same
 * contents? */
INLINED bool
is_same(const struct last *stack, size_t from)
{
	uintptr_t wrong = 0;
	size_t k;

	for (k = from; k + 1 < stack->depth; k++)
		wrong |= (*stack->pc_slot[k] ^ stack->pc[k + 1]) |
			(*stack->bp_slot[k] ^ stack->bp_value[k]);
	return wrong == 0;
}

/* Move what is remembered of frames @from and later to @to. */
static void
move_frames(struct last *stack, size_t to, size_t from, size_t count)
{
#define MOVE(field)                                     \
	memmove(&stack->field[to], &stack->field[from], \
		count * sizeof(stack->field[0]))
	MOVE(pc);
	MOVE(sp);
	MOVE(bp);
	MOVE(pc_slot);
	MOVE(bp_slot);
	MOVE(bp_value);
	MOVE(hash);
#undef MOVE
}

/* A frame that is not remembered, and how the one after it was found. */
struct found {
	struct frame frame;
	struct slots slots;
	uintptr_t bp_value;
};

static void
put(struct last *stack, size_t k, const struct found *found)
{
	stack->pc[k] = found->frame.pc;
	stack->sp[k] = found->frame.sp;
	stack->bp[k] = found->frame.bp;
	stack->pc_slot[k] = found->slots.pc;
	stack->bp_slot[k] = found->slots.bp;
	stack->bp_value[k] = found->bp_value;
}

/* Does frame @k of @stack, and all that follow, belong to @depth new ones and
 * @frame? */
INLINED bool
joins(const struct last *stack, size_t k, const struct frame *frame,
      size_t depth)
{
	return k < stack->depth && stack->sp[k] == frame->sp &&
		stack->pc[k] == frame->pc && stack->bp[k] == frame->bp &&
		stack->whole && depth + stack->depth - k <= STACK_DEPTH &&
		is_same(stack, k);
}

/*
 * Walk from @from to a frame that is remembered, with all that follow; or to the
 * end. Returns how many frames are new.
 */
INLINED size_t
walk(struct last *stack, const struct frame *from)
{
	struct found found[STACK_DEPTH];
	struct frame frame = *from;
	size_t depth = 0, j = 0, k;
	bool more = true;

	while (depth < STACK_DEPTH && more) {
		while (j < stack->depth && stack->sp[j] < frame.sp)
			j++;
		if (joins(stack, j, &frame, depth))
			break;
		found[depth].frame = frame;
		more = step(&frame, &found[depth].slots);
		found[depth].bp_value = found[depth].slots.bp == &nothing ||
				found[depth].slots.bp == &never ?
			0 :
			frame.bp;
		depth++;
	}
	if (more && depth < STACK_DEPTH) {
		if (depth != j)
			move_frames(stack, depth, j, stack->depth - j);
		stack->depth += depth - j;
	} else {
		stack->depth = depth;
		stack->whole = !more;
	}
	for (k = 0; k < depth; k++)
		put(stack, k, &found[k]);
	return depth;
}

size_t
unwind_plainly(const struct frame *from, uintptr_t *pc, size_t most)
{
	struct frame frame = *from;
	struct slots slots;
	size_t depth = 0;

	do
		pc[depth++] = frame.pc;
	while (depth < most && step(&frame, &slots));
	return depth;
}

uint32_t
unwind_trace(const struct frame *from)
{
	unsigned now = atomic_load_explicit(&epoch, memory_order_relaxed);
	uintptr_t pc[STACK_DEPTH];
	struct last *stack = &last;
	size_t at, k;
	uint64_t hash = 0;
	uint32_t trace;

	if (unlikely(atomic_load_explicit(&stack->in_use,
					  memory_order_relaxed))) {
		k = unwind_plainly(from, pc, STACK_DEPTH);
		for (at = k; at-- > 0;)
			hash = trace_mix(hash, pc[at]);
		return trace_intern(pc, k, hash);
	}
	atomic_store_explicit(&stack->in_use, true, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	if (unlikely(stack->epoch != now)) {
		stack->depth = 0;
		stack->epoch = now;
	}
	for (k = walk(stack, from); k-- > 0;)
		stack->hash[k] =
			trace_mix(k + 1 < stack->depth ? stack->hash[k + 1] : 0,
				  stack->pc[k]);
	trace = trace_intern(stack->pc, stack->depth, stack->hash[0]);
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&stack->in_use, false, memory_order_relaxed);
	return trace;
}

void
unwind_forget(void)
{
	size_t i;

	atomic_fetch_add(&epoch, 1);
	for (i = 0; i < RULES; i++) {
		atomic_store_explicit(&cache[i].a, 0, memory_order_relaxed);
		atomic_store_explicit(&cache[i].b, 0, memory_order_relaxed);
	}
}
