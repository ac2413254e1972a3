/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/identity.h"
#include "core/os/relay-desk.h"
#include "core/os/signer.h"
#include "core/os/socket.h"
#include "tests/bench/bench.h"
#include "tests/unit/turn-client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Voice through a relay in a process of its own: a client sends packets over a channel to a peer on
 * this machine, which sends each back. What counts is the processor time of the relay, user and
 * system, per packet, both ways. Beside it coturn's turnserver does the same for the same client.
 * The client comes by UDP, or, where firewalls let nothing else out, by TCP: then its packets are
 * one stream, and their length alone tells them apart (RFC 8656, 3.1 and 12.5).
 *
 * Lifted: LIMIT_RELAY_BYTES_PER_S. */

#define INSTANCE "bench-abcd2345.peal.alt"

enum {
  PACKETS = 60000,
  WINDOW = 32,
  VOICE = 160,
  PATIENCE_MS = 2000,
  CHANNEL = 0x4001,
  STUN_HEADER = 20
};

typedef struct Rival {
  pid_t process;
  Address address;
  RelayCredential credential;
} Rival;

/* ---- Ours ---- */

typedef struct Server {
  RelayDesk *desk;
} Server;

static void
on_stun (void *owner, const Path *from, Bytes datagram)
{
  relay_desk_hear (((Server *) owner)->desk, from, datagram);
}

static void
on_accepted (void *owner, const Address *from, int fd)
{
  relay_desk_take_tcp (((Server *) owner)->desk, from, fd);
}

static const ListenerEvents listener_events = { .accepted = on_accepted, .stun = on_stun };

/* Tells where it listens and what lets a client in, and relays until it is killed. */
static void
serve (int report)
{
  CertificateTrust trust = { .instance_name = INSTANCE, .is_self_signed_permitted = true };
  const CertificateOptions options = { .instance_name = INSTANCE,
                                       .user = "bench",
                                       .now_s = g_get_real_time () / G_USEC_PER_SEC };
  PrivateKey *user_key = private_key_new ();
  PrivateKey *device_key = private_key_new ();
  GBytes *der = identity_make_certificate (user_key, device_key, &options);
  gsize size;
  const uint8_t *bytes = g_bytes_get_data (der, &size);
  Signer *signer = signer_new (device_key, (Bytes){ bytes, size }, &trust, NULL);
  Loop *loop = loop_new ();
  Tls *tls = tls_new (signer, signer_private_key (signer), signer_x509 (signer));
  Server server = { 0 };
  Listener *listener = listener_new (loop, tls, "127.0.0.1:0", &listener_events, &server, NULL);
  Rival self = { .address = *listener_address (listener) };
  const NodeId node = { { 1 } };

  server.desk = relay_desk_new (loop, listener, UINT32_MAX);
  relay_admit (relay_desk_relay (server.desk), &node, &self.credential);
  if (write (report, &self, sizeof self) == sizeof self)
    for (;;)
      g_main_context_iteration (NULL, TRUE);
  _exit (1);
}

static bool
start_ours (Rival *ret_rival)
{
  int report[2];
  pid_t process;

  if (pipe (report) < 0 || (process = fork ()) < 0)
    return false;
  if (process == 0) {
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    serve (report[1]);
  }
  if (read (report[0], ret_rival, sizeof *ret_rival) != sizeof *ret_rival)
    return false;
  ret_rival->process = process;
  close (report[0]);
  close (report[1]);
  return true;
}

/* ---- coturn ---- */

static bool
start_coturn (const char *program, Rival *ret_rival)
{
  static const Address loopback = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };
  int fd = socket_bind (SOCK_DGRAM, &loopback, false);
  g_autofree char *port = NULL;

  ret_rival->address = socket_address (fd);
  close (fd);
  port = g_strdup_printf ("%u", ret_rival->address.port);
  g_strlcpy (ret_rival->credential.user, "bench", sizeof ret_rival->credential.user);
  g_strlcpy (ret_rival->credential.password, "secret", sizeof ret_rival->credential.password);
  ret_rival->process = fork ();
  if (ret_rival->process == 0) {
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    if (freopen ("/dev/null", "w", stdout) == NULL || freopen ("/dev/null", "w", stderr) == NULL)
      _exit (1);
    execl (program, program, "-n", "--no-cli", "--no-tls", "--no-dtls", "-L", "127.0.0.1", "-E",
           "127.0.0.1", "-p", port, "-a", "-u", "bench:secret", "-r", "peal",
           "--allow-loopback-peers", "-m", "1", "--log-file", "/dev/null", "--simple-log",
           "--pidfile", "/dev/null", NULL);
    _exit (1);
  }
  return ret_rival->process > 0;
}

/* ---- The client ---- */

static ssize_t
receive (int fd, uint8_t *ret_bytes, size_t size, int patience_ms)
{
  struct pollfd wanted = { fd, POLLIN, 0 };

  return poll (&wanted, 1, patience_ms) == 1 ? recv (fd, ret_bytes, size, 0) : -1;
}

