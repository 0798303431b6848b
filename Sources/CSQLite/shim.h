#ifndef SATCHEL_CSQLITE_SHIM_H
#define SATCHEL_CSQLITE_SHIM_H
#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast of -1 to a function pointer, which Swift cannot express.
static inline int satchel_bind_text_transient(
    sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 size) {
  return sqlite3_bind_text64(statement, index, text, size, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static inline int satchel_bind_blob_transient(
    sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 size) {
  return sqlite3_bind_blob64(statement, index, bytes, size, SQLITE_TRANSIENT);
}

static inline void satchel_result_text_transient(
    sqlite3_context *context, const char *text, sqlite3_uint64 size) {
  sqlite3_result_text64(context, text, size, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static inline void satchel_result_blob_transient(
    sqlite3_context *context, const void *bytes, sqlite3_uint64 size) {
  sqlite3_result_blob64(context, bytes, size, SQLITE_TRANSIENT);
}

// sqlite3_config is variadic too. Without the count of all memory in use, which nobody asks for, each
// allocation does without a lock that all threads share.
static inline int satchel_count_no_memory(void) {
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

// sqlite3_db_config is variadic, which Swift does not import. Fails also where SQLite takes the
// setting and does not keep it.
static inline int satchel_db_config(sqlite3 *database, int option, int value) {
  int kept = -1;
  int result = sqlite3_db_config(database, option, value, &kept);
  return result == SQLITE_OK && kept != value ? SQLITE_ERROR : result;
}
#endif
