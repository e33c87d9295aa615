/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Moves instructions, by Zydis.
 *
 *   __rust_alloc:  push rbx                 becomes   jmp piece
 *                  lea  rdi, [rip + table]            (what is left of it)
 *                  call choose                        call choose
 *   moved:         push rbx
 *                  lea  rdi, [rip + another distance]
 *                  jmp  (the call)
 *
 * What is relative to the instruction's own address gets another distance. A
 * short jump becomes a long one.
 */
#include "move.h"

#include "patch.h"

#include <string.h>

#ifdef HAVE_ZYDIS

#include <Zydis/Decoder.h>

/* A function that is larger is no thunk. */
#define MOST 4096

struct moving {
	ZydisDecoder decoder;
	uintptr_t from, end; /* of the function */
	unsigned char *to;
	size_t room;
};

static bool
begin(struct moving *moving)
{
	return ZYAN_SUCCESS(ZydisDecoderInit(&moving->decoder,
					     ZYDIS_MACHINE_MODE_LONG_64,
					     ZYDIS_STACK_WIDTH_64));
}

static bool
decode(const struct moving *moving, uintptr_t at,
       ZydisDecodedInstruction *instruction)
{
	return ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(
		&moving->decoder, NULL, (const void *)at, moving->end - at,
		instruction));
}

static bool
put(struct moving *moving, const void *bytes, size_t len)
{
	if (moving->room < len)
		return false;
	memcpy(moving->to, bytes, len);
	moving->to += len;
	moving->room -= len;
	return true;
}

/* A branch of @op with a distance of four bytes, to @target. */
static bool
put_branch(struct moving *moving, const unsigned char *op, size_t len,
	   uintptr_t target)
{
	int64_t far = (int64_t)(target - ((uintptr_t)moving->to + len + 4));
	int32_t distance = (int32_t)far;

	return far == distance && put(moving, op, len) &&
		put(moving, &distance, sizeof(distance));
}

/* A jump, a conditional jump, or a call. */
static bool
move_branch(struct moving *moving, uintptr_t at,
	    const ZydisDecodedInstruction *instruction)
{
	uintptr_t target = at + instruction->length +
		(uintptr_t)instruction->raw.imm[0].value.s;
	unsigned char op[2] = { 0x0f, 0x80 | (instruction->opcode & 0x0f) };

	switch (instruction->meta.category) {
	case ZYDIS_CATEGORY_CALL:
		op[0] = 0xe8;
		return put_branch(moving, op, 1, target);
	case ZYDIS_CATEGORY_UNCOND_BR:
		op[0] = PATCH_JUMP;
		return put_branch(moving, op, 1, target);
	case ZYDIS_CATEGORY_COND_BR:
		/* those that count have no long form: loop, jrcxz */
		if ((instruction->opcode & 0xf0) != 0x70 &&
		    (instruction->opcode & 0xf0) != 0x80)
			return false;
		return put_branch(moving, op, 2, target);
	default:
		return false;
	}
}

/* An operand in memory, relative to the instruction's address. */
static bool
move_operand(struct moving *moving, uintptr_t at,
	     const ZydisDecodedInstruction *instruction)
{
	unsigned char bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];
	size_t len = instruction->length;
	int64_t far = instruction->raw.disp.value + (int64_t)at -
		(int64_t)(uintptr_t)moving->to;
	int32_t distance = (int32_t)far;

	if (instruction->raw.disp.size != 32 || far != distance)
		return false;
	memcpy(bytes, (const void *)at, len);
	memcpy(bytes + instruction->raw.disp.offset, &distance,
	       sizeof(distance));
	return put(moving, bytes, len);
}

static bool
is_rip_relative(const ZydisDecodedInstruction *instruction)
{
	return (instruction->attributes & ZYDIS_ATTRIB_HAS_MODRM) != 0 &&
		instruction->raw.modrm.mod == 0 &&
		instruction->raw.modrm.rm == 5;
}

static bool
move_one(struct moving *moving, uintptr_t at,
	 const ZydisDecodedInstruction *instruction)
{
	if (instruction->raw.imm[0].is_relative)
		return move_branch(moving, at, instruction);
	if (is_rip_relative(instruction))
		return move_operand(moving, at, instruction);
	/* any other way to be relative is not one that we know */
	if ((instruction->attributes & ZYDIS_ATTRIB_IS_RELATIVE) != 0)
		return false;
	return put(moving, (const void *)at, instruction->length);
}

/* Does no jump in the function lead into (from, from + len)? */
static bool
is_not_entered(const struct moving *moving, size_t len)
{
	ZydisDecodedInstruction instruction;
	uintptr_t at, target;

	for (at = moving->from; at < moving->end; at += instruction.length) {
		if (!decode(moving, at, &instruction))
			return false;
		if (!instruction.raw.imm[0].is_relative)
			continue;
		target = at + instruction.length +
			(uintptr_t)instruction.raw.imm[0].value.s;
		if (target > moving->from && target < moving->from + len)
			return false;
	}
	return true;
}

bool
move_known(void)
{
	return true;
}

bool
move_code(uintptr_t from, size_t size, size_t least, unsigned char *to)
{
	struct moving moving = {
		.from = from,
		.end = from + size,
		.to = to,
		.room = MOVE_ROOM,
	};
	static const unsigned char jump = PATCH_JUMP;
	ZydisDecodedInstruction instruction;
	bool ended = false;
	uintptr_t at;

	if (size < least || size > MOST || !begin(&moving))
		return false;
	for (at = from; at < from + least; at += instruction.length) {
		/* behind a jump is nothing that belongs to it */
		if (ended || !decode(&moving, at, &instruction) ||
		    !move_one(&moving, at, &instruction))
			return false;
		ended = instruction.meta.category == ZYDIS_CATEGORY_UNCOND_BR ||
			instruction.meta.category == ZYDIS_CATEGORY_RET;
	}
	if (!is_not_entered(&moving, at - from))
		return false;
	return ended || put_branch(&moving, &jump, 1, at);
}

void
move_ends(uintptr_t from, size_t size, move_end_fn *fn, void *ctx)
{
	struct moving moving = { .from = from, .end = from + size };
	ZydisDecodedInstruction instruction;
	uintptr_t at, target;

	if (size > MOST || !begin(&moving))
		return;
	for (at = from; at < moving.end; at += instruction.length) {
		if (!decode(&moving, at, &instruction))
			return;
		target = at + instruction.length;
		if (instruction.raw.imm[0].is_relative)
			target += (uintptr_t)instruction.raw.imm[0].value.s;
		else if (is_rip_relative(&instruction) &&
			 (instruction.meta.category == ZYDIS_CATEGORY_CALL ||
			  instruction.meta.category ==
				  ZYDIS_CATEGORY_UNCOND_BR))
			target += (uintptr_t)instruction.raw.disp.value;
		else
			continue;
		if (target < from || target >= moving.end)
			fn(ctx, target);
	}
}

#else

bool
move_known(void)
{
	return false;
}

bool
move_code(uintptr_t from, size_t size, size_t least, unsigned char *to)
{
	(void)from, (void)size, (void)least, (void)to;
	return false;
}

/* Only what is one jump. */
void
move_ends(uintptr_t from, size_t size, move_end_fn *fn, void *ctx)
{
	int32_t far;

	if (size < PATCH_SIZE || *(const unsigned char *)from != PATCH_JUMP)
		return;
	memcpy(&far, (const void *)(from + 1), sizeof(far));
	fn(ctx, from + PATCH_SIZE + (uintptr_t)(intptr_t)far);
}

#endif
