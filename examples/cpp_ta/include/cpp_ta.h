/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPP_TA_H
#define CPP_TA_H

/* What the client application and the trusted application agree on. */

/* f1a6d5e2-83bc-4c07-9d41-5be2a7c8093f */
#define CPP_TA_UUID \
	{ 0xf1a6d5e2, 0x83bc, 0x4c07, { 0x9d, 0x41, 0x5b, 0xe2, 0xa7, 0xc8, 0x09, 0x3f } }

/* Adds a number to the session's tally: a value that goes in. */
#define CPP_TA_ADD 0
/* Reports the tally: a value that comes out (a: how many numbers, b: their sum), and the SHA-256 of all of them. */
#define CPP_TA_REPORT 1

#define CPP_TA_DIGEST_SIZE 32

#endif
