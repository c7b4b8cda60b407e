/*
 * session: who has logged in, on the board that all workers see. A session is a secret id,
 * which the browser has as a cookie, and a token of its own against forged changes.
 *
 * It ends by itself after SESSION_HOURS, and when the server does; the oldest one ends when
 * there are more than BOARD_SESSIONS.
 */
#ifndef SMILEY_WEB_SESSION_H
#define SMILEY_WEB_SESSION_H

#include "schemas/buf.h"
#include "web/board.h"

#define SESSION_HOURS 12
/* Wrong secrets a minute, of whoever; more are not even compared. */
#define SESSION_FAILURES 30

/* Compares in a time that does not tell how much was right. */
bool secret_equal(struct slice given, struct slice secret);

/* Begins one; lives until it ends. NULL: told in err. */
const struct board_session *session_begin(struct board *board, struct err *err);

/* The session of that id; NULL: there is none (any more). */
const struct board_session *session_find(struct board *board, struct slice id);

void session_end(struct board *board, struct slice id);

/* A secret was wrong. */
void session_note_failure(struct board *board);
/* False: too many were wrong in this minute. */
bool session_may_try(struct board *board);

#endif
