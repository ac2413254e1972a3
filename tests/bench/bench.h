/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench.h: benchmarks, each beside its limit or its rival in the same run. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct BenchOptions {
  bool is_json; /* the last line is one JSON object */
} BenchOptions;

typedef struct Bench {
  const char *name;
  const char *what; /* what it measures, beside what */
  int (*run) (const BenchOptions *options);
} Bench;

typedef void (*BenchStep) (void *user_data);

/* How often a second of processor time `step` can be called: the best of five runs of about a fifth
 * of a second, so that a busy machine disturbs little. */
double bench_rate (BenchStep step, void *user_data);

/* The result, for people and as the last line for `--json`: name, per_s, limit_per_s, ratio, and
 * `extra`, which is NULL or further members of the object ("\"cold_ring_ms\":120"). */
void bench_report (const BenchOptions *options,
                   const char *name,
                   double per_s,
                   double limit_per_s,
                   double ratio,
                   const char *extra);

/* One a file, bench-NAME.c. */
int bench_attach (const BenchOptions *options);
int bench_call (const BenchOptions *options);
int bench_capacity (const BenchOptions *options);
int bench_codec (const BenchOptions *options);
int bench_dht (const BenchOptions *options);
int bench_fetch (const BenchOptions *options);
int bench_idle (const BenchOptions *options);
int bench_nat_call (const BenchOptions *options);
int bench_signature (const BenchOptions *options);
int bench_register (const BenchOptions *options);
int bench_traffic (const BenchOptions *options);
int bench_transit (const BenchOptions *options);
int bench_turn (const BenchOptions *options);
int bench_turn_tcp (const BenchOptions *options);
int bench_mouth_to_ear (const BenchOptions *options);
