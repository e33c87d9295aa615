/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Pairs the steps of two lanes.
 *
 * The best pairing is the longest common sequence of names, but finding it
 * takes time that grows as the square of the number of steps. So we first pair
 * the equal steps at the start and at the end. If much is left between them,
 * the names that occur once in each lane are landmarks: they divide the rest
 * into parts, and each part is paired in the same way.
 */
#include "pair.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* At most this many pairs of steps are compared one by one. */
#define COMPARED ((size_t)1 << 20)
/* Deeper parts than this are paired by number. */
#define DEPTH 8

/* Names as numbers: equal names have the same number. */
struct names {
	const char **texts;
	uint32_t *slots; /* number + 1, or 0; open addressing */
	size_t slot_count; /* a power of two */
	uint32_t count;
};

struct pairer {
	const uint32_t *mine; /* the names of the steps */
	const uint32_t *its;
	size_t *partners;
	/* by name, for landmarks(); all 0 between its calls */
	uint32_t *times_mine;
	uint32_t *times_its;
	size_t *place; /* the last position among its steps */
};

/* Steps [from, to) of either lane. */
struct part {
	size_t mine, mine_end;
	size_t its, its_end;
};

static uint32_t
number_of(struct names *names, const char *text)
{
	uint64_t hash = 14695981039346656037u;
	const char *at;
	size_t slot;

	for (at = text; *at != '\0'; at++)
		hash = (hash ^ (unsigned char)*at) * 1099511628211u;
	slot = (size_t)(hash ^ hash >> 32) & (names->slot_count - 1);
	while (names->slots[slot] != 0) {
		if (strcmp(names->texts[names->slots[slot] - 1], text) == 0)
			return names->slots[slot] - 1;
		slot = (slot + 1) & (names->slot_count - 1);
	}
	names->texts[names->count] = text;
	names->slots[slot] = names->count + 1;
	return names->count++;
}

static uint32_t *
number_all(struct names *names, const struct transcript *transcript)
{
	uint32_t *numbers = xcalloc(transcript->step_count, sizeof(*numbers));
	size_t i;

	for (i = 0; i < transcript->step_count; i++)
		numbers[i] = number_of(names, transcript->steps[i].name);
	return numbers;
}

/* Pair the equal steps at the start and at the end. */
static void
trim(const struct pairer *pairer, struct part *part)
{
	while (part->mine < part->mine_end && part->its < part->its_end &&
	       pairer->mine[part->mine] == pairer->its[part->its])
		pairer->partners[part->mine++] = part->its++;
	while (part->mine < part->mine_end && part->its < part->its_end &&
	       pairer->mine[part->mine_end - 1] ==
		       pairer->its[part->its_end - 1])
		pairer->partners[--part->mine_end] = --part->its_end;
}

/* Pair the longest sequence of names that both have. */
static void
pair_longest(const struct pairer *pairer, const struct part *part)
{
	const uint32_t *a = pairer->mine + part->mine;
	const uint32_t *b = pairer->its + part->its;
	size_t a_count = part->mine_end - part->mine;
	size_t b_count = part->its_end - part->its;
	size_t width = b_count + 1;
	unsigned *best = xcalloc((a_count + 1) * width, sizeof(*best));
	unsigned skip;
	size_t i, j;

	for (i = a_count; i-- > 0;) {
		for (j = b_count; j-- > 0;) {
			skip = MAX(best[(i + 1) * width + j],
				   best[i * width + j + 1]);
			best[i * width + j] = a[i] == b[j] ?
				1 + best[(i + 1) * width + j + 1] :
				skip;
		}
	}
	for (i = 0, j = 0; i < a_count && j < b_count;) {
		if (a[i] == b[j])
			pairer->partners[part->mine + i++] = part->its + j++;
		else if (best[(i + 1) * width + j] >= best[i * width + j + 1])
			i++;
		else
			j++;
	}
	free(best);
}

static void
pair_by_number(const struct pairer *pairer, const struct part *part)
{
	size_t i,
		count = MIN(part->mine_end - part->mine,
			    part->its_end - part->its);

	for (i = 0; i < count; i++)
		if (pairer->mine[part->mine + i] == pairer->its[part->its + i])
			pairer->partners[part->mine + i] = part->its + i;
}

/*
 * The partners of the steps mine[0..count) are set. Keep the longest sequence
 * of steps with rising partners, and remove the partners of the others. Returns
 * the number of kept steps, which are then in mine[].
 */
