/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which words reach a block: the scan alone, on a table made by hand. */
#include "reach.h"

#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/auxv.h>

#include <cmocka.h>

#define SIZE 32 /* of each block */

static void
put(struct table *table, uintptr_t start, unsigned flags)
{
	struct block block = {
		.ptr = start,
		.size = SIZE,
		.flags = (uint8_t)flags,
	};

	table_put(table, &block);
}

/* Is a lesson's block at @start reached, beside one of @flags at @older? */
static bool
is_reached_beside(uintptr_t start, uintptr_t older, unsigned flags)
{
	struct table table = {
		.slots = calloc(TABLE_PAGE_SLOTS, sizeof(struct block)),
		.capacity = TABLE_PAGE_SLOTS,
	};
	bool reached;

	assert_non_null(table.slots);
	put(&table, start, BLOCK_OF_LESSON);
	if (older != 0)
		put(&table, older, flags);
	/* the scan reads what is in a reached block */
	reached = reach_mark(&table) &&
		(table_find(&table, (void *)start)->flags & BLOCK_REACHED) != 0;
	free(table.slots);
	return reached;
}

static bool
is_reached(uintptr_t start)
{
	return is_reached_beside(start, 0, 0);
}

/* Read by the scan alone. */
static volatile uintptr_t variable;

static void
test_reach__a_variable_reaches_a_block_by_each_of_its_bytes(void **state)
{
	/* not a variable itself: a sanitizer has a list of those */
	uintptr_t memory[SIZE / sizeof(uintptr_t)] = { 0 };
	uintptr_t start = (uintptr_t)memory;

	(void)state;
	variable = 0;
	assert_false(is_reached(start));
	for (size_t at = 0; at < sizeof(memory); at++) {
		variable = start + at;
		assert_true(is_reached(start));
	}
	variable = start + sizeof(memory);
	assert_false(is_reached(start));
}

static void
test_reach__an_older_block_reaches_it_unless_it_is_the_hosts(void **state)
{
	uintptr_t memory[SIZE / sizeof(uintptr_t)] = { 0 };
	uintptr_t older[SIZE / sizeof(uintptr_t)] = { 0 };
	uintptr_t start = (uintptr_t)memory;

	(void)state;
	variable = 0;
	assert_false(is_reached_beside(start, (uintptr_t)older, 0));
	older[2] = start + 8;
	assert_true(is_reached_beside(start, (uintptr_t)older, 0));
	assert_false(is_reached_beside(start, (uintptr_t)older, BLOCK_OF_HOST));
}

/* The dynamic linker's variables, as words. */
struct words {
	const uintptr_t *first;
	size_t count;
};

static int
find_variables(struct dl_phdr_info *info, size_t size, void *ctx)
{
	struct words *found = ctx;

	(void)size;
	if (info->dlpi_addr != getauxval(AT_BASE))
		return 0;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + header->p_vaddr;

		if (header->p_type != PT_LOAD || !(header->p_flags & PF_W))
			continue;
		found->first = (const uintptr_t *)((start + 7) & ~7ul);
		found->count = header->p_memsz / sizeof(uintptr_t) - 1;
	}
	return 1;
}

static void
test_reach__the_dynamic_linker_reaches_a_block_by_its_start_only(void **state)
{
	struct words words = { 0 };
	uintptr_t itself = getauxval(AT_BASE);
	bool only = false;

	(void)state;
	dl_iterate_phdr(find_variables, &words);
	if (words.count == 0)
		skip(); /* there is none */
	assert_true(is_reached(itself));
	/* the address of a page: a file was there, and a block may be now */
	for (size_t i = 0; i < words.count && !only; i++)
		only = words.first[i] != 0 && words.first[i] % 4096 == 0 &&
			!is_reached(words.first[i] - 16);
	assert_true(only);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_reach__a_variable_reaches_a_block_by_each_of_its_bytes),
		cmocka_unit_test(
			test_reach__an_older_block_reaches_it_unless_it_is_the_hosts),
		cmocka_unit_test(
			test_reach__the_dynamic_linker_reaches_a_block_by_its_start_only),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
