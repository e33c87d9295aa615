/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The tour: one mistake, who sees it, and where it cannot be made. */
#include "broken.h"
#include "report.h"
#include "terminal.h"

#include <string.h>

struct tour {
	FILE *file;
	bool color;
	unsigned looks;
};

static void
head(struct tour *tour, const char *title)
{
	fprintf(tour->file, "\n%s%u  %s%s\n", tour->color ? "\033[1m" : "",
		++tour->looks, title, tour->color ? "\033[0m" : "");
}

static void
say(const struct tour *tour, const char *text)
{
	print_wrapped(tour->file, text, 4);
}

/* Lines of code, or of a diff, in the colour of their signs. */
static void
show(const struct tour *tour, const char *text)
{
	const char *color;
	size_t len;

	fputc('\n', tour->file);
	for (; *text != '\0'; text += len) {
		len = strcspn(text, "\n");
		color = !tour->color   ? "" :
			text[0] == '+' ? "\033[31m" :
			text[0] == '-' ? "\033[2m" :
					 "";
		if (text[0] != '@')
			fprintf(tour->file, "    %s%.*s%s\n", color, (int)len,
				text, color[0] != '\0' ? "\033[0m" : "");
		len += text[len] == '\n';
	}
	fputc('\n', tour->file);
}

/* What the other tools said of it, when that was recorded. */
static void
show_tools(struct tour *tour, const struct broken_lane *broken)
{
	const char *tool, *version, *said;
	json_t *item;
	char *name;
	size_t i;

	head(tour, "It compiles, and it prints the right text");
	say(tour, "What other tools say of it:");
	fputc('\n', tour->file);
	json_array_foreach(broken->tools, i, item)
	{
		if (json_unpack(item, "{s:s, s:s, s:s}", "tool", &tool,
				"version", &version, "said", &said) != 0)
			continue;
		name = xasprintf("%s %s", tool, version);
		fprintf(tour->file, "    %-28s %s\n", name,
			said[0] != '\0' ? said : "nothing");
		free(name);
	}
}

static void
show_ledger(struct tour *tour, const struct cell *cell)
{
	char *text;
	size_t i;

	head(tour, "The driver runs it now, with a ledger of all blocks");
	text = xasprintf("%s, %s: %s", cell->lesson, cell->lane->name,
			 verdict_name(cell->verdict));
	say(tour, text);
	free(text);
	for (i = 0; i < cell->reasons.count; i++)
		print_wrapped(tour->file, cell->reasons.items[i], 6);
}

static void
show_proof(struct tour *tour, const json_t *proof)
{
	const char *program, *message;

	if (proof == NULL ||
	    json_unpack((json_t *)proof, "{s:s, s:s}", "program", &program,
			"message", &message) != 0)
		return;
	head(tour, "Safe Rust does not let you make this mistake");
	show(tour, program);
	say(tour, "rustc says:");
	show(tour, message);
}

void
report_tour(const struct broken_lane *broken, const struct cell *correct,
	    FILE *file, bool color)
{
	struct tour tour = { .file = file, .color = color };
	char *text;

	fprintf(file,
		"A tour: one mistake between C and Rust, and who sees it\n");
	head(&tour, broken->summary);
	text = xasprintf("%s, in the lane %s:", broken->file, broken->lane);
	say(&tour, text);
	free(text);
	show(&tour, broken->diff);
	show_tools(&tour, broken);
	show_ledger(&tour, broken_cell(broken));
	head(&tour, "The cure");
	say(&tour, broken->cure);
	text = xasprintf("The lane without the mistake: %s.",
			 verdict_name(correct->verdict));
	say(&tour, text);
	free(text);
	show_proof(&tour, broken->proof);
	head(&tour, "Now you");
	fprintf(file,
		"    lessons/%s/lesson.md\n"
		"        what the lesson teaches; its lanes are beside it\n"
		"    ./x compare --lesson %.2s --broken\n"
		"        all mistakes of this lesson, and how each is found\n"
		"    ./x learn init ../my-answers\n"
		"        the first exercise takes three minutes\n",
		correct->lesson, correct->lesson);
}
