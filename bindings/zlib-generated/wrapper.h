/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What bindgen reads. */
#include <zlib.h>
