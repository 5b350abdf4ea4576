/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEE_CALL_H
#define TEE_CALL_H

/* What the benchmark's client application and its trusted application agree on. */

/* 7ce1b1d4-52a3-4b0e-9d38-41f6c2a8e05b */
#define TEE_CALL_UUID \
	{ 0x7ce1b1d4, 0x52a3, 0x4b0e, { 0x9d, 0x38, 0x41, 0xf6, 0xc2, 0xa8, 0xe0, 0x5b } }

/* Returns immediately, with any parameters. */
#define TEE_CALL_RETURN 0
/* Waits until it is cancelled; that it was not within a minute is an error. */
#define TEE_CALL_WAIT 1

#endif