/* Asks again until something is answered, since coturn needs a while to be there. */
static bool
ask (int fd, TurnClient *client, StunMethod method, const Address *peer)
{
  for (int tries = 0; tries < 50; tries++) {
    uint8_t answer[2048];
    StunMessage message;
    Bytes request;
    ssize_t size;

    turn_client_begin (client, method);
    if (method == STUN_ALLOCATE)
      stun_message_append32 (&client->message, STUN_ATTRIBUTE_REQUESTED_TRANSPORT, 17u << 24);
    if (method == STUN_CHANNELBIND) {
      stun_message_append32 (&client->message, STUN_ATTRIBUTE_CHANNEL_NUMBER,
                             (uint32_t) CHANNEL << 16);
      stun_append_address (&client->message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, peer);
    }
    request = turn_client_end (client);
    (void) !send (fd, request.data, request.size, MSG_NOSIGNAL);
    size = receive (fd, answer, sizeof answer, 200);
    if (size >= STUN_HEADER)
      size = MIN (size, STUN_HEADER + (answer[2] << 8 | answer[3]));
    if (size > 0 && turn_client_read (client, (Bytes){ answer, (size_t) size }, &message) == 0)
      return true;
    if (size < 0)
      poll (NULL, 0, 100); /* nobody is there yet */
  }
  return false;
}

static void
echo_all (int fd)
{
  uint8_t bytes[2048];
  Address from;
  ssize_t size;

  while ((size = socket_receive (fd, bytes, sizeof bytes, &from, NULL)) >= 0)
    socket_send (fd, (Bytes){ bytes, (size_t) size }, &from, NULL);
}

/* How many packets came back: all are of one size. */
static unsigned
talk (int fd, int echo)
{
  const uint8_t packet[4 + VOICE] = { CHANNEL >> 8, CHANNEL & 0xff, 0, VOICE };
  uint8_t bytes[2048];
  unsigned sent = 0;
  unsigned came = 0;
  size_t heard = 0;
  ssize_t size;
  struct pollfd wanted[] = { { fd, POLLIN, 0 }, { echo, POLLIN, 0 } };

  while (came < PACKETS) {
    for (; sent < PACKETS && sent - came < WINDOW; sent++)
      (void) !send (fd, packet, sizeof packet, MSG_NOSIGNAL);
    if (poll (wanted, 2, PATIENCE_MS) <= 0)
      break;
    echo_all (echo);
    while ((size = recv (fd, bytes, sizeof bytes, 0)) > 0)
      heard += (size_t) size;
    came = (unsigned) (heard / sizeof packet);
  }
  return came;
}

/* Of a process that lives, in seconds. */
static double
processor_time (pid_t process)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", process);
  g_autofree char *text = NULL;
  unsigned long user = 0;
  unsigned long system = 0;

  if (!g_file_get_contents (path, &text, NULL, NULL) ||
      sscanf (strrchr (text, ')') + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
              &user, &system) != 2)
    return 0;
  return (double) (user + system) / (double) sysconf (_SC_CLK_TCK);
}

/* Whoever has just been started may not listen yet. */
static int
reach (int type, const Address *relay)
{
  for (int tries = 0; tries < 50; tries++) {
    int fd = socket_connect (type, relay, NULL);
    struct pollfd writable = { fd, POLLOUT, 0 };
    if (fd >= 0 && poll (&writable, 1, PATIENCE_MS) == 1 && !(writable.revents & POLLERR))
      return fd;
    if (fd >= 0)
      close (fd);
    poll (NULL, 0, 100);
  }
  return -1;
}

/* Packets relayed in a second of its processor time, each way counted; 0 when it did not work. Ends
 * it. */
static double
measure (const Rival *rival, int type)
{
  static const Address other = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 2 } };
  TurnClient client = { .credential = rival->credential };
  int fd = reach (type, &rival->address);
  int echo = socket_bind (SOCK_DGRAM, &other, false);
  Address peer = socket_address (echo);
  double rate = 0;

  if (ask (fd, &client, STUN_ALLOCATE, NULL) && ask (fd, &client, STUN_CHANNELBIND, &peer)) {
    double before = processor_time (rival->process);
    unsigned came = talk (fd, echo);
    double took = processor_time (rival->process) - before;
    rate = came > PACKETS / 2 && took > 0 ? 2 * came / took : 0;
  }
  kill (rival->process, SIGKILL);
  waitpid (rival->process, NULL, 0);
  close (fd);
  close (echo);
  return rate;
}

static int
compare (const BenchOptions *options, const char *name, int type)
{
  g_autofree char *coturn = g_find_program_in_path ("turnserver");
  Rival ours = { 0 };
  Rival theirs = { 0 };
  double per_s;
  double limit_per_s;

  if (coturn == NULL) {
    g_printerr ("%s: coturn is not installed\n", name);
    return 1;
  }
  per_s = start_ours (&ours) ? measure (&ours, type) : 0;
  limit_per_s = start_coturn (coturn, &theirs) ? measure (&theirs, type) : 0;
  if (per_s == 0 || limit_per_s == 0) {
    g_printerr ("%s: %s did not relay\n", name, per_s == 0 ? "peal" : "coturn");
    return 1;
  }
  bench_report (options, name, per_s, limit_per_s, per_s / limit_per_s, NULL);
  return 0;
}

int
bench_turn (const BenchOptions *options)
{
  return compare (options, "turn", SOCK_DGRAM);
}

int
bench_turn_tcp (const BenchOptions *options)
{
  return compare (options, "turn-tcp", SOCK_STREAM);
}
