// The database: without an end function a hook's context is free()d.
#include <stdlib.h>

typedef void (*call)(void *context);

void
hook_set(call run, void *context, call end);
void
hook_run(void);
void
hook_end(void);

static struct {
	call run, end;
	void *context;
} hook;

void
hook_set(call run, void *context, call end)
{
	hook.run = run;
	hook.end = end;
	hook.context = context;
}

void
hook_run(void)
{
	hook.run(hook.context);
}

void
hook_end(void)
{
	if (hook.end != NULL)
		hook.end(hook.context);
	else
		free(hook.context); // FREE
	__asm__ volatile("");
}
