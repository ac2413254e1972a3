/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/sdp.h"
#include <string.h>

static const MediaCodec own[] = {
  { .name = "opus",
    .clock_rate = 48000,
    .channels = 2,
    .payload_type = 96,
    .fmtp = "useinbandfec=1" },
  { .name = "red", .clock_rate = 48000, .channels = 2, .payload_type = 63, .fmtp = "96/96" },
  { .name = "PCMA", .clock_rate = 8000, .channels = 1, .payload_type = 8 },
  { .name = "telephone-event", .clock_rate = 48000, .channels = 1, .payload_type = 101 },
};

#define HEAD  "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define AUDIO "m=audio 9 UDP/TLS/RTP/SAVPF "
#define OPUS  AUDIO "96\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:96 opus/48000/2\r\n"
#define ICE   "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijkl\r\n"
#define PRINT                                        \
  "a=fingerprint:sha-256 "                           \
  "01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:" \
  "11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F:20\r\n"
#define SETUP "a=setup:actpass\r\n"
#define MUX   "a=rtcp-mux\r\n"
#define REST  ICE PRINT SETUP MUX
#define GOOD  HEAD OPUS REST

/* 0: taken, and there is a common codec. */
static const struct {
  const char *what;
  const char *text;
  int status;
} offers[] = {
  { "plain", GOOD, 0 },
  { "attributes-of-the-session", HEAD ICE PRINT SETUP OPUS MUX, 0 },
  { "lf-only", "v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nt=0 0\n" AUDIO "8\n" REST, 0 },
  { "empty", "", 400 },
  { "no-sdp", "hello world", 400 },
  { "version-1", "v=1\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\n" OPUS REST, 400 },
  { "no-origin", "v=0\r\ns=-\r\nt=0 0\r\n" OPUS REST, 400 },
  { "no-media", HEAD, 488 },
  { "video-only", HEAD "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" REST, 488 },
  { "rtp-avp", HEAD "m=audio 9 RTP/AVP 8\r\n" REST, 488 },
  { "rtp-savp", HEAD "m=audio 9 RTP/SAVP 8\r\n" REST, 488 },
  { "rtp-savpf", HEAD "m=audio 9 RTP/SAVPF 8\r\n" REST, 488 },
  { "tcp", HEAD "m=audio 9 TCP/TLS/RTP/SAVPF 8\r\n" REST, 488 },
  { "lower-case-protocol", HEAD "m=audio 9 udp/tls/rtp/savpf 8\r\n" REST, 488 },
  { "crypto", GOOD "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n", 488 },
  { "crypto-of-the-session", HEAD "a=crypto:1 x inline:x\r\n" OPUS REST, 488 },
  { "plain-then-secure", HEAD "m=audio 9 RTP/AVP 8\r\n" OPUS REST, 0 },
  { "port-0", HEAD "m=audio 0 UDP/TLS/RTP/SAVPF 8\r\n" REST, 488 },
  { "port-65536", HEAD "m=audio 65536 UDP/TLS/RTP/SAVPF 8\r\n" REST, 488 },
  { "port-negative", HEAD "m=audio -1 UDP/TLS/RTP/SAVPF 8\r\n" REST, 488 },
  { "two-ports", HEAD "m=audio 9/2 UDP/TLS/RTP/SAVPF 8\r\n" REST, 488 },
  { "victims-address", HEAD AUDIO "8\r\nc=IN IP4 198.51.100.1\r\n" REST, 0 },
  { "no-fingerprint", HEAD OPUS ICE SETUP MUX, 488 },
  { "sha-1",
    HEAD OPUS ICE SETUP MUX
    "a=fingerprint:sha-1 01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14\r\n",
    488 },
  { "sha-1-and-sha-256", HEAD OPUS ICE SETUP MUX "a=fingerprint:sha-1 01:02\r\n" PRINT, 0 },
  { "short-fingerprint", HEAD OPUS ICE SETUP MUX "a=fingerprint:sha-256 01:02:03\r\n", 488 },
  { "fingerprint-without-colons",
    HEAD OPUS ICE SETUP MUX "a=fingerprint:sha-256 "
                            "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20\r\n",
    488 },
  { "fingerprint-no-hex",
    HEAD OPUS ICE SETUP MUX "a=fingerprint:sha-256 "
                            "0G:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:"
                            "11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F:20\r\n",
    488 },
  { "no-setup", HEAD OPUS ICE PRINT MUX, 488 },
  { "setup-holdconn", HEAD OPUS ICE PRINT MUX "a=setup:holdconn\r\n", 488 },
  { "setup-conflict", GOOD "a=setup:active\r\n", 488 },
  { "setup-twice-the-same", GOOD SETUP, 0 },
  { "setup-active", HEAD OPUS ICE PRINT MUX "a=setup:active\r\n", 0 },
  { "setup-passive", HEAD OPUS ICE PRINT MUX "a=setup:passive\r\n", 0 },
  { "no-rtcp-mux", HEAD OPUS ICE PRINT SETUP, 488 },
  { "no-ice", HEAD OPUS PRINT SETUP MUX, 488 },
  { "short-ufrag",
    HEAD OPUS "a=ice-ufrag:abc\r\na=ice-pwd:0123456789abcdefghijkl\r\n" PRINT SETUP MUX, 488 },
  { "short-password", HEAD OPUS "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789\r\n" PRINT SETUP MUX,
    488 },
  { "ufrag-with-blank",
    HEAD OPUS "a=ice-ufrag:ab cd\r\na=ice-pwd:0123456789abcdefghijkl\r\n" PRINT SETUP MUX, 488 },
  { "static-pcma", HEAD AUDIO "8\r\n" REST, 0 },
  { "static-pcmu", HEAD AUDIO "0\r\n" REST, 488 },
  { "unknown-codec", HEAD AUDIO "97\r\na=rtpmap:97 speex/16000\r\n" REST, 488 },
  { "dynamic-without-rtpmap", HEAD AUDIO "97\r\n" REST, 488 },
  { "opus-mono", HEAD AUDIO "97\r\na=rtpmap:97 opus/48000\r\n" REST, 488 },
  { "opus-at-16000", HEAD AUDIO "97\r\na=rtpmap:97 opus/16000/2\r\n" REST, 488 },
  { "opus-in-capitals", HEAD AUDIO "97\r\na=rtpmap:97 OPUS/48000/2\r\n" REST, 0 },
  { "digits-only", HEAD AUDIO "101\r\na=rtpmap:101 telephone-event/48000\r\n" REST, 488 },
  { "red-only", HEAD AUDIO "97\r\na=rtpmap:97 red/48000/2\r\na=fmtp:97 96/96\r\n" REST, 488 },
  { "no-format", HEAD "m=audio 9 UDP/TLS/RTP/SAVPF\r\n" REST, 488 },
  { "payload-type-128", HEAD AUDIO "128 8\r\n" REST, 488 },
  { "payload-type-word", HEAD AUDIO "opus 8\r\n" REST, 488 },
  { "payload-type-minus", HEAD AUDIO "-8\r\n" REST, 488 },
  { "payload-type-twice", HEAD AUDIO "8 8\r\n" REST, 488 },
  { "payload-type-mapped-twice", GOOD "a=rtpmap:96 PCMA/8000\r\n", 488 },
  { "payload-type-of-rtcp", HEAD AUDIO "72 8\r\na=rtpmap:72 opus/48000/2\r\n" REST, 0 },
  { "clock-rate-0", HEAD AUDIO "96\r\na=rtpmap:96 opus/0/2\r\n" REST, 488 },
  { "clock-rate-huge", HEAD AUDIO "96\r\na=rtpmap:96 opus/4294967297/2\r\n" REST, 488 },
  { "channels-0", HEAD AUDIO "96\r\na=rtpmap:96 opus/48000/0\r\n" REST, 488 },
  { "channels-999", HEAD AUDIO "96\r\na=rtpmap:96 opus/48000/999\r\n" REST, 488 },
  { "bandwidth-0", HEAD OPUS "b=AS:0\r\n" REST, 0 },
  { "candidate-nonsense", GOOD "a=candidate:x\r\na=candidate:\r\na=candidate:1 1 UDP\r\n", 0 },
  { "eight-media",
    HEAD OPUS REST "m=video 0 RTP/AVP 31\r\nm=video 0 RTP/AVP 31\r\n"
                   "m=video 0 RTP/AVP 31\r\nm=video 0 RTP/AVP 31\r\nm=video 0 RTP/AVP 31\r\n"
                   "m=video 0 RTP/AVP 31\r\nm=video 0 RTP/AVP 31\r\n",
    0 },
  { "nine-media",
    HEAD OPUS REST "m=video 0 RTP/AVP 31\r\nm=video 0 RTP/AVP 31\r\n"
                   "m=video 0 RTP/AVP 31\r\nm=video 0 RTP/AVP 31\r\nm=video 0 RTP/AVP 31\r\n"
                   "m=video 0 RTP/AVP 31\r\nm=video 0 RTP/AVP 31\r\nm=video 0 RTP/AVP 31\r\n",
    488 },
};

