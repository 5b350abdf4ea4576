/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHARED_MEMORY_H
#define SHARED_MEMORY_H

/* What the client application and the trusted application agree on. */

/* c2b8a1d6-4f37-4e59-8f0a-7d93e6a5b218 */
#define SHARED_MEMORY_UUID \
	{ 0xc2b8a1d6, 0x4f37, 0x4e59, { 0x8f, 0x0a, 0x7d, 0x93, 0xe6, 0xa5, 0xb2, 0x18 } }

/* Sets the session's key and first counter block: two inputs of 16 bytes each. */
#define SHARED_MEMORY_SET_KEY 0
/* Runs AES-CTR over a shared buffer in place: encrypts it, or decrypts it when done twice with the same counter. */
#define SHARED_MEMORY_CIPHER 1

#define SHARED_MEMORY_BLOCK 16

#endif
