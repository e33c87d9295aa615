/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The watch: a screen is cleared, and then it is lines. */
#include "learn_watch.h"

#include "terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define CLEAR "\x1b[H\x1b[2J"

/* ---- the terminal ---- */

static struct {
	struct termios before;
	pid_t owner; /* 0: it is as it was */
} terminal;

void
terminal_end(void)
{
	if (terminal.owner == getpid())
		tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal.before);
	terminal.owner = 0;
}

void
terminal_again(void)
{
	struct termios mode = terminal.before;

	/* The keys of signals too: those would go to ./x as well, which would
	 * end before the terminal is as it was. */
	mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	mode.c_iflag |= ICRNL;
	mode.c_oflag |= OPOST | ONLCR;
	mode.c_cc[VMIN] = 1;
	mode.c_cc[VTIME] = 0;
	terminal.owner = getpid();
	tcsetattr(STDIN_FILENO, TCSADRAIN, &mode);
}

void
terminal_begin(void)
{
	static bool registered;

	if (tcgetattr(STDIN_FILENO, &terminal.before) != 0)
		die("the terminal has no mode: %s", strerror(errno));
	if (!registered) {
		atexit(terminal_end);
		at_quick_exit(terminal_end);
		registered = true;
	}
	terminal_again();
}

void
terminal_suspend(bool all)
{
	sigset_t stop;

	/* first, because a shell takes the terminal once the others stop */
	terminal_end();
	(void)!write(STDOUT_FILENO, "\n", 1);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	kill(all ? 0 : getpid(), SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	/* here it is stopped, if there is a shell that lets it go on */
	sigprocmask(SIG_BLOCK, &stop, NULL);
	terminal_begin();
}

void
screen_measure(struct screen *screen)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	struct winsize size;

	screen->rows = 24;
	screen->columns = TERMINAL_WIDTH;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 &&
	    size.ws_col > 0) {
		screen->rows = size.ws_row;
		screen->columns = size.ws_col;
	}
	screen->dumb = term == NULL || strcmp(term, "dumb") == 0;
	screen->colour = !screen->dumb &&
		(no_colour == NULL || no_colour[0] == '\0');
}

/* ---- lines ---- */

/* The character at @at, which is valid UTF-8. */
static uint32_t
decode(const char *at, size_t *len_out)
{
	unsigned char first = (unsigned char)at[0];
	size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t code = len == 1 ? first : first & (0xffu >> (len + 1));
	size_t i;

	for (i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)at[i] & 0x3f);
	*len_out = len;
	return code;
}

