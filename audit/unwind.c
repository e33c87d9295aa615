/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Stacks, frame by frame. What is remembered is the rule of an address, which
 * is a constant of the code there, and never a stack.
 *
 * An entry of the cache is two words, a and b, and no lock: b is the rule, and
 * a is the address ^ b. So a reader of two halves of different entries sees that
 * they do not belong together.
 */
#include "audit.h"

#include "cfi.h"

#include <stdatomic.h>
#include <string.h>
#include <ucontext.h>

#define RULES (1u << 14)

struct cached {
	_Atomic uint64_t a, b;
};

static struct cached cache[RULES];

_Static_assert(sizeof(struct cfi_rule) == 8, "a rule is one word");

INLINED struct cfi_rule
rule_at(uintptr_t pc)
{
	uint64_t hash = (uint64_t)pc * 0x9e3779b97f4a7c15u;
	struct cached *cached = &cache[hash >> 50];
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
	memcpy(&rule, &b, sizeof(rule));
	return rule;
}

/* What a signal interrupted. @sp: where the kernel wrote that. */
static struct frame
interrupted(uintptr_t sp)
{
	const ucontext_t *context = (const void *)sp;

	return (struct frame){
		.pc = (uintptr_t)context->uc_mcontext.gregs[REG_RIP],
		.sp = (uintptr_t)context->uc_mcontext.gregs[REG_RSP],
		.bp = (uintptr_t)context->uc_mcontext.gregs[REG_RBP],
	};
}

size_t
unwind_stack(const struct frame *from, uintptr_t *pc, size_t most)
{
	struct frame frame = *from;
	/* a return address is behind the call, which may end its function */
	uintptr_t back = 1;
	size_t depth = 0;
	struct cfi_rule rule;
	uintptr_t cfa;

	while (depth < most && frame.pc != 0) {
		pc[depth++] = frame.pc + 1 - back;
		rule = rule_at(frame.pc - back);
		back = 1;
		if (likely(rule.kind == CFI_FROM_SP)) {
			cfa = frame.sp + (uintptr_t)(intptr_t)rule.offset;
		} else if (rule.kind == CFI_FROM_BP) {
			cfa = frame.bp + (uintptr_t)(intptr_t)rule.offset;
		} else if (rule.kind == CFI_AT_BP) {
			cfa = *(uintptr_t *)(frame.bp +
					     (uintptr_t)(intptr_t)rule.offset);
		} else if (rule.kind == CFI_SIGNAL) {
			depth--; /* it is nobody's call */
			frame = interrupted(frame.sp);
			back = 0;
			continue;
		} else {
			break;
		}
		/* stacks grow down: else the tables are not those of the code */
		if (unlikely(cfa <= frame.sp || cfa % 8 != 0))
			break;
		frame.pc = *(uintptr_t *)(cfa - 8);
		frame.sp = cfa;
		if (rule.bp == CFI_BP_SAVED)
			frame.bp =
				*(uintptr_t *)(cfa +
					       (uintptr_t)(intptr_t)
							       rule.bp_offset *
						       8);
		else if (rule.bp == CFI_BP_AT_BP)
			frame.bp = *(uintptr_t *)frame.bp;
	}
	return depth;
}

void
unwind_forget(void)
{
	size_t i;

	for (i = 0; i < RULES; i++) {
		atomic_store_explicit(&cache[i].a, 0, memory_order_relaxed);
		atomic_store_explicit(&cache[i].b, 0, memory_order_relaxed);
	}
}