static int
judge (const char *text)
{
  g_autofree MediaDescription *media = g_new0 (MediaDescription, 1);
  MediaCodec codecs[MEDIA_CODECS_MAX];
  int status = sdp_read (bytes_of_text (text), media);

  if (status != 0)
    return status;
  return sdp_common_codecs (media, own, G_N_ELEMENTS (own), false, codecs) > 0 ? 0 : 488;
}

static void
test_offers (void)
{
  g_assert_cmpuint (G_N_ELEMENTS (offers), >=, 60);
  for (size_t i = 0; i < G_N_ELEMENTS (offers); i++) {
    g_test_message ("%s", offers[i].what);
    g_assert_cmpint (judge (offers[i].text), ==, offers[i].status);
  }
}

static void
test_sizes (void)
{
  g_autoptr (GString) formats = g_string_new (HEAD "m=audio 9 UDP/TLS/RTP/SAVPF");
  g_autofree char *fmtp = g_strnfill (10000, 'x');
  g_autofree char *long_fmtp = g_strdup_printf (GOOD "a=fmtp:96 %s\r\n", fmtp);
  g_autofree char *long_text = g_strnfill (20000, 'x');
  g_autofree char *huge = g_strconcat (GOOD "a=x:", long_text, "\r\n", NULL);
  g_autofree char *ufrag =
    g_strdup_printf (HEAD OPUS PRINT SETUP MUX "a=ice-pwd:0123456789abcdefghijkl\r\n"
                                               "a=ice-ufrag:%.257s\r\n",
                     fmtp);

  for (unsigned i = 0; i < 33; i++)
    g_string_append_printf (formats, " %u", i);
  g_string_append (formats, "\r\n" REST);
  g_assert_cmpint (judge (formats->str), ==, 488);
  g_assert_cmpint (judge (long_fmtp), ==, 488);
  g_assert_cmpint (judge (huge), ==, 400);
  g_assert_cmpint (judge (ufrag), ==, 488);
}