/* Characters that cannot be seen, and change the order of others. */
static bool
is_hidden(uint32_t code)
{
	return (code >= 0x200b && code <= 0x200f) ||
		(code >= 0x2028 && code <= 0x202e) ||
		(code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

static size_t
width(uint32_t code)
{
	if (code >= 0x300 && code <= 0x36f)
		return 0;
	return (code >= 0x1100 && code <= 0x115f) ||
			(code >= 0x2e80 && code <= 0xa4cf) ||
			(code >= 0xac00 && code <= 0xd7a3) ||
			(code >= 0xf900 && code <= 0xfaff) ||
			(code >= 0xfe30 && code <= 0xfe6f) ||
			(code >= 0xff00 && code <= 0xff60) ||
			(code >= 0xffe0 && code <= 0xffe6) ||
			(code >= 0x1f300 && code <= 0x1faff) ||
			(code >= 0x20000 && code <= 0x3fffd) ?
		2 :
		1;
}

/* How many bytes of @text have room in @columns. @used_out: their columns. */
static size_t
fitting(const char *text, size_t columns, size_t *used_out)
{
	size_t at = 0, used = 0, len;

	while (text[at] != '\0') {
		size_t more = width(decode(text + at, &len));

		if (used + more > columns)
			break;
		used += more;
		at += len;
	}
	*used_out = used;
	return at;
}

/* Copy @len bytes; what cannot be seen is shown, and tabs become spaces. */
static void
add_visible(struct text *text, const char *line, size_t len)
{
	const char *end = line + len;
	size_t part, used;

	while (line < end) {
		part = 0;
		while (line + part < end && line[part] != '\t')
			part++;
		text_add_escaped(text, line, part);
		line += part;
		if (line == end)
			break;
		fitting(text->data, SIZE_MAX, &used);
		text_addf(text, "%*s", (int)(8 - used % 8), "");
		line++;
	}
}

/* One line, with nothing in it that a terminal would obey. */
static char *
clean(const char *line, size_t len)
{
	struct text visible = { 0 }, text = { 0 };
	const char *at;
	uint32_t code;
	size_t step;

	add_visible(&visible, line, len);
	for (at = visible.data; at != NULL && *at != '\0'; at += step) {
		code = decode(at, &step);
		if (is_hidden(code))
			text_addf(&text, "\\u%04x", (unsigned)code);
		else
			text_add(&text, at, step);
	}
	free(visible.data);
	return text_take(&text);
}

/* Add a clean line, broken at spaces where it can be. */
static void
add_broken(struct list *lines, const char *line, size_t columns)
{
	size_t indent = strspn(line, " "), lead = 0, used, len, cut;

	for (;;) {
		len = fitting(line, columns - lead, &used);
		if (len == 0) /* no room at all */
			len = strlen(line);
		for (cut = len; cut > 0 && line[cut] != ' '; cut--)
			;
		if (line[len] != '\0' && cut > (lead == 0 ? indent : 0))
			len = cut;
		list_add(lines,
			 xasprintf("%*s%.*s", (int)lead, "", (int)len, line));
		line += len;
		line += strspn(line, " ");
		if (*line == '\0')
			return;
		/* what follows it stands to the right, but not in prose */
		lead = indent > 0 ? MIN(indent + 2, columns / 2) : 0;
	}
}

void
lines_add(struct list *lines, const char *text, size_t columns)
{
	size_t len;
	char *line;

	while (*text != '\0') {
		len = strcspn(text, "\n");
		line = clean(text,
			     len - (len > 0 && text[len - 1] == '\r' ? 1 : 0));
		add_broken(lines, line, columns);
		free(line);
		text += len + (text[len] == '\n');
	}
}

/* ---- drawing ---- */

static const char *const moods[] = {
	[MOOD_PLAIN] = "\x1b[1m",
	[MOOD_GOOD] = "\x1b[1;32m",
	[MOOD_BAD] = "\x1b[1;31m",
};
#define FAINT "\x1b[2m"
#define NORMAL "\x1b[0m"

/* Add one row, and cut it with a mark if it is too long. */
static void
add_row(struct text *out, const struct screen *screen, const char *row,
	const char *colour)
{
	size_t used, len = fitting(row, screen->columns, &used);
	bool coloured = screen->colour && colour != NULL && len > 0;
	bool cut = row[len] != '\0';

	if (cut && screen->columns > 3)
		len = fitting(row, screen->columns - 3, &used);
	if (coloured)
		text_addf(out, "%s", colour);
	text_add(out, row, len);
	if (cut && screen->columns > 3)
		text_addf(out, "...");
	if (coloured)
		text_addf(out, NORMAL);
}

/* Rows that are not the body's: header, file, an empty one, message, help. */
static size_t
rows_around(const struct screen *screen)
{
	return screen->rows >= 24 ? 5 : screen->rows >= 8 ? 4 : 3;
}

size_t
screen_room(const struct screen *screen)
{
	size_t around = rows_around(screen);

	return screen->rows > around ? screen->rows - around : 0;
}

static void
add_body(struct text *out, const struct screen *screen, struct page *page)
{
	size_t room = screen_room(screen), i, shown = room;
	char *where;

	if (page->body.count > room && room > 0)
		shown = room - 1;
	page->top = page->body.count > shown ?
		MIN(page->top, page->body.count - shown) :
		0;
	for (i = page->top; i < page->top + shown; i++) {
		if (i < page->body.count)
			add_row(out, screen, page->body.items[i], NULL);
		text_add(out, "\n", 1);
	}
	if (shown == room)
		return;
	where = xasprintf("-- lines %zu to %zu of %zu; j or Down, k or Up --",
			  page->top + 1, page->top + shown, page->body.count);
	add_row(out, screen, where, FAINT);
	text_add(out, "\n", 1);
	free(where);
}

static void
write_all(const struct text *out)
{
	size_t at = 0;
	ssize_t done;

	while (at < out->len) {
		done = write(STDOUT_FILENO, out->data + at, out->len - at);
		if (done < 0 && errno != EINTR && errno != EAGAIN)
			return; /* it is gone: reading says so too */
		at += done > 0 ? (size_t)done : 0;
	}
}

void
screen_draw(const struct screen *screen, struct page *page)
{
	struct text out = { 0 };

	text_addf(&out, "%s", screen->dumb ? "\n\n" : CLEAR);
	if (screen->rows > 1) {
		add_row(&out, screen, page->header, moods[MOOD_PLAIN]);
		text_add(&out, "\n", 1);
	}
	if (rows_around(screen) > 3) {
		add_row(&out, screen, page->file, NULL);
		text_add(&out, "\n", 1);
	}
	if (rows_around(screen) > 4)
		text_add(&out, "\n", 1);
	add_body(&out, screen, page);
	if (screen->rows > 2) {
		add_row(&out, screen, page->message, moods[page->mood]);
		text_add(&out, "\n", 1);
	}
	add_row(&out, screen, page->help, FAINT);
	write_all(&out);
	free(out.data);
}
