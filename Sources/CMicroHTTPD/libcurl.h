#ifndef SATCHEL_LIBCURL_H
#define SATCHEL_LIBCURL_H
#include <stddef.h>
#include <stdint.h>

// The part of libcurl that the HTTP client calls. Every Swift program on Linux has the library
// itself (Foundation needs libcurl.so.4), but not its development package; so what is needed of its
// header is declared here. Names, types and numbers are those of curl/curl.h, a binary interface
// that has been stable since 2006 (https://curl.se/libcurl/abi.html). On top of them one typed shim
// for each kind of call to curl_easy_setopt and curl_easy_getinfo, which are variadic.

typedef void CURL;
typedef int CURLcode;

struct curl_slist;
struct curl_blob {
  void *data;
  size_t len;
  unsigned int flags;
};

CURLcode curl_global_init(long flags);
CURL *curl_easy_init(void);
void curl_easy_reset(CURL *handle);
void curl_easy_cleanup(CURL *handle);
CURLcode curl_easy_perform(CURL *handle);
CURLcode curl_easy_setopt(CURL *handle, int option, ...);
CURLcode curl_easy_getinfo(CURL *handle, int info, ...);
const char *curl_easy_strerror(CURLcode code);
struct curl_slist *curl_slist_append(struct curl_slist *list, const char *text);
void curl_slist_free_all(struct curl_slist *list);

typedef size_t (*satchel_curl_write)(char *bytes, size_t size, size_t count, void *cls);
typedef int (*satchel_curl_progress)(
    void *cls, int64_t down_total, int64_t down, int64_t up_total, int64_t up);

static inline CURLcode satchel_curl_set_number(CURL *handle, int option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode satchel_curl_set_size(CURL *handle, int option, int64_t value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode satchel_curl_set_pointer(CURL *handle, int option, const void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode satchel_curl_set_write(CURL *handle, int option, satchel_curl_write value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode satchel_curl_set_progress(
    CURL *handle, int option, satchel_curl_progress value) {
  return curl_easy_setopt(handle, option, value);
}

/// The bytes are copied (CURL_BLOB_COPY).
static inline CURLcode satchel_curl_set_blob(
    CURL *handle, int option, const void *bytes, size_t byte_count) {
  struct curl_blob blob = {(void *)bytes, byte_count, 1};
  return curl_easy_setopt(handle, option, &blob);
}

static inline long satchel_curl_get_number(CURL *handle, int info) {
  long value = 0;
  curl_easy_getinfo(handle, info, &value);
  return value;
}

static inline double satchel_curl_get_seconds(CURL *handle, int info) {
  double value = 0;
  curl_easy_getinfo(handle, info, &value);
  return value;
}

#endif
