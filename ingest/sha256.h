/*
 * sha256: names source files by content. Apart from the rest because OpenSSL's headers
 * claim names beginning with ERR_.
 */
#ifndef SMILEY_INGEST_SHA256_H
#define SMILEY_INGEST_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32

/* False: the library failed. */
bool sha256(const void *data, size_t len, uint8_t digest[SHA256_BYTES]);

#endif
