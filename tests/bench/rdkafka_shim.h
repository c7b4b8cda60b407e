/*
 * What rdkafka_performance.c, librdkafka's own performance tool (an example in Debian's
 * librdkafka-dev), takes from librdkafka's private headers. tests/bench/kafka compiles it with
 * this as rd.h.
 */
#ifndef SMILEY_TESTS_BENCH_RDKAFKA_SHIM_H
#define SMILEY_TESTS_BENCH_RDKAFKA_SHIM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef int64_t rd_ts_t; /* microseconds */

#define rd_snprintf snprintf
#define RD_MAX(a, b) ((a) > (b) ? (a) : (b))
#define RD_MIN(a, b) ((a) < (b) ? (a) : (b))

static inline rd_ts_t rd_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (rd_ts_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

#endif
