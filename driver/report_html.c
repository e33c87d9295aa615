/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The report to read: the lanes side by side, step by step. */
#include "report.h"

#include "xml.h"

bool
report_html(const struct run *run, FILE *file)
{
	struct xml *xml = xml_new(file, true);

	(void)run;
	xml_open(xml, "html");
	return xml_free(xml);
}
