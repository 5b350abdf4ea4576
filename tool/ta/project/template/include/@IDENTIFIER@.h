/* SPDX-License-Identifier: Apache-2.0 */
#ifndef @MACRO@_H
#define @MACRO@_H

/* What the client application and the trusted application agree on. */

/* @UUID@: also the name of the trusted application's file. */
#define @MACRO@_UUID \
	@UUID_BYTES@

/* Doubles params[0].value.a, a value that goes in and out. */
#define @MACRO@_DOUBLE 0

#endif
