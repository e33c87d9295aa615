/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Two ways to load an object whose malloc() is not ours: with RTLD_DEEPBIND it
 * looks in its own libraries first, and dlmopen() gives it a C library of its
 * own. They are noted here.
 *
 * The real function looks at the address that it returns to, for the caller's
 * RUNPATH. So it is not called, but jumped to.
 */
#include "audit.h"

#include "start.h"

#include <dlfcn.h>
#include <link.h>

/* What dlopen() has to jump to. */
static __attribute__((used)) void *
load_note(const char *path, int mode)
{
	if ((mode & RTLD_DEEPBIND) != 0 && audit_ready())
		refuse(AUDIT_DEEPBIND, path, "");
	return dlsym(RTLD_NEXT, "dlopen");
}

static __attribute__((used)) void *
load_note_namespace(Lmid_t namespace, const char *path, int mode)
{
	if (namespace != LM_ID_BASE && audit_ready())
		refuse(AUDIT_NAMESPACE, path, "");
	else if ((mode & RTLD_DEEPBIND) != 0 && audit_ready())
		refuse(AUDIT_DEEPBIND, path, "");
	return dlsym(RTLD_NEXT, "dlmopen");
}

#ifdef __x86_64__
__asm__(".text\n"
	".globl dlopen\n"
	".type dlopen, @function\n"
	"dlopen:\n"
	"	.cfi_startproc\n"
	"	push %rdi\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	push %rsi\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	sub $8, %rsp\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	call load_note\n"
	"	add $8, %rsp\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	pop %rsi\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	pop %rdi\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	jmp *%rax\n"
	"	.cfi_endproc\n"
	".size dlopen, .-dlopen\n"
	".globl dlmopen\n"
	".type dlmopen, @function\n"
	"dlmopen:\n"
	"	.cfi_startproc\n"
	"	push %rdi\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	push %rsi\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	push %rdx\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	call load_note_namespace\n"
	"	pop %rdx\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	pop %rsi\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	pop %rdi\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	jmp *%rax\n"
	"	.cfi_endproc\n"
	".size dlmopen, .-dlmopen\n");
#endif
