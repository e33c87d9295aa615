/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * libsgz: seekable gzip.
 *
 * A gzip file cut into independent blocks (BGZF, SAM specification section
 * 4.1) is still a gzip file, and can be read from the middle. This library
 * reads any gzip file in sequence, reads and writes BGZF, and seeks in it with
 * or without a `.gzi` index.
 *
 * Conventions of every function, unless its documentation says otherwise:
 *
 * - Each function is documented under four headings. Ownership: who frees what
 *   (the words are owns, borrows, copies, transfers). Lifetime: how long a
 *   pointer that is passed in must stay valid, and how long a returned one
 *   stays valid. Threads: which threads may call it, and when. Errors: which
 *   errors it can return. A callback has a fifth heading, Re-entry: which
 *   functions it may call. "none" means that there is nothing to say.
 * - A fallible function returns `enum sgz_status`: 0 is success, negative is an
 *   error. Its last parameter is a `struct sgz_error` that the caller owns, or
 *   NULL for no details. It is written only on failure.
 * - An output parameter is named `*_out`. It is written only on success.
 * - Offsets and sizes in a file are 64-bit everywhere.
 * - Functions that release something accept NULL.
 * - A handle may move from thread to thread, but only one thread at a time may
 *   use it.
 * - No thread of the library touches what a caller lent outside the call in
 *   which it was lent. Between calls it uses only what was transferred to it.
 *   So a handle that is never closed is a leak, but the library does not use
 *   what it borrowed; with a pool (sgz/pool.h) neither.
 * - Sources, sinks and observers are called by the thread that uses the handle,
 *   the callbacks of a job by a thread of its pool (sgz/job.h).
 *   The functions of an allocator may be called by several threads at once.
 * - The default allocator is the library's only global state.
 *
 * Read the headers in the order below: each one needs only those above it.
 */
#ifndef SGZ_H
#define SGZ_H

#include <sgz/base.h>
#include <sgz/error.h>
#include <sgz/memory.h>
#include <sgz/codec.h>
#include <sgz/pool.h>
#include <sgz/io.h>
#include <sgz/options.h>
#include <sgz/header.h>
#include <sgz/event.h>
#include <sgz/index.h>
#include <sgz/block.h>
#include <sgz/reader.h>
#include <sgz/writer.h>
#include <sgz/job.h>

#endif
