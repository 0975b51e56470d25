/* SHA-256 (FIPS 180-4) of a buffer: the hash by which a store knows a document. */
#ifndef CLEX_LOAD_SHA256_H
#define CLEX_LOAD_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_LENGTH 32

extern void Sha256(const void *data, size_t length, uint8_t digest[SHA256_LENGTH]);

#endif
