/*
 * err: what went wrong, told once and wrapped on the way up.
 *
 * Every function that can fail takes a `struct err *err` last and returns 0 or a
 * negative code of enum err_code; the message is in err. A caller that passes the
 * failure on adds its own words in front with err_wrap(), so that the message
 * reads as a path: "open store smiley.db: locked by process 812".
 * err may be NULL where the caller only wants the code.
 */
#ifndef SMILEY_SCHEMAS_ERR_H
#define SMILEY_SCHEMAS_ERR_H

enum err_code {
	ERR_NONE = 0,
	ERR_MEMORY = -1,    /* an allocation failed */
	ERR_IO = -2,        /* a system call failed */
	ERR_FORMAT = -3,    /* bytes from outside are not what they should be */
	ERR_SCHEMA = -4,    /* a message's schema id is not known to this build */
	ERR_NOT_FOUND = -5, /* the thing asked for is not there */
	ERR_BUSY = -6,      /* somebody else holds it; trying again later may work */
	ERR_USAGE = -7,     /* the user's words make no sense */
	ERR_LIMIT = -8,     /* a limit was reached */
	ERR_STORE = -9,     /* the database library refused */
	ERR_STATE = -10,    /* it was not in a state for this (e.g. already finished) */
	ERR_CLOSED = -11,   /* whoever read our output has gone: nothing to complain about */
};

#define ERR_MESSAGE_BYTES 1024

struct err {
	int code;                        /* enum err_code; ERR_NONE when nothing went wrong */
	char message[ERR_MESSAGE_BYTES]; /* one line, no newline; cut when longer */
};

/* Sets code and message; returns code, so that `return err_set(...)` reads well. */
int err_set(struct err *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As err_set() with ERR_IO, and ": " and the text of errno_value behind the message. */
int err_set_errno(struct err *err, int errno_value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts the words and ": " in front of the message that is there; returns its code. */
int err_wrap(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

void err_clear(struct err *err);

#endif
