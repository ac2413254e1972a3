/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the sink that feeds one phone's microphone to the other's speaker, through a real sound
 * server: two of our sessions; linphonec calling linphonec; and, as the floor of the yardstick, a
 * pipe from recorder to player where the phone would be. All one after the other in one server. */
#include "media/media.h"
#include "tests/bench/bench.h"
#include "tests/media/duo.h"
#include "tests/media/sound-server.h"
#include "tests/media/yardstick.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { CHIRPS = 24, SETTLE_S = 5, RIVAL_SETTLE_S = 8, PORT_A = 15096, PORT_B = 15098 };

static gboolean
on_over (void *user_data)
{
  *(bool *) user_data = true;
  return G_SOURCE_REMOVE;
}

static void
settle (unsigned seconds)
{
  bool is_over = false;
  g_timeout_add_seconds (seconds, on_over, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, true);
}

/* ---- ours ---- */

typedef struct End {
  CallMedia *media;
  CallMediaSession *session;
  struct End *other;
} End;

static void
on_send (void *user_data, Bytes datagram)
{
  End *other = ((End *) user_data)->other;
  if (other->session != NULL)
    other->media->session_receive (other->session, datagram);
}

static void
on_level (void *user_data, double microphone_db, double speaker_db)
{
}

static void
on_quality (void *user_data, const CallMediaQuality *quality)
{
}

static void
on_first_sound (void *user_data)
{
}

static void
on_digit (void *user_data, char digit)
{
}

static void
on_fault (void *user_data, CallMediaFault fault)
{
  g_error ("a device failed: %d", (int) fault);
}

static const CallMediaEvents events = {
  .send = on_send,
  .level = on_level,
  .quality = on_quality,
  .first_sound = on_first_sound,
  .digit = on_digit,
  .fault = on_fault,
};

static void
open_end (End *self, End *other, const char *microphone, const char *speaker)
{
  g_autoptr (GError) error = NULL;
  CallMediaOptions options = { 0 };
  self->other = other;
  self->media = media_new (&error);
  g_assert_no_error (error);
  self->media->set_device (self->media->media, CALL_MEDIA_INPUT, microphone);
  self->media->set_device (self->media->media, CALL_MEDIA_OUTPUT, speaker);
  self->session = self->media->session_new (self->media->media, &options, &events, self);
}

static void
start_end (End *self, const SrtpKeys *keys)
{
  size_t count;
  const MediaCodec *codecs = self->media->codecs (self->media->media, &count);
  self->media->session_start (self->session, keys, codecs, count);
}

static Delay
measure_ours (SoundServer *server)
{
  End a = { 0 }, b = { 0 };
  SrtpKeys keys_a, keys_b;
  duo_make_keys (SRTP_AEAD_AES_128_GCM, &keys_a, &keys_b);
  open_end (&a, &b, "a_mic", "a_out");
  open_end (&b, &a, "b_mic", "b_out");
  start_end (&a, &keys_a);
  start_end (&b, &keys_b);
  Yardstick *yardstick = yardstick_new (server, "a_in", "b_out");
  settle (SETTLE_S);
  Delay delay = yardstick_measure (yardstick, CHIRPS);
  yardstick_free (yardstick);
  a.media->session_free (g_steal_pointer (&a.session));
  b.media->session_free (g_steal_pointer (&b.session));
  media_free (a.media);
  media_free (b.media);
  return delay;
}

/* ---- others ---- */

