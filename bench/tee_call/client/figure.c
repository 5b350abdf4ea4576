/* SPDX-License-Identifier: Apache-2.0 */
#include "figure.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void print_figure(const char *name, uint64_t ns, unsigned count)
{
	printf("figure {\"name\":\"%s\",\"ns\":%.1f,\"count\":%u}\n", name, (double)ns / count, count);
}

void print_refusal(const char *name, TEEC_Result result)
{
	printf("refused {\"name\":\"%s\",\"result\":\"0x%08" PRIx32 "\"}\n", name, result);
}
