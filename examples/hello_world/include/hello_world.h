/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HELLO_WORLD_H
#define HELLO_WORLD_H

/* What the client application and the trusted application agree on. */

/* 8aaaf200-2450-11e4-abe2-0002a5d5c51b: also the name of the trusted application's file. */
#define HELLO_WORLD_UUID \
	{ 0x8aaaf200, 0x2450, 0x11e4, { 0xab, 0xe2, 0x00, 0x02, 0xa5, 0xd5, 0xc5, 0x1b } }

/* Both commands take one parameter, a value that goes in and out: params[0].value.a is what they change. */
#define HELLO_WORLD_INCREMENT 0
#define HELLO_WORLD_DECREMENT 1

#endif
