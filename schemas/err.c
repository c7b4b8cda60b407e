#include "schemas/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, int code, const char *format, ...)
{
	va_list args;

	if (!err)
		return code;
	err->code = code;
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	return code;
}

int err_set_errno(struct err *err, int errno_value, const char *format, ...)
{
	va_list args;
	size_t length;

	if (!err)
		return ERR_IO;
	err->code = ERR_IO;
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	length = strlen(err->message);
	snprintf(err->message + length, sizeof(err->message) - length, ": %s",
		strerror(errno_value));
	return ERR_IO;
}

int err_wrap(struct err *err, const char *format, ...)
{
	char inner[ERR_MESSAGE_BYTES];
	va_list args;
	size_t length;

	if (!err)
		return ERR_STATE;
	memcpy(inner, err->message, sizeof(inner));
	inner[sizeof(inner) - 1] = '\0';
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	length = strlen(err->message);
	snprintf(err->message + length, sizeof(err->message) - length, ": %s", inner);
	return err->code;
}

void err_clear(struct err *err)
{
	if (!err)
		return;
	err->code = ERR_NONE;
	err->message[0] = '\0';
}
