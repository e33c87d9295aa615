/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A scene is a tree of shapes and groups. */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scene_node {
	struct scene *scene;
	struct scene_node *parent;
	struct scene_node *children, *next;
	struct scene_shape shape; /* its kind is that of the node */
	unsigned int flags;
	char name[SCENE_NAME_SIZE];
};

struct scene {
	struct scene_observer observer;
	struct scene_node root;
	size_t count;
};

const char *
scene_status_text(enum scene_status status)
{
	static const char *const texts[] = { "ok",     "no memory", "kind",
					     "locked", "stopped",   "empty" };

	return status <= 0 && status >= SCENE_E_EMPTY ? texts[-status] : NULL;
}

uint32_t
scene_version(void)
{
	return SCENE_VERSION;
}

/* ---- values ---- */

static uint8_t
mix(uint8_t a, uint8_t b, float part)
{
	return (uint8_t)((float)a * (1 - part) + (float)b * part + 0.5F);
}

struct scene_color
scene_mix(struct scene_color a, struct scene_color b, float part)
{
	return (struct scene_color){
		mix(a.red, b.red, part),
		mix(a.green, b.green, part),
		mix(a.blue, b.blue, part),
		mix(a.alpha, b.alpha, part),
	};
}

struct scene_point
scene_apply(const double (*matrix)[3], struct scene_point point)
{
	return (struct scene_point){
		matrix[0][0] * point.x + matrix[0][1] * point.y + matrix[0][2],
		matrix[1][0] * point.x + matrix[1][1] * point.y + matrix[1][2],
	};
}

/* ---- scenes ---- */

enum scene_status
scene_new(const struct scene_observer *observer, struct scene **scene_out)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	if (scene == NULL)
		return SCENE_E_MEMORY;
	if (observer != NULL)
		scene->observer = *observer;
	scene->root.scene = scene;
	strcpy(scene->root.name, SCENE_ROOT_NAME);
	scene->count = 1;
	*scene_out = scene;
	return SCENE_OK;
}

static void
remove_children(struct scene_node *node)
{
	while (node->children != NULL)
		scene_remove(node->children);
}

void
scene_free(struct scene *scene)
{
	if (scene != NULL)
		remove_children(&scene->root);
	free(scene);
}

struct scene_node *
scene_root(struct scene *scene)
{
	return &scene->root;
}

static struct scene_node *
find(struct scene_node *node, const char *name)
{
	struct scene_node *child, *found;

	if (strcmp(node->name, name) == 0)
		return node;
	for (child = node->children; child != NULL; child = child->next) {
		found = find(child, name);
		if (found != NULL)
			return found;
	}
	return NULL;
}

struct scene_node *
scene_find(struct scene *scene, const char *name)
{
	return find(&scene->root, name);
}

size_t
scene_count(const struct scene *scene)
{
	return scene->count;
}

/* ---- nodes ---- */

static bool
locked(const struct scene_node *node)
{
	for (; node != NULL; node = node->parent)
		if (node->flags & SCENE_LOCKED)
			return true;
	return false;
}

static enum scene_status
add(struct scene_node *group, const char *name, const struct scene_shape *shape,
    struct scene_node **node_out)
{
	struct scene_node *node, **end = &group->children;

	if (group->shape.kind != SCENE_GROUP)
		return SCENE_E_KIND;
	if (locked(group))
		return SCENE_E_LOCKED;
	node = calloc(1, sizeof(*node));
	if (node == NULL)
		return SCENE_E_MEMORY;
	strncpy(node->name, name, SCENE_NAME_SIZE - 1);
	node->scene = group->scene;
	node->parent = group;
	if (shape != NULL)
		node->shape = *shape;
	while (*end != NULL)
		end = &(*end)->next;
	*end = node;
	node->scene->count++;
	if (node->scene->observer.added != NULL)
		node->scene->observer.added(node->scene->observer.context,
					    node);
	*node_out = node;
	return SCENE_OK;
}

enum scene_status
scene_add_group(struct scene_node *group, const char *name,
		struct scene_node **node_out)
{
	return add(group, name, NULL, node_out);
}

enum scene_status
scene_add_shape(struct scene_node *group, const char *name,
		const struct scene_shape *shape, struct scene_node **node_out)
{
	struct scene_shape copy = *shape;
	struct scene_point *points = NULL;
	size_t size = shape->form.path.count * sizeof(*points);
	enum scene_status status;

	if (shape->kind < SCENE_CIRCLE || shape->kind > SCENE_PATH)
		return SCENE_E_KIND;
	if (shape->kind == SCENE_PATH) {
		if (size > 0) {
			points = malloc(size);
			if (points == NULL)
				return SCENE_E_MEMORY;
			memcpy(points, shape->form.path.points, size);
		}
		copy.form.path.points = points;
	}
	status = add(group, name, &copy, node_out);
	if (status != SCENE_OK)
		free(points);
	return status;
}

enum scene_status
scene_remove(struct scene_node *node)
{
	struct scene_observer *observer = &node->scene->observer;
	struct scene_node **at;

	if (node->parent == NULL)
		return SCENE_E_KIND;
	remove_children(node);
	if (observer->removed != NULL)
		observer->removed(observer->context, node);
	for (at = &node->parent->children; *at != node; at = &(*at)->next)
		;
	*at = node->next;
	node->scene->count--;
	if (node->shape.kind == SCENE_PATH)
		free((void *)node->shape.form.path.points);
	free(node);
	return SCENE_OK;
}

