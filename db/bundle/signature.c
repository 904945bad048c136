// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/bundle/signature.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/base/files.h"

enum { KEY_FILE_LIMIT = 1 << 16 };

struct SigningKey {
    EVP_PKEY *pkey;
};

/* Takes the key over. */
static SigningKey *wrap(EVP_PKEY *pkey)
{
    SigningKey *key;

    if (pkey == NULL || EVP_PKEY_get_id(pkey) != EVP_PKEY_ED25519) {
        EVP_PKEY_free(pkey);
        return NULL;
    }
    key = g_new0(SigningKey, 1);
    key->pkey = pkey;
    return key;
}

static SigningKey *parse(const char *pem, size_t size, bool private)
{
    BIO *bio = BIO_new_mem_buf(pem, (int) size);
    EVP_PKEY *pkey = private ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL)
                             : PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);

    BIO_free(bio);
    return wrap(pkey);
}

static SigningKey *load(const char *path, bool want_private, GError **error)
{
    g_autofree char *pem = NULL;
    size_t size;
    SigningKey *key;

    if (!file_read(path, KEY_FILE_LIMIT, &pem, &size, error))
        return NULL;
    key = want_private ? NULL : parse(pem, size, false);
    if (key == NULL)
        key = parse(pem, size, true);
    OPENSSL_cleanse(pem, size);
    if (key != NULL)
        return key;
    error_set(error, ERROR_USAGE, "file '%s' holds no %s Ed25519 key in PEM", path,
              want_private ? "private" : "public");
    error_hint(error, "'openssl genpkey -algorithm ed25519 -out KEY' makes one.");
    error_hint(error, "'openssl pkey -in KEY -pubout' prints its public half.");
    return NULL;
}

SigningKey *signing_key_load_private(const char *path, GError **error)
{
    return load(path, true, error);
}

SigningKey *signing_key_load_public(const char *path, GError **error)
{
    return load(path, false, error);
}

SigningKey *signing_key_parse_public(const char *pem, size_t size, GError **error)
{
    SigningKey *key = parse(pem, MIN(size, (size_t) KEY_FILE_LIMIT), false);

    if (key == NULL)
        error_set(error, ERROR_DATA, "the signing key inside is no public Ed25519 key");
    return key;
}

void signing_key_free(SigningKey *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->pkey);
    g_free(key);
}

char *signing_key_public_pem(const SigningKey *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes, *pem;
    long size;

    PEM_write_bio_PUBKEY(bio, key->pkey);
    size = BIO_get_mem_data(bio, &bytes);
    pem = g_strndup(bytes, (gsize) size);
    BIO_free(bio);
    return pem;
}

char *signing_key_fingerprint(const SigningKey *key)
{
    unsigned char *der = NULL;
    int size = i2d_PUBKEY(key->pkey, &der);
    g_autofree char *digest = data_sha256(der, (size_t) size);

    OPENSSL_free(der);
    return g_strconcat("SHA256:", digest, NULL);
}

bool signature_make(SigningKey *key, const char *text, unsigned char ret_bytes[SIGNATURE_BYTES], GError **error)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char bytes[SIGNATURE_BYTES];
    size_t size = sizeof bytes;
    bool ok = EVP_DigestSignInit(context, NULL, NULL, NULL, key->pkey) == 1
              && EVP_DigestSign(context, bytes, &size, (const unsigned char *) text, strlen(text)) == 1;

    EVP_MD_CTX_free(context);
    if (!ok)
        return error_set(error, ERROR_HOST, "could not sign with the key");
    memcpy(ret_bytes, bytes, sizeof bytes);
    return true;
}

bool signature_is_good(SigningKey *key, const char *text, const void *bytes, size_t size)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pkey) == 1
                && EVP_DigestVerify(context, bytes, size, (const unsigned char *) text, strlen(text)) == 1;

    EVP_MD_CTX_free(context);
    return good;
}
