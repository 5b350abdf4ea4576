/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FIGURE_H
#define FIGURE_H

#include <stdint.h>
#include <tee_client_api.h>

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t now(void);

/* Prints what the tool reads: the mean of `count` repetitions that took `ns` together. */
void print_figure(const char *name, uint64_t ns, unsigned count);

/* A row that cannot be measured here, with what the TEE answered: that is a result, too. */
void print_refusal(const char *name, TEEC_Result result);

#endif
