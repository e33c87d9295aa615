/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * libsgz: seekable gzip.
 *
 * A gzip file cut into independent blocks (BGZF, SAM specification section
 * 4.1) is still a gzip file, and can be read from the middle. This library
 * reads any gzip file in sequence, reads and writes BGZF, and seeks in it with
 * or without a `.gzi` index.
 *
 * Conventions, true of every function unless it says otherwise:
 *
 * - Each function is documented under four headings. Ownership: who frees what
 *   (the words are owns, borrows, copies, transfers). Lifetime: how long what
 *   was passed in or handed out must stay, or stays, valid. Threads: what may
 *   run at the same time. Errors: what can come back. A callback has a fifth,
 *   Re-entry: what it may call. "none" means that there is nothing to say.
 * - A fallible function returns `enum sgz_status`: 0 is success, negative is
 *   an error. Its last parameter is a caller-owned `struct sgz_error`, or NULL
 *   if the caller does not want the details; it is written only on failure.
 * - Outputs are named `*_out` and are written only on success.
 * - Offsets and sizes in a file are 64-bit everywhere.
 * - Release functions take NULL.
 * - A handle may move from thread to thread, but one thread at a time uses it.
 * - The library works within calls only. A handle that is never used again, not
 *   even to be closed, is a leak, and what it borrowed is not looked at.
 * - The library keeps no global state but the default allocator.
 *
 * Read the headers in the order below: each needs only those above it.
 */
#ifndef SGZ_H
#define SGZ_H

#include <sgz/base.h>
#include <sgz/error.h>
#include <sgz/memory.h>
#include <sgz/io.h>
#include <sgz/options.h>
#include <sgz/header.h>
#include <sgz/event.h>
#include <sgz/index.h>
#include <sgz/reader.h>
#include <sgz/writer.h>

#endif
