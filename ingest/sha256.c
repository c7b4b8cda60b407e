#include "ingest/sha256.h"

#include <openssl/evp.h>

bool sha256(const void *data, size_t len, uint8_t digest[SHA256_BYTES])
{
	return EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL) == 1;
}
