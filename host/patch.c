/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A jump of five bytes reaches 2 GB in both directions. So what it jumps to is
 * put into memory near the code.
 */
#include "patch.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __x86_64__

#define REACH ((uintptr_t)0x7ff00000)
#define STEP ((uintptr_t)16 << 20)

static unsigned char *
map_at(uintptr_t hint, size_t size)
{
	void *memory = mmap((void *)hint, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			    -1, 0);

	if (memory == (void *)hint)
		return memory;
	/* a kernel that does not know the flag takes any other place */
	if (memory != MAP_FAILED)
		munmap(memory, size);
	return NULL;
}

unsigned char *
patch_near(uintptr_t start, uintptr_t end, size_t size)
{
	uintptr_t page = (uintptr_t)getpagesize();
	uintptr_t below = start & ~(page - 1),
		  above = (end + page - 1) & ~(page - 1);
	unsigned char *memory;
	uintptr_t far;

	for (far = STEP; end - start + far + size < REACH; far += STEP) {
		if (below > far + page) {
			memory = map_at(below - far, size);
			if (memory != NULL)
				return memory;
		}
		/* a program at a low address grows its heap there */
		if (above + far > (uintptr_t)4 << 30) {
			memory = map_at(above + far, size);
			if (memory != NULL)
				return memory;
		}
	}
	/* a program that is at the first addresses of all */
	for (far = STEP; end - start + far + size < REACH; far += STEP) {
		memory = map_at(above + far, size);
		if (memory != NULL)
			return memory;
	}
	return NULL;
}

void
patch_piece(unsigned char *at, enum thunk thunk, uint32_t number, uintptr_t to)
{
	/* mov edx, ecx, r8d or edx, @number: the register after the last one */
	static const unsigned char moves[THUNKS][2] = {
		{ 0xba },
		{ 0xb9 },
		{ 0x41, 0xb8 },
		{ 0xba },
	};
	static const unsigned char jump[] = { 0xff, 0x25, 0, 0, 0, 0 };
	size_t len = moves[thunk][1] != 0 ? 2 : 1;

	memcpy(at, moves[thunk], len);
	memcpy(at + len, &number, sizeof(number));
	len += sizeof(number);
	memcpy(at + len, jump, sizeof(jump));
	memcpy(at + len + sizeof(jump), &to, sizeof(to));
}

bool
patch_jump(uintptr_t at, uintptr_t to)
{
	uintptr_t page = (uintptr_t)getpagesize();
	uintptr_t start = at & ~(page - 1);
	size_t size = (at + PATCH_SIZE - start + page - 1) & ~(page - 1);
	unsigned char code[PATCH_SIZE] = { PATCH_JUMP };
	int32_t far = (int32_t)(to - (at + PATCH_SIZE));

	if (mprotect((void *)start, size, PROT_READ | PROT_WRITE | PROT_EXEC) !=
	    0)
		return false;
	memcpy(code + 1, &far, sizeof(far));
	memcpy((void *)at, code, sizeof(code));
	return mprotect((void *)start, size, PROT_READ | PROT_EXEC) == 0;
}

#else

unsigned char *
patch_near(uintptr_t start, uintptr_t end, size_t size)
{
	(void)start, (void)end, (void)size;
	return NULL;
}

void
patch_piece(unsigned char *at, enum thunk thunk, uint32_t number, uintptr_t to)
{
	(void)at, (void)thunk, (void)number, (void)to;
}

bool
patch_jump(uintptr_t at, uintptr_t to)
{
	(void)at, (void)to;
	return false;
}

#endif
