#ifndef SATCHEL_CQRENCODE_SHIM_H
#define SATCHEL_CQRENCODE_SHIM_H
#include <qrencode.h>
#include <string.h>

// A symbol may hold a secret (a recovery kit), and QRcode_free only gives its memory back. The copies
// that the library makes while it computes are out of reach.
static inline void satchel_qr_wipe_and_free(QRcode *code) {
  if (code == NULL) return;
  explicit_bzero(code->data, (size_t)code->width * (size_t)code->width);
  QRcode_free(code);
}

#endif
