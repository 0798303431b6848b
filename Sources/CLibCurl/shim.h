#ifndef SATCHEL_CLIBCURL_SHIM_H
#define SATCHEL_CLIBCURL_SHIM_H
#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call. One shim for each
// type of argument that an option in use takes; curl/curl.h says which type is whose.

static inline CURLcode satchel_curl_set_number(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode satchel_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode satchel_curl_set_pointer(
    CURL *handle, CURLoption option, const void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode satchel_curl_set_write(
    CURL *handle, CURLoption option, curl_write_callback value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode satchel_curl_set_progress(
    CURL *handle, CURLoption option, curl_xferinfo_callback value) {
  return curl_easy_setopt(handle, option, value);
}

/// The bytes are copied.
static inline CURLcode satchel_curl_set_blob(
    CURL *handle, CURLoption option, const void *bytes, size_t byte_count) {
  struct curl_blob blob = {(void *)bytes, byte_count, CURL_BLOB_COPY};
  return curl_easy_setopt(handle, option, &blob);
}

static inline long satchel_curl_get_number(CURL *handle, CURLINFO info) {
  long value = 0;
  curl_easy_getinfo(handle, info, &value);
  return value;
}

static inline double satchel_curl_get_seconds(CURL *handle, CURLINFO info) {
  double value = 0;
  curl_easy_getinfo(handle, info, &value);
  return value;
}

#endif
