/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Messages, and on a terminal a progress line for long work. */
#include "tool.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define SECONDS_BEFORE_FIRST 0.5
#define SECONDS_BETWEEN 0.1
#define BAR_WIDTH 20
#define NAME_WIDTH 24

static struct {
	const char *name; /* NULL: there is no progress line */
	uint64_t total;
	double started;
	double next;
	/* columns on the screen that must be cleared */
	int shown;
} line;

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
clear_line(void)
{
	if (line.shown > 0)
		fprintf(stderr, "\r%*s\r", line.shown, "");
	line.shown = 0;
}

void
complain(const char *name, const char *format, ...)
{
	va_list args;

	clear_line();
	fprintf(stderr, "sgz: %s: ", name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void
complain_error(const char *name, const struct sgz_error *error)
{
	const char *text = error->text;
	const char *end;

	/* the library names a descriptor by its number: replace it by our
	 * name */
	if (name != NULL && strncmp(text, "<fd ", 4) == 0 &&
	    (end = strstr(text, ">: ")) != NULL)
		text = end + 3;
	clear_line();
	if (name != NULL)
		fprintf(stderr, "sgz: %s: %s\n", name, text);
	else
		fprintf(stderr, "sgz: %s\n", text);
}

void
progress_start(const char *name, uint64_t total, bool to_stdout)
{
	/* no progress line if the data goes to the same screen */
	if (!isatty(STDERR_FILENO) || (to_stdout && isatty(STDOUT_FILENO)))
		name = NULL;
	line.name = name;
	line.total = total;
	line.shown = 0;
	if (name == NULL)
		return;
	line.started = now();
	line.next = line.started + SECONDS_BEFORE_FIRST;
}

static int
screen_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

/* The end of a name is more useful than its start. */
static void
print_name(char *to, size_t size)
{
	const char *name = line.name;
	size_t len = strlen(name);

	if (len > NAME_WIDTH)
		name += len - NAME_WIDTH;
	snprintf(to, size, "%s", name);
	for (; *to != '\0'; to++)
		if ((unsigned char)*to < ' ' || *to == 0x7f)
			*to = '?';
}

static void
print_bar(char *to, size_t size, double part)
{
	int full = (int)(part * BAR_WIDTH);
	char bar[BAR_WIDTH + 1];

	for (int i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR_WIDTH] = '\0';
	snprintf(to, size, " [%s] %3d%%", bar, (int)(part * 100));
}

void
progress_update(uint64_t done, uint64_t bytes)
{
	char name[NAME_WIDTH + 1];
	char bar[BAR_WIDTH + 16] = "";
	char text[128];
	double time;
	double part;
	int width;
	int len;

	if (line.name == NULL)
		return;
	time = now();
	if (time < line.next)
		return;
	line.next = time + SECONDS_BETWEEN;

	width = screen_width() - 1;
	print_name(name, sizeof(name));
	if (line.total != SGZ_UNKNOWN && line.total > 0) {
		part = (double)done / (double)line.total;
		print_bar(bar, sizeof(bar), part < 1 ? part : 1);
	}
	len = snprintf(text, sizeof(text), "%s%s %7.1f MB %6.1f MB/s", name,
		       bar, (double)bytes / 1e6,
		       (double)bytes / 1e6 / (time - line.started));
	if (len > width)
		len = width;
	if (len < line.shown)
		clear_line();
	fprintf(stderr, "\r%.*s", len, text);
	line.shown = len;
}

void
progress_end(void)
{
	clear_line();
	line.name = NULL;
}
