/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A heap of elements of any one type: the least comes out first. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct heap {
	size_t size;
	size_t len;
	size_t capacity;
	/* a is less: below 0; equal: 0; greater: above 0 */
	int (*compare)(const void *a, const void *b);
	void (*destroy)(void *element);
	_Alignas(16) unsigned char elements[];
};

/* NULL: no memory, or @size is 0. */
struct heap *
heap_new(size_t size, size_t capacity,
	 int (*compare)(const void *a, const void *b),
	 void (*destroy)(void *element))
{
	struct heap *heap;

	/* one more, to exchange two */
	if (size == 0 || capacity >= ((size_t)-1 - sizeof(*heap)) / size)
		return NULL;
	heap = malloc(sizeof(*heap) + (capacity + 1) * size);
	if (heap != NULL)
		*heap = (struct heap){
			.size = size,
			.capacity = capacity,
			.compare = compare,
			.destroy = destroy,
		};
	return heap;
}

static void *
at(struct heap *heap, size_t i)
{
	return heap->elements + i * heap->size;
}

static int
less(struct heap *heap, size_t a, size_t b)
{
	return heap->compare(at(heap, a), at(heap, b)) < 0;
}

static void
swap(struct heap *heap, size_t a, size_t b)
{
	void *spare = at(heap, heap->capacity);

	memcpy(spare, at(heap, a), heap->size);
	memcpy(at(heap, a), at(heap, b), heap->size);
	memcpy(at(heap, b), spare, heap->size);
}

/* Copy the bytes of an element into the heap. Returns 0, or -1: it is full. */
int
heap_push(struct heap *heap, const void *element)
{
	size_t i = heap->len;

	if (i == heap->capacity)
		return -1;
	memcpy(at(heap, i), element, heap->size);
	heap->len++;
	for (; i > 0 && less(heap, i, (i - 1) / 2); i = (i - 1) / 2)
		swap(heap, i, (i - 1) / 2);
	return 0;
}

/* The least element, where it lies, until the next heap_push() or heap_pop();
 * NULL: there is none. */
const void *
heap_peek(const struct heap *heap)
{
	return heap->len > 0 ? heap->elements : NULL;
}

/* Copy the bytes of the least element out of the heap. Returns 0, or -1: there
 * is none. */
int
heap_pop(struct heap *heap, void *element_out)
{
	size_t i = 0, child;

	if (heap->len == 0)
		return -1;
	memcpy(element_out, heap->elements, heap->size);
	heap->len--;
	memmove(at(heap, 0), at(heap, heap->len), heap->size);
	for (;;) {
		child = 2 * i + 1;
		if (child + 1 < heap->len && less(heap, child + 1, child))
			child++;
		if (child >= heap->len || !less(heap, child, i))
			return 0;
		swap(heap, i, child);
		i = child;
	}
}

/* Call destroy for each element that is left; it may be NULL. */
void
heap_free(struct heap *heap)
{
	size_t i;

	for (i = 0; i < heap->len && heap->destroy != NULL; i++)
		heap->destroy(at(heap, i));
	free(heap);
}
