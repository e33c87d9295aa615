/* Initials of a text. */
/* TODO: what task.md says, for C */