static void
read_good (const char *text, MediaDescription *ret_media)
{
  g_assert_cmpint (sdp_read (bytes_of_text (text), ret_media), ==, 0);
}

static void
test_values (void)
{
  g_autofree MediaDescription *media = g_new0 (MediaDescription, 1);

  static const struct {
    const char *line;
    unsigned ptime_ms;
  } ptimes[] = { { "", 20 },
                 { "a=ptime:0\r\n", 10 },
                 { "a=ptime:40\r\n", 40 },
                 { "a=ptime:1000000\r\n", 60 },
                 { "a=ptime:-1\r\n", 20 },
                 { "a=ptime:60\r\na=maxptime:30\r\n", 30 } };

  for (size_t i = 0; i < G_N_ELEMENTS (ptimes); i++) {
    g_autofree char *text = g_strconcat (GOOD, ptimes[i].line, NULL);

    read_good (text, media);
    g_assert_cmpuint (media->ptime_ms, ==, ptimes[i].ptime_ms);
  }
  read_good (HEAD "a=inactive\r\n" OPUS REST, media);
  g_assert_cmpint (media->direction, ==, MEDIA_INACTIVE);
  read_good (HEAD "a=inactive\r\n" OPUS REST "a=recvonly\r\n", media);
  g_assert_cmpint (media->direction, ==, MEDIA_RECVONLY);
  g_assert_cmpint (media->fingerprint[31], ==, 0x20);
}