const char *
scene_node_name(const struct scene_node *node)
{
	return node->name;
}

enum scene_kind
scene_node_kind(const struct scene_node *node)
{
	return node->shape.kind;
}

struct scene_node *
scene_node_parent(const struct scene_node *node)
{
	return node->parent;
}

const struct scene_shape *
scene_node_shape(const struct scene_node *node)
{
	return node->shape.kind != SCENE_GROUP ? &node->shape : NULL;
}

unsigned int
scene_node_flags(const struct scene_node *node)
{
	return node->flags;
}

void
scene_node_set_flags(struct scene_node *node, unsigned int flags)
{
	node->flags = flags;
}

enum scene_status
scene_node_set_style(struct scene_node *node, const struct scene_style *style)
{
	if (node->shape.kind == SCENE_GROUP)
		return SCENE_E_KIND;
	if (locked(node))
		return SCENE_E_LOCKED;
	node->shape.style = *style;
	return SCENE_OK;
}

/* A box that grows. */
struct growing {
	struct scene_box box;
	bool any;
};

static void
take_in(struct growing *growing, const struct scene_shape *shape, double x,
	double y)
{
	struct scene_point at =
		scene_apply(shape->matrix, (struct scene_point){ x, y });
	struct scene_box *box = &growing->box;

	if (!growing->any)
		*box = (struct scene_box){ at, at };
	growing->any = true;
	if (at.x < box->low.x)
		box->low.x = at.x;
	if (at.y < box->low.y)
		box->low.y = at.y;
	if (at.x > box->high.x)
		box->high.x = at.x;
	if (at.y > box->high.y)
		box->high.y = at.y;
}

static void
grow(struct growing *growing, const struct scene_node *node)
{
	const union scene_form *form = &node->shape.form;
	const struct scene_node *child;
	struct scene_box box = form->box;
	size_t i;

	if (node->flags & SCENE_HIDDEN)
		return;
	if (node->shape.kind == SCENE_PATH)
		for (i = 0; i < form->path.count; i++)
			take_in(growing, &node->shape, form->path.points[i].x,
				form->path.points[i].y);
	if (node->shape.kind == SCENE_CIRCLE) {
		box.low.x = form->circle.center.x - form->circle.radius;
		box.low.y = form->circle.center.y - form->circle.radius;
		box.high.x = form->circle.center.x + form->circle.radius;
		box.high.y = form->circle.center.y + form->circle.radius;
	}
	if (node->shape.kind == SCENE_CIRCLE || node->shape.kind == SCENE_BOX) {
		take_in(growing, &node->shape, box.low.x, box.low.y);
		take_in(growing, &node->shape, box.low.x, box.high.y);
		take_in(growing, &node->shape, box.high.x, box.low.y);
		take_in(growing, &node->shape, box.high.x, box.high.y);
	}
	for (child = node->children; child != NULL; child = child->next)
		grow(growing, child);
}

enum scene_status
scene_node_bounds(const struct scene_node *node, struct scene_box *box_out)
{
	struct growing growing = { .any = false };

	grow(&growing, node);
	if (!growing.any)
		return SCENE_E_EMPTY;
	*box_out = growing.box;
	return SCENE_OK;
}

size_t
scene_node_describe(const struct scene_node *node, char *out, size_t size)
{
	static const char *const kinds[] = { "group", "circle", "box", "path" };
	const struct scene_color *fill = &node->shape.style.fill;
	int len;

	len = snprintf(out, size, "%s \"%s\" #%02x%02x%02x%02x",
		       kinds[node->shape.kind], node->name, fill->red,
		       fill->green, fill->blue, fill->alpha);
	return len > 0 ? (size_t)len : 0;
}

/* ---- all nodes ---- */

static bool
visit(struct scene_node *node, scene_visitor visitor, void *context,
      unsigned long depth)
{
	struct scene_node *child;

	if (!visitor(context, node, depth))
		return false;
	for (child = node->children; child != NULL; child = child->next)
		if (!visit(child, visitor, context, depth + 1))
			return false;
	return true;
}

enum scene_status
scene_visit(struct scene_node *node, scene_visitor visitor, void *context)
{
	return visit(node, visitor, context, 0) ? SCENE_OK : SCENE_E_STOPPED;
}

static int
by_name(const struct scene_node *a, const struct scene_node *b)
{
	return strcmp(a->name, b->name);
}

enum scene_status
scene_sort(struct scene_node *group, scene_order order)
{
	struct scene_node *rest = group->children, *node, **at;

	if (group->shape.kind != SCENE_GROUP)
		return SCENE_E_KIND;
	if (order == NULL)
		order = by_name;
	group->children = NULL;
	while (rest != NULL) {
		node = rest;
		rest = rest->next;
		at = &group->children;
		while (*at != NULL && order(*at, node) <= 0)
			at = &(*at)->next;
		node->next = *at;
		*at = node;
	}
	return SCENE_OK;
}
