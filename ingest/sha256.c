#include "ingest/sha256.h"

/* The plain functions: asking OpenSSL 3 for a digest by its interface for all of them takes
 * milliseconds the first time, which every run would wait for at its end. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

bool sha256(const void *data, size_t len, uint8_t digest[SHA256_BYTES])
{
	SHA256_CTX context;

	return SHA256_Init(&context) && SHA256_Update(&context, data, len) &&
	       SHA256_Final(digest, &context);
}
