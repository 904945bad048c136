// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_SIGNATURE_H
#define DB_BUNDLE_SIGNATURE_H

#include <glib.h>
#include <stdbool.h>

/* Ed25519 signatures (RFC 8032) with keys in PEM files, as `openssl genpkey -algorithm ed25519` makes them. */
enum { SIGNATURE_BYTES = 64 };

typedef struct SigningKey SigningKey; /* an EVP_PKEY */

/* NULL and ERROR_USAGE when the file holds no such key. A public key may also be read from a private key's file. */
SigningKey *signing_key_load_private(const char *path, GError **error);
SigningKey *signing_key_load_public(const char *path, GError **error);
/* The public key of a bundle; ERROR_DATA. */
SigningKey *signing_key_parse_public(const char *pem, size_t size, GError **error);
void signing_key_free(SigningKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SigningKey, signing_key_free)

/* The public half as PEM. Caller frees. */
char *signing_key_public_pem(const SigningKey *key);

/* "SHA256:..." over the public half (DER), to be compared by people. Caller frees. */
char *signing_key_fingerprint(const SigningKey *key);

bool signature_make(SigningKey *key, const char *text, unsigned char ret_bytes[SIGNATURE_BYTES], GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
bool signature_is_good(SigningKey *key, const char *text, const void *bytes, size_t size);

#endif
