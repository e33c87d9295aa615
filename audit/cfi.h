/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How to leave a function at one address: read from the tables that compilers
 * write for exceptions (.eh_frame).
 */
#ifndef FERRULE_AUDIT_CFI_H
#define FERRULE_AUDIT_CFI_H

#include <stdint.h>

enum cfi_kind {
	CFI_UNKNOWN, /* no table, or a rule that is not one of these */
	CFI_END, /* the outermost function of a thread */
	CFI_SIGNAL, /* the return from a signal handler */
	/* where the caller's stack pointer was: */
	CFI_FROM_SP, /* sp + offset */
	CFI_FROM_BP, /* bp + offset */
	CFI_AT_BP, /* *(bp + offset): the function aligned its stack */
};

/* What became of the caller's frame pointer. */
enum cfi_bp {
	CFI_BP_SAME,
	CFI_BP_SAVED, /* at the caller's stack pointer + bp_offset */
	CFI_BP_AT_BP, /* at *bp */
};

struct cfi_rule {
	int32_t offset;
	int16_t bp_offset; /* in units of 8 bytes */
	uint8_t kind;
	uint8_t bp;
};

/* The rule at @pc, an address of loaded code. */
struct cfi_rule
cfi_rule_at(uintptr_t pc);

#endif