static void
test_candidates (void)
{
  g_autofree MediaDescription *media = g_new0 (MediaDescription, 1);
  g_autoptr (GString) text = g_string_new (GOOD);

  g_string_append (text,
                   "a=candidate:1 1 UDP 2130706431 192.0.2.1 4000 typ host\r\n"
                   "a=candidate:2 1 udp 1694498815 198.51.100.1 4001 typ srflx raddr 192.0.2.1 "
                   "rport 4000\r\n"
                   "a=candidate:3 1 UDP 5 2001:db8::1 4002 typ relay raddr ::1 rport 9\r\n"
                   "a=candidate:4 2 UDP 5 192.0.2.1 4000 typ host\r\n"
                   "a=candidate:4 1 TCP 5 192.0.2.1 4000 typ host tcptype active\r\n"
                   "a=candidate:4 1 UDP 5 192.0.2.1 4000 typ prflx\r\n"
                   "a=candidate:4 1 UDP 0 192.0.2.1 4000 typ host\r\n"
                   "a=candidate:4 1 UDP 5 192.0.2.1 0 typ host\r\n"
                   "a=candidate:4 1 UDP 5 192.0.2.1 65536 typ host\r\n"
                   "a=candidate:4 1 UDP 5 name.local 4000 typ host\r\n"
                   "a=candidate:4 1 UDP 5 fe80::1%eth0 4000 typ host\r\n"
                   "a=candidate:4 1 UDP 4294967296 192.0.2.1 4000 typ host\r\n");
  read_good (text->str, media);
  g_assert_cmpuint (media->ice.candidate_count, ==, 3);
  g_assert_cmpuint (media->ice.candidates[1].related.port, ==, 4000);
  g_assert_cmpint (media->ice.candidates[2].address.family, ==, ADDRESS_IPV6);
  for (unsigned i = 0; i < 20; i++)
    g_string_append_printf (text, "a=candidate:9 1 UDP 5 192.0.2.1 %u typ host\r\n", 5000 + i);
  read_good (text->str, media);
  g_assert_cmpuint (media->ice.candidate_count, ==, LIMIT_CANDIDATES);
}

static void
describe (MediaDescription *ret_media)
{
  *ret_media = (MediaDescription){ .setup = MEDIA_SETUP_ACTIVE,
                                   .direction = MEDIA_SENDRECV,
                                   .ptime_ms = 20,
                                   .codec_count = G_N_ELEMENTS (own) };
  memcpy (ret_media->codecs, own, sizeof own);
  memset (ret_media->fingerprint, 0xab, sizeof ret_media->fingerprint);
  g_strlcpy (ret_media->tls_id, "the-first-association", MEDIA_TLS_ID_SIZE);
  g_strlcpy (ret_media->ice.ufrag, "uuuu", 5);
  g_strlcpy (ret_media->ice.password, "pppppppppppppppppppppp", 23);
  ret_media->ice.candidate_count = 2;
  ret_media->ice.candidates[0] = (Candidate){ .type = CANDIDATE_HOST, .priority = 7 };
  ret_media->ice.candidates[1] = (Candidate){ .type = CANDIDATE_RELAYED, .priority = 3 };
  address_from_text ("[2001:db8::7]:4000", &ret_media->ice.candidates[0].address);
  address_from_text ("198.51.100.7:5000", &ret_media->ice.candidates[1].address);
  address_from_text ("192.0.2.7:4000", &ret_media->ice.candidates[1].related);
  g_strlcpy (ret_media->ice.candidates[0].foundation, "a", 2);
  g_strlcpy (ret_media->ice.candidates[1].foundation, "b", 2);
}

