/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A scene is a tree of shapes and groups. */
#ifndef SCENE_H
#define SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCENE_VERSION 0x0102
#define SCENE_NAME_SIZE 16 /* with the NUL */
#define SCENE_ROOT_NAME "root"

/* ---- errors ---- */

enum scene_status {
	SCENE_OK = 0,
	SCENE_E_MEMORY = -1,
	SCENE_E_KIND = -2, /* it is no group, or no shape */
	SCENE_E_LOCKED = -3,
	SCENE_E_STOPPED = -4, /* a visitor returned false */
	SCENE_E_EMPTY = -5,
};

/* "locked"; NULL for a status that is not known. */
const char *
scene_status_text(enum scene_status status);

uint32_t
scene_version(void);

/* ---- values ---- */

struct scene_point {
	double x, y;
};

struct scene_box {
	struct scene_point low, high;
};

struct scene_color {
	uint8_t red, green, blue, alpha;
};

/* @part of b, from 0 to 1, and the rest of a. */
struct scene_color
scene_mix(struct scene_color a, struct scene_color b, float part);

/* @matrix has two rows: what x and y are made of. */
struct scene_point
scene_apply(const double (*matrix)[3], struct scene_point point);

/* ---- shapes ---- */

enum scene_kind {
	SCENE_GROUP,
	SCENE_CIRCLE,
	SCENE_BOX,
	SCENE_PATH,
};

struct scene_circle {
	struct scene_point center;
	double radius;
};

struct scene_path {
	const struct scene_point *points;
	size_t count;
};

union scene_form {
	struct scene_circle circle;
	struct scene_box box;
	struct scene_path path;
};

struct scene_style {
	struct scene_color fill, line;
	float width;
};

struct scene_shape {
	enum scene_kind kind; /* which member of the form it is */
	union scene_form form;
	struct scene_style style;
	double matrix[2][3]; /* is applied to its points */
};

/* ---- scenes ---- */

struct scene;
struct scene_node;

/* Each function may be NULL. */
struct scene_observer {
	void (*added)(void *context, const struct scene_node *node);
	void (*removed)(void *context, const struct scene_node *node);
	void *context;
};

/* The observer is copied; NULL: there is none. */
enum scene_status
scene_new(const struct scene_observer *observer, struct scene **scene_out);

/* With all its nodes, which are removed first. NULL is allowed. */
void
scene_free(struct scene *scene);

struct scene_node *
scene_root(struct scene *scene);

/* The first node of this name; NULL: none. */
struct scene_node *
scene_find(struct scene *scene, const char *name);

size_t
scene_count(const struct scene *scene);

/* ---- nodes ---- */

/* Only the first SCENE_NAME_SIZE - 1 bytes of a name are kept. A node is valid
 * until it, or what it is in, is removed. */
enum scene_status
scene_add_group(struct scene_node *group, const char *name,
		struct scene_node **node_out);

/* The shape and its points are copied. */
enum scene_status
scene_add_shape(struct scene_node *group, const char *name,
		const struct scene_shape *shape, struct scene_node **node_out);

/* Not for the root: SCENE_E_KIND. */
enum scene_status
scene_remove(struct scene_node *node);

const char *
scene_node_name(const struct scene_node *node);

enum scene_kind
scene_node_kind(const struct scene_node *node);

/* NULL for the root. */
struct scene_node *
scene_node_parent(const struct scene_node *node);

/* NULL for a group. It is valid as long as the node. */
const struct scene_shape *
scene_node_shape(const struct scene_node *node);

/* Bits, of which a node may have several. */
#define SCENE_HIDDEN (1u << 0) /* has no bounds */
#define SCENE_LOCKED (1u << 1) /* nothing can be changed in it */

unsigned int
scene_node_flags(const struct scene_node *node);

void
scene_node_set_flags(struct scene_node *node, unsigned int flags);

enum scene_status
scene_node_set_style(struct scene_node *node, const struct scene_style *style);

/* Around all that can be seen of it; SCENE_E_EMPTY: nothing can. */
enum scene_status
scene_node_bounds(const struct scene_node *node, struct scene_box *box_out);

/* Writes at most @size bytes with the NUL. Returns how many it would need,
 * without the NUL. This library has no function with "...": a Rust program can
 * call one, but the compiler checks none of its arguments. */
size_t
scene_node_describe(const struct scene_node *node, char *out, size_t size);

/* ---- all nodes ---- */

/* Returns false to stop. The root has depth 0. */
typedef bool (*scene_visitor)(void *context, struct scene_node *node,
			      unsigned long depth);

enum scene_status
scene_visit(struct scene_node *node, scene_visitor visitor, void *context);

/* Below 0: a comes first. */
typedef int (*scene_order)(const struct scene_node *a,
			   const struct scene_node *b);

/* Sorts what is in a group; order NULL: by name. */
enum scene_status
scene_sort(struct scene_node *group, scene_order order);

#endif
