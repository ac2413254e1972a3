/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/bench.h"

#include <string.h>
#include <time.h>

enum { RUNS = 5, RUN_US = 200 * 1000 };

static const Bench benches[] = {
  { "codec", "encode and decode an Attach, beside memcpy of the same bytes", bench_codec },
  { "signature", "sign, verify and judge certificates, beside OpenSSL alone", bench_signature },
  { "register", "registrations at one storing peer, beside the signatures in them alone",
    bench_register },
  { "fetch", "look-ups at one storing peer, beside the signatures in them alone", bench_fetch },
  { "transit", "messages passed on, beside the AES-GCM records around them", bench_transit },
  { "turn", "datagrams relayed, beside coturn", bench_turn },
  { "turn-tcp", "the same for a client that comes by TCP", bench_turn_tcp },
  { "attach", "handshakes of links, beside OpenSSL alone", bench_attach },
  { "traffic", "bytes of joining, registering, finding and calling among a hundred peers",
    bench_traffic },
  { "capacity", "what one real peer does for others, beside the ten a second of the slides",
    bench_capacity },
  { "call", "dial to ringing and answer to sound, between phones on loopback", bench_call },
  { "nat-call", "dial to ringing and answer to sound, between homes behind routers",
    bench_nat_call },
  { "dht", "get, put, rest and survival of 32 and 100 nodes, beside as many of OpenDHT",
    bench_dht },
  { "idle", "what the window uses while nothing happens, in an overlay of ten", bench_idle },
  { "mouth-to-ear", "delay of a voice through the sound server, beside linphonec",
    bench_mouth_to_ear },
};

/* Of the processor alone: what else runs on this machine does not count. */
static int64_t
cpu_us (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (int64_t) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static double
run_once (BenchStep step, void *user_data)
{
  int64_t start = cpu_us ();
  int64_t elapsed = 0;
  uint64_t count = 0;

  for (unsigned batch = 1; elapsed < RUN_US; batch = MIN (2 * batch, 1U << 16)) {
    for (unsigned i = 0; i < batch; i++)
      step (user_data);
    count += batch;
    elapsed = cpu_us () - start;
  }
  return (double) count * 1e6 / (double) elapsed;
}

double
bench_rate (BenchStep step, void *user_data)
{
  double best = 0;

  for (unsigned i = 0; i < RUNS; i++)
    best = MAX (best, run_once (step, user_data));
  return best;
}

void
bench_report (const BenchOptions *options,
              const char *name,
              double per_s,
              double limit_per_s,
              double ratio,
              const char *extra)
{
  g_print ("%s: %.0f/s, limit %.0f/s, ratio %.3f\n", name, per_s, limit_per_s, ratio);
  if (!options->is_json)
    return;
  g_print ("{\"name\":\"%s\",\"per_s\":%.1f,\"limit_per_s\":%.1f,\"ratio\":%.4f%s%s}\n", name,
           per_s, limit_per_s, ratio, extra != NULL ? "," : "", extra != NULL ? extra : "");
}

static int
list_benches (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (benches); i++)
    g_print ("%-13s %s\n", benches[i].name, benches[i].what);
  return 0;
}

int
main (int argc, char **argv)
{
  BenchOptions options = { 0 };
  const char *name = NULL;

  for (int i = 1; i < argc; i++)
    if (strcmp (argv[i], "--json") == 0)
      options.is_json = true;
    else if (strcmp (argv[i], "--list") == 0)
      return list_benches ();
    else
      name = argv[i];
  for (size_t i = 0; i < G_N_ELEMENTS (benches); i++)
    if (name != NULL && strcmp (benches[i].name, name) == 0)
      return benches[i].run (&options);
  g_printerr ("Usage: peal-bench NAME [--json], or peal-bench --list\n");
  return 2;
}
