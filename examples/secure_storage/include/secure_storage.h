/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECURE_STORAGE_H
#define SECURE_STORAGE_H

/* What the client application and the trusted application agree on. */

/* 5d1c3f0e-9a64-4a0b-b5f1-0c2f7b8e6d41 */
#define SECURE_STORAGE_UUID \
	{ 0x5d1c3f0e, 0x9a64, 0x4a0b, { 0xb5, 0xf1, 0x0c, 0x2f, 0x7b, 0x8e, 0x6d, 0x41 } }

/* The first parameter of every command is the object's name (1 to 64 bytes). */
#define SECURE_STORAGE_CREATE 0 /* second parameter: the object's data; fails when there is such an object */
#define SECURE_STORAGE_WRITE  1 /* second parameter: data that replaces the object's */
#define SECURE_STORAGE_READ   2 /* second parameter: receives the data and its size */
#define SECURE_STORAGE_DELETE 3

#define SECURE_STORAGE_LONGEST_NAME 64

#endif
