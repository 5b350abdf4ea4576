/* SPDX-License-Identifier: Apache-2.0 */
#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

/* What OP-TEE has to know before it starts the trusted application. */

#include <@IDENTIFIER@.h>

#define TA_UUID @MACRO@_UUID
#define TA_FLAGS 0 /* an instance of its own for each session */
#define TA_STACK_SIZE (2 * 1024)
#define TA_DATA_SIZE (32 * 1024)
#define TA_VERSION "1.0"
#define TA_DESCRIPTION "@NAME@"

#endif
