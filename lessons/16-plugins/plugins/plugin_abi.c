/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lesson 16: the same plugin, compiled for a later version of the library. */
#define PLUGIN_ABI (SGZ_CODEC_ABI + 1)

#include "plugin_c.c"