static size_t
keep_rising(const struct pairer *pairer, size_t *mine, size_t count)
{
	/* ends[n]: the step with the lowest partner that ends a sequence of n +
	 * 1 */
	size_t *ends = xcalloc(count, sizeof(*ends));
	size_t *before = xcalloc(count, sizeof(*before));
	size_t i, low, high, middle, longest = 0;

	for (i = 0; i < count; i++) {
		for (low = 0, high = longest; low < high;) {
			middle = (low + high) / 2;
			if (pairer->partners[mine[ends[middle]]] <
			    pairer->partners[mine[i]])
				low = middle + 1;
			else
				high = middle;
		}
		before[i] = low > 0 ? ends[low - 1] : NO_STEP;
		ends[low] = i;
		longest = MAX(longest, low + 1);
	}
	/* go backwards along the sequence; the other steps lose their
	 * partner */
	low = longest;
	high = longest > 0 ? ends[longest - 1] : NO_STEP;
	for (i = count; i-- > 0;) {
		if (i != high) {
			pairer->partners[mine[i]] = NO_STEP;
			continue;
		}
		ends[--low] = mine[i];
		high = before[i];
	}
	memcpy(mine, ends, longest * sizeof(*mine));
	free(ends);
	free(before);
	return longest;
}

/* Pair the names that occur once in each side of @part. Returns my steps. */
static size_t
landmarks(const struct pairer *pairer, const struct part *part, size_t *found)
{
	size_t i, count = 0;
	uint32_t name;

	for (i = part->mine; i < part->mine_end; i++)
		pairer->times_mine[pairer->mine[i]]++;
	for (i = part->its; i < part->its_end; i++) {
		pairer->times_its[pairer->its[i]]++;
		pairer->place[pairer->its[i]] = i;
	}
	for (i = part->mine; i < part->mine_end; i++) {
		name = pairer->mine[i];
		if (pairer->times_mine[name] != 1 ||
		    pairer->times_its[name] != 1)
			continue;
		pairer->partners[i] = pairer->place[name];
		found[count++] = i;
	}
	for (i = part->mine; i < part->mine_end; i++)
		pairer->times_mine[pairer->mine[i]] = 0;
	for (i = part->its; i < part->its_end; i++)
		pairer->times_its[pairer->its[i]] = 0;
	return keep_rising(pairer, found, count);
}

static void
pair_part(const struct pairer *pairer, struct part part, unsigned depth)
{
	size_t *found;
	size_t i, count, mine, its;

	trim(pairer, &part);
	mine = part.mine_end - part.mine;
	its = part.its_end - part.its;
	if (mine == 0 || its == 0)
		return;
	if (mine <= COMPARED / its) {
		pair_longest(pairer, &part);
		return;
	}
	found = xcalloc(mine, sizeof(*found));
	count = depth < DEPTH ? landmarks(pairer, &part, found) : 0;
	if (count == 0)
		pair_by_number(pairer, &part);
	mine = part.mine;
	its = part.its;
	for (i = 0; count > 0 && i <= count; i++) {
		struct part between = {
			mine,
			i < count ? found[i] : part.mine_end,
			its,
			i < count ? pairer->partners[found[i]] : part.its_end,
		};

		pair_part(pairer, between, depth + 1);
		mine = between.mine_end + 1;
		its = between.its_end + 1;
	}
	free(found);
}

void
pair_steps(const struct transcript *mine, const struct transcript *its,
	   size_t *partners)
{
	struct part all = { 0, mine->step_count, 0, its->step_count };
	size_t count = mine->step_count + its->step_count;
	struct pairer pairer = { .partners = partners };
	struct names names = { .slot_count = 16 };
	uint32_t *my_names, *its_names;
	size_t i;

	while (names.slot_count < 2 * count)
		names.slot_count *= 2;
	names.slots = xcalloc(names.slot_count, sizeof(*names.slots));
	names.texts = xcalloc(count, sizeof(*names.texts));
	pairer.mine = my_names = number_all(&names, mine);
	pairer.its = its_names = number_all(&names, its);
	pairer.times_mine = xcalloc(names.count, sizeof(uint32_t));
	pairer.times_its = xcalloc(names.count, sizeof(uint32_t));
	pairer.place = xcalloc(names.count, sizeof(size_t));
	for (i = 0; i < mine->step_count; i++)
		partners[i] = NO_STEP;
	pair_part(&pairer, all, 0);
	free(pairer.times_mine);
	free(pairer.times_its);
	free(pairer.place);
	free(my_names);
	free(its_names);
	free(names.slots);
	free(names.texts);
}
