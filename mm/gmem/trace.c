// SPDX-License-Identifier: GPL-2.0
/* The tracepoints of gmem; guest_memfd, maybe a module, uses two of them. */
#define CREATE_TRACE_POINTS
#include <trace/events/gmem.h>

EXPORT_TRACEPOINT_SYMBOL_GPL(gmem_convert);
EXPORT_TRACEPOINT_SYMBOL_GPL(gmem_revoke);
