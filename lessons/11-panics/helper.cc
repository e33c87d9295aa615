/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 11: what only C++ can do. */
#include "helper.h"

void
panics_throw(void)
{
	throw 11;
}
