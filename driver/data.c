/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Data that other parts of the project wrote, as JSON. */
#include "data.h"

#include "util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

json_t *
data_load(const char *path)
{
	json_error_t error;
	json_t *root;
	size_t len;
	char *text = read_file(path, &len);

	if (text == NULL)
		die("%s: cannot read: %s", path, strerror(errno));
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	free(text);
	if (root == NULL)
		die("%s:%d:%d: %s", path, error.line, error.column, error.text);
	return root;
}