static void
on_child_start (void *user_data)
{
  setpgid (0, 0);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static GPid
start_script (SoundServer *server, const char *script)
{
  g_autoptr (GError) error = NULL;
  GPid pid;
  const char *arguments[] = { "sh", "-c", script, NULL };
  GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                      G_SPAWN_STDERR_TO_DEV_NULL;
  g_spawn_async (sound_server_folder (server), (char **) arguments, NULL, flags, on_child_start,
                 NULL, &pid, &error);
  g_assert_no_error (error);
  return pid;
}

static void
end_script (GPid pid)
{
  kill (-pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

static Delay
measure_floor (SoundServer *server)
{
  GPid pid =
    start_script (server, "parec --raw --latency-msec=5 --rate=48000 --channels=1 "
                          "--format=s16le --device=a_mic | pacat --playback --latency-msec=10 "
                          "--rate=48000 --channels=1 --format=s16le --device=b_out");
  Yardstick *yardstick = yardstick_new (server, "a_in", "b_out");
  settle (SETTLE_S);
  Delay delay = yardstick_measure (yardstick, CHIRPS);
  yardstick_free (yardstick);
  end_script (pid);
  return delay;
}

static void
write_rival (SoundServer *server, char letter, unsigned port)
{
  g_autofree char *home = g_strdup_printf ("%s/rival-%c", sound_server_folder (server), letter);
  g_autofree char *share = g_build_filename (home, ".local", "share", "linphone", NULL);
  g_autofree char *config = g_build_filename (home, ".config", "linphone", NULL);
  g_autofree char *path = g_build_filename (home, "rc", NULL);
  g_mkdir_with_parents (share, 0700);
  g_mkdir_with_parents (config, 0700);
  g_autofree char *text = g_strdup_printf (
    "[net]\nmtu=1300\n[sip]\nsip_port=%u\nsip_tcp_port=%u\nsip_tls_port=0\ndefault_proxy=-1\n"
    "register_only_when_network_is_up=0\nguess_hostname=0\nmedia_encryption=srtp\n"
    "contact=\"%c\" <sip:%c@127.0.0.1>\n[rtp]\naudio_rtp_port=%u\n[sound]\n"
    "playback_dev_id=PulseAudio Unknown: %c-Speaker\n"
    "capture_dev_id=PulseAudio Unknown: %c-Microphone\n"
    "echocancellation=0\n",
    port, port, letter, letter, port + 1000, letter, letter);
  g_file_set_contents (path, text, -1, NULL);
}

/* In a network of its own, where there is nothing but loopback. Both ends get their commands from
 * a pipe that stays open as long as they run. */
static Delay
measure_rival (SoundServer *server)
{
  write_rival (server, 'a', PORT_A);
  write_rival (server, 'b', PORT_B);
  g_autofree char *script =
    g_strdup_printf ("exec unshare -n sh -c 'ip link set lo up; "
                     "sleep 60 | HOME=$PWD/rival-b linphonec -a -c rival-b/rc & "
                     "(sleep 2; echo call sip:b@127.0.0.1:%u; sleep 60) | "
                     "HOME=$PWD/rival-a linphonec -c rival-a/rc'",
                     PORT_B);
  GPid pid = start_script (server, script);
  Yardstick *yardstick = yardstick_new (server, "a_in", "b_out");
  settle (RIVAL_SETTLE_S);
  Delay delay = yardstick_measure (yardstick, CHIRPS);
  yardstick_free (yardstick);
  end_script (pid);
  return delay;
}

static void
print_delay (const char *who, Delay delay)
{
  if (delay.count == 0)
    g_print ("%-10s nothing arrived\n", who);
  else
    g_print ("%-10s median %.1f ms, spread %.1f ms, %u of %d chirps\n", who, delay.median_ms,
             delay.spread_ms, delay.count, CHIRPS);
}

int
bench_mouth_to_ear (const BenchOptions *options)
{
  g_autofree char *linphonec = g_find_program_in_path ("linphonec");
  if (!sound_server_is_installed ()) {
    g_printerr ("mouth-to-ear: pulseaudio is not installed\n");
    return 1;
  }
  g_autoptr (SoundServer) server = sound_server_new ("ab");
  Delay floor = measure_floor (server);
  Delay ours = measure_ours (server);
  Delay rival = linphonec != NULL ? measure_rival (server) : (Delay){ 0 };
  print_delay ("floor", floor);
  print_delay ("ours", ours);
  print_delay ("linphonec", rival);
  if (ours.count == 0)
    return 1;

  double ratio = rival.count > 0 ? ours.median_ms / rival.median_ms : 0;
  double rival_per_s = rival.count > 0 ? 1000 / rival.median_ms : 0;
  char numbers[3][G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *extra =
    g_strdup_printf ("\"ours_ms\":%s,\"rival_ms\":%s,\"floor_ms\":%s",
                     g_ascii_formatd (numbers[0], sizeof numbers[0], "%.1f", ours.median_ms),
                     g_ascii_formatd (numbers[1], sizeof numbers[1], "%.1f", rival.median_ms),
                     g_ascii_formatd (numbers[2], sizeof numbers[2], "%.1f", floor.median_ms));
  bench_report (options, "mouth-to-ear", 1000 / ours.median_ms, rival_per_s, ratio, extra);
  return 0;
}
