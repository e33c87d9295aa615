/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A mailbox has room for some letters. */
#include "mailbox.h"

#include <stdlib.h>

struct mailbox {
	void (*drop)(char *letter);
	size_t room, first, count;
	char *letters[];
};

struct mailbox *
mailbox_new(size_t room, void (*drop)(char *letter))
{
	struct mailbox *mailbox =
		calloc(1, sizeof(*mailbox) + room * sizeof(char *));

	if (mailbox == NULL)
		return NULL;
	mailbox->room = room;
	mailbox->drop = drop;
	return mailbox;
}

int
mailbox_put(struct mailbox *mailbox, char *letter)
{
	if (letter[0] == '\0' || mailbox->count == mailbox->room)
		return -1;
	mailbox->letters[mailbox->count++] = letter;
	return 0;
}

char *
mailbox_take(struct mailbox *mailbox)
{
	if (mailbox->first == mailbox->count)
		return NULL;
	return mailbox->letters[mailbox->first++];
}

void
mailbox_free(struct mailbox *mailbox)
{
	char *letter;

	while ((letter = mailbox_take(mailbox)) != NULL)
		mailbox->drop(letter);
	free(mailbox);
}