static void
assert_same (const MediaDescription *a, const MediaDescription *b)
{
  g_assert_cmpint (a->setup, ==, b->setup);
  g_assert_cmpint (a->direction, ==, b->direction);
  g_assert_cmpuint (a->codec_count, ==, b->codec_count);
  for (size_t i = 0; i < a->codec_count; i++) {
    g_assert_cmpstr (a->codecs[i].name, ==, b->codecs[i].name);
    g_assert_cmpstr (a->codecs[i].fmtp, ==, b->codecs[i].fmtp);
  }
  g_assert_cmpmem (a->fingerprint, 32, b->fingerprint, 32);
  g_assert_cmpstr (a->tls_id, ==, b->tls_id);
  g_assert_cmpstr (a->ice.ufrag, ==, b->ice.ufrag);
  g_assert_cmpuint (a->ice.candidate_count, ==, b->ice.candidate_count);
  for (size_t i = 0; i < a->ice.candidate_count; i++) {
    g_assert_true (address_equal (&a->ice.candidates[i].address, &b->ice.candidates[i].address));
    g_assert_true (address_equal (&a->ice.candidates[i].related, &b->ice.candidates[i].related));
    g_assert_cmpstr (a->ice.candidates[i].foundation, ==, b->ice.candidates[i].foundation);
  }
}

static void
test_round (void)
{
  g_autofree MediaDescription *local = g_new0 (MediaDescription, 1);
  g_autofree MediaDescription *back = g_new0 (MediaDescription, 1);
  g_autofree char *offer = NULL;

  describe (local);
  offer = sdp_write_offer (&(SdpIdentity){ UINT64_MAX, 1 }, local);
  g_assert_nonnull (strstr (offer, "m=audio 5000 UDP/TLS/RTP/SAVPF 96 63 8 101\r\n"
                                   "c=IN IP4 198.51.100.7\r\n"));
  read_good (offer, back);
  assert_same (local, back);
}

static void
test_answer (void)
{
  static const char offer[] = HEAD "m=video 9 UDP/TLS/RTP/SAVPF 31\r\n" OPUS REST
                                   "m=audio 9 RTP/AVP 8\r\nm=x\x01y 9 a/b 1\r\n";
  g_autofree MediaDescription *local = g_new0 (MediaDescription, 1);
  g_autofree MediaDescription *back = g_new0 (MediaDescription, 1);
  g_autofree char *answer = NULL;

  describe (local);
  answer = sdp_write_answer (&(SdpIdentity){ 1, 1 }, local, bytes_of_text (offer));
  g_assert_nonnull (strstr (answer, "t=0 0\r\nm=video 0 UDP/TLS/RTP/SAVPF 31\r\n"));
  g_assert_nonnull (strstr (answer, "\r\nm=audio 0 RTP/AVP 8\r\n"));
  g_assert_true (g_str_has_suffix (answer, "m=application 0 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n"));
  read_good (answer, back);
  assert_same (local, back);
}

/* RFC 8842, 4: what is none is not read. */
static void
assert_tls_id (const char *said, const char *read)
{
  g_autofree MediaDescription *media = g_new0 (MediaDescription, 1);
  g_autofree char *text = g_strconcat (GOOD "a=tls-id:", said, "\r\n", NULL);

  read_good (text, media);
  g_assert_cmpstr (media->tls_id, ==, read);
}

