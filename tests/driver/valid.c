/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Is a report what it should be? valid json|junit|html FILE CELLS
 *
 * CELLS is the number of cells that it has to have.
 */
#include <jansson.h>
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void
fail(const char *what)
{
	printf("%s\n", what);
	exit(1);
}

/* ---- JSON ---- */

static void
check_usage(json_t *memory, const char *owner)
{
	static const char *const keys[] = { "allocs", "frees", "bytes", "peak",
					    "live" };
	json_t *usage = json_object_get(memory, owner);
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!json_is_integer(json_object_get(usage, keys[i])))
			fail(owner);
}

static void
check_cell(json_t *cell)
{
	static const char *const verdicts[] = { "same",	    "declared",
						"diverged", "crashed",
						"timeout",  "leaked" };
	json_t *memory = json_object_get(cell, "memory");
	const char *verdict =
		json_string_value(json_object_get(cell, "verdict"));
	size_t i;

	if (!json_is_string(json_object_get(cell, "lesson")) ||
	    !json_is_string(json_object_get(cell, "lane")) ||
	    !json_is_integer(json_object_get(cell, "events")) ||
	    verdict == NULL)
		fail("a cell lacks lesson, lane, verdict or events");
	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (strcmp(verdict, verdicts[i]) == 0)
			break;
	if (i == sizeof(verdicts) / sizeof(verdicts[0]))
		fail(verdict);
	check_usage(memory, "library");
	check_usage(memory, "rust");
	check_usage(memory, "c");
	check_usage(memory, "libc");
	if (!json_is_integer(json_object_get(memory, "wrong_side_frees")))
		fail("no wrong_side_frees");
}

static void
check_json(const char *path, size_t cells)
{
	json_error_t error;
	json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	json_t *list = json_object_get(root, "cells");
	json_t *cell;
	size_t i;

	if (root == NULL)
		fail(error.text);
	if (json_object_get(root, "input") == NULL)
		fail("no input");
	if (json_array_size(list) != cells)
		fail("not that many cells");
	json_array_foreach(list, i, cell) check_cell(cell);
	json_decref(root);
}

/* ---- XML and HTML ---- */

static size_t
count_nodes(xmlDoc *doc, const char *expression)
{
	xmlXPathContext *context = xmlXPathNewContext(doc);
	xmlXPathObject *found =
		xmlXPathEvalExpression((const xmlChar *)expression, context);
	size_t count;

	if (found == NULL)
		fail(expression);
	if (found->type == XPATH_NUMBER)
		count = (size_t)found->floatval;
	else
		count = found->nodesetval != NULL ?
			(size_t)found->nodesetval->nodeNr :
			0;
	xmlXPathFreeObject(found);
	xmlXPathFreeContext(context);
	return count;
}

static void
check_junit(const char *path, size_t cells)
{
	xmlDoc *doc = xmlReadFile(path, NULL, XML_PARSE_NONET);

	if (doc == NULL)
		fail("not well-formed");
	/* one for each step, and one for each lesson as a whole */
	if (count_nodes(doc, "//testcase[@name='the lesson']") != cells ||
	    count_nodes(doc, "//testcase") <= cells ||
	    count_nodes(doc, "sum(/testsuites/testsuite/@tests)") !=
		    count_nodes(doc, "/testsuites/testsuite/testcase"))
		fail("not that many test cases");
	if (count_nodes(doc, "sum(//@skipped)") !=
	    count_nodes(doc, "//skipped"))
		fail("skipped ones are counted wrongly");
	if (count_nodes(doc, "sum(//@failures) + sum(//@errors)") !=
	    count_nodes(doc, "//failure | //error"))
		fail("failures are counted wrongly");
	xmlFreeDoc(doc);
}

/* libxml2 knows the elements of HTML 4: newer ones are no error. */
static void
on_error(void *ctx, xmlError *error)
{
	int *errors = ctx;

	if (error->code == XML_HTML_UNKNOWN_TAG)
		return;
	printf("%d: %s", error->line, error->message);
	(*errors)++;
}

static void
check_html(const char *path, size_t cells)
{
	int errors = 0;
	xmlDoc *doc;

	xmlSetStructuredErrorFunc(&errors, (xmlStructuredErrorFunc)on_error);
	doc = htmlReadFile(path, "UTF-8", HTML_PARSE_NONET);
	xmlSetStructuredErrorFunc(NULL, NULL);
	if (doc == NULL || errors > 0)
		fail("not well-formed");
	if (count_nodes(doc, "//table[@class='matrix']//td") != cells)
		fail("the matrix has not that many cells");
	if (count_nodes(doc,
			"//a[starts-with(@href, '#')]"
			"[not(substring(@href, 2) = //@id)]") != 0)
		fail("a link leads nowhere");
	if (count_nodes(doc, "//a") < cells)
		fail("there are too few links");
	if (count_nodes(doc, "//*[@src] | //link | //script") != 0)
		fail("it needs something besides itself");
	if (count_nodes(doc, "//section[@class='step']") == 0)
		fail("it has no steps");
	/* lanes may share a column, and a cell several columns */
	if (count_nodes(doc,
			"//p[@class='of'][@id]"
			"/span[starts-with(@class, 'verdict')]") != cells)
		fail("not every lane of every lesson has its verdict");
	if (count_nodes(doc,
			"//div[starts-with(@class, 'row')]"
			"[not(*[contains(@style, '--span')])]"
			"[count(*) != substring-after(@style, '--n:')]") != 0)
		fail("a row has not a cell for each column");
	if (count_nodes(doc,
			"//div[starts-with(@class, 'row')]"
			"[*[contains(@style, '--span')]]"
			"[count(*) >= substring-after(@style, '--n:')]") != 0)
		fail("a row has more cells than columns");
	xmlFreeDoc(doc);
}

int
main(int argc, char **argv)
{
	size_t cells;

	if (argc != 4)
		fail("usage: valid json|junit|html FILE CELLS");
	cells = (size_t)atoi(argv[3]);
	if (strcmp(argv[1], "json") == 0)
		check_json(argv[2], cells);
	else if (strcmp(argv[1], "junit") == 0)
		check_junit(argv[2], cells);
	else
		check_html(argv[2], cells);
	xmlCleanupParser();
	return 0;
}
