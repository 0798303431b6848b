#ifndef SATCHEL_CSODIUM_SHIM_H
#define SATCHEL_CSODIUM_SHIM_H
#include <sodium.h>
#include <string.h>

// A BLAKE2b state that Swift can hold inline. libsodium's own type asks for an alignment of 64,
// which a Swift value does not keep when it moves; so each call works on an aligned copy on the
// stack and copies it back. 384 bytes each way cost far less than compressing one block.
typedef struct satchel_blake2b_state {
  unsigned long long words[48];
} satchel_blake2b_state;

_Static_assert(
    sizeof(satchel_blake2b_state) == sizeof(crypto_generichash_state),
    "the copy has to be as large as libsodium's state");

static inline int satchel_blake2b_init(satchel_blake2b_state *state, size_t digest_size) {
  crypto_generichash_state aligned;
  int result = crypto_generichash_init(&aligned, NULL, 0, digest_size);
  memcpy(state, &aligned, sizeof aligned);
  sodium_memzero(&aligned, sizeof aligned);
  return result;
}

static inline int satchel_blake2b_update(
    satchel_blake2b_state *state, const unsigned char *bytes, unsigned long long size) {
  crypto_generichash_state aligned;
  memcpy(&aligned, state, sizeof aligned);
  int result = crypto_generichash_update(&aligned, bytes, size);
  memcpy(state, &aligned, sizeof aligned);
  sodium_memzero(&aligned, sizeof aligned);
  return result;
}

// Takes a const state: finishing a copy leaves the original usable.
static inline int satchel_blake2b_final(
    const satchel_blake2b_state *state, unsigned char *digest, size_t digest_size) {
  crypto_generichash_state aligned;
  memcpy(&aligned, state, sizeof aligned);
  int result = crypto_generichash_final(&aligned, digest, digest_size);
  sodium_memzero(&aligned, sizeof aligned);
  return result;
}
#endif
