#ifndef SATCHEL_CMICROHTTPD_SHIM_H
#define SATCHEL_CMICROHTTPD_SHIM_H
#include <microhttpd.h>
#endif