static void
test_tls_id (void)
{
  g_autofree char *longest = g_strnfill (MEDIA_TLS_ID_SIZE - 1, 'x');
  g_autofree char *longer = g_strnfill (MEDIA_TLS_ID_SIZE, 'x');

  assert_tls_id ("", "");
  assert_tls_id ("0123456789012345678", "");
  assert_tls_id ("01234567890123456789", "01234567890123456789");
  assert_tls_id ("with blanks in the middle of it", "");
  assert_tls_id (longest, longest);
  assert_tls_id (longer, "");
}

static void
test_common (void)
{
  g_autofree MediaDescription *remote = g_new0 (MediaDescription, 1);
  MediaCodec codecs[MEDIA_CODECS_MAX];

  read_good (HEAD AUDIO "111 0 120 8 121\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 stereo=1\r\n"
                        "a=rtpmap:120 red/48000/2\r\na=fmtp:120 111/111\r\n"
                        "a=rtpmap:121 red/48000/2\r\na=fmtp:121 111/0\r\n" REST,
             remote);
  g_assert_cmpuint (sdp_common_codecs (remote, own, G_N_ELEMENTS (own), false, codecs), ==, 3);
  g_assert_cmpuint (codecs[0].payload_type, ==, 111);
  g_assert_cmpstr (codecs[0].fmtp, ==, "stereo=1");
  g_assert_cmpuint (codecs[1].payload_type, ==, 120);
  g_assert_cmpuint (codecs[2].payload_type, ==, 8);
  g_assert_cmpuint (sdp_common_codecs (remote, own, G_N_ELEMENTS (own), true, codecs), ==, 3);
  g_assert_cmpstr (codecs[0].fmtp, ==, "useinbandfec=1");
  g_assert_cmpstr (codecs[1].fmtp, ==, "111/111");
}

static void
test_direction (void)
{
  g_assert_cmpint (sdp_answer_direction (MEDIA_SENDRECV, MEDIA_SENDRECV), ==, MEDIA_SENDRECV);
  g_assert_cmpint (sdp_answer_direction (MEDIA_SENDONLY, MEDIA_SENDRECV), ==, MEDIA_RECVONLY);
  g_assert_cmpint (sdp_answer_direction (MEDIA_RECVONLY, MEDIA_SENDRECV), ==, MEDIA_SENDONLY);
  g_assert_cmpint (sdp_answer_direction (MEDIA_SENDRECV, MEDIA_SENDONLY), ==, MEDIA_SENDONLY);
  g_assert_cmpint (sdp_answer_direction (MEDIA_SENDONLY, MEDIA_SENDONLY), ==, MEDIA_INACTIVE);
  g_assert_cmpint (sdp_answer_direction (MEDIA_INACTIVE, MEDIA_SENDRECV), ==, MEDIA_INACTIVE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sip/sdp/threat-4.9-threat-4.4-each-offer-gets-its-answer", test_offers);
  g_test_add_func ("/sip/sdp/threat-4.9-sizes-are-bounded", test_sizes);
  g_test_add_func ("/sip/sdp/threat-4.9-values-are-clamped", test_values);
  g_test_add_func ("/sip/sdp/only-usable-candidates-are-taken", test_candidates);
  g_test_add_func ("/sip/sdp/an-offer-reads-as-it-was-written", test_round);
  g_test_add_func ("/sip/sdp/an-answer-has-the-offers-lines", test_answer);
  g_test_add_func ("/sip/sdp/threat-4.9-an-association-has-a-proper-name", test_tls_id);
  g_test_add_func ("/sip/sdp/common-codecs-have-their-numbers", test_common);
  g_test_add_func ("/sip/sdp/directions-intersect", test_direction);
  return g_test_run ();
}
