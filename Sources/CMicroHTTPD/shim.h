#ifndef SATCHEL_CMICROHTTPD_SHIM_H
#define SATCHEL_CMICROHTTPD_SHIM_H
#include <microhttpd.h>

// Swift cannot call variadic C functions. Each shim below is one such call with its arguments
// fixed, and types the callbacks that the option list itself takes untyped.

/// Starts a daemon on a listening socket; `extra` (ended by MHD_OPTION_END) has the rest.
/// Variadic: MHD_start_daemon.
static inline struct MHD_Daemon *satchel_start_daemon(
    unsigned int flags, MHD_socket listening_socket, MHD_AccessHandlerCallback access,
    void *(*request_started)(void *cls, const char *uri, struct MHD_Connection *connection),
    MHD_RequestCompletedCallback request_completed, MHD_NotifyConnectionCallback connection_changed,
    void *cls, struct MHD_OptionItem *extra) {
  return MHD_start_daemon(
      flags, 0, NULL, NULL, access, cls,
      MHD_OPTION_LISTEN_SOCKET, listening_socket,
      MHD_OPTION_URI_LOG_CALLBACK, request_started, cls,
      MHD_OPTION_NOTIFY_COMPLETED, request_completed, cls,
      MHD_OPTION_NOTIFY_CONNECTION, connection_changed, cls,
      MHD_OPTION_ARRAY, extra,
      MHD_OPTION_END);
}

/// The peer's address, owned by the connection; NULL when unknown.
/// Variadic: MHD_get_connection_info.
static inline const struct sockaddr *satchel_client_address(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info ? info->client_addr : NULL;
}

/// The connection's socket; -1 when unknown. Variadic: MHD_get_connection_info.
static inline MHD_socket satchel_connection_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : MHD_INVALID_SOCKET;
}

/// Starts the idle time of a connection anew. The library counts the time that a handler takes as
/// idle, and moves the start only when the limit goes from none to some.
/// Variadic: MHD_set_connection_option.
static inline void satchel_restart_idle_time(
    struct MHD_Connection *connection, unsigned int seconds) {
  MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
  MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

#endif
