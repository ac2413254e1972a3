/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/sdp.h"
#include <gst/sdp/gstsdpmessage.h>
#include <string.h>

/* GStreamer's parser takes the text apart into lines; every number and every token in them is
 * checked here. Reading an offer and writing its answer look for the same m-line with the same
 * function, so that they cannot disagree on which one is meant. */

#define PROTOCOL "UDP/TLS/RTP/SAVPF"

enum {
  PTIME_DEFAULT = 20,
  PTIME_MIN = 10,
  PTIME_MAX = 60,
  CLOCK_RATE_MAX = 192000,
  CHANNELS_MAX = 8,
  DISCARD_PORT = 9,
  TLS_ID_MIN = 20,
};

static const MediaCodec static_formats[] = {
  { .name = "PCMU", .clock_rate = 8000, .channels = 1, .payload_type = 0 },
  { .name = "PCMA", .clock_rate = 8000, .channels = 1, .payload_type = 8 },
  { .name = "G722", .clock_rate = 8000, .channels = 1, .payload_type = 9 },
};

static const char *const direction_names[] = {
  [MEDIA_INACTIVE] = "inactive",
  [MEDIA_SENDONLY] = "sendonly",
  [MEDIA_RECVONLY] = "recvonly",
  [MEDIA_SENDRECV] = "sendrecv",
};

static const char *const setup_names[] = {
  [MEDIA_SETUP_ACTPASS] = "actpass",
  [MEDIA_SETUP_ACTIVE] = "active",
  [MEDIA_SETUP_PASSIVE] = "passive",
};

/* ---- Small readers ---- */

static bool
read_number (const char *text, uint32_t max, uint32_t *ret_number)
{
  uint64_t number = 0;

  if (text == NULL || !g_ascii_isdigit (text[0]) ||
      !g_ascii_string_to_unsigned (text, 10, 0, max, &number, NULL))
    return false;
  *ret_number = (uint32_t) number;
  return true;
}

/* RFC 8866, 9: token. */
static bool
is_token (const char *text)
{
  if (text == NULL || text[0] == '\0')
    return false;
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("!#$%&'*+-.^_`{|}~", *p) == NULL)
      return false;
  return true;
}

/* RFC 8839, 5.4 and 5.1: ice-char. */
static bool
is_ice_text (const char *text, size_t size_min, size_t size_max)
{
  size_t size = text != NULL ? strlen (text) : 0;

  for (size_t i = 0; i < size; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '+' && text[i] != '/')
      return false;
  return size >= size_min && size <= size_max;
}

static bool
read_name (const char *const *names, size_t count, const char *text, unsigned *ret_index)
{
  for (unsigned i = 0; text != NULL && i < count; i++)
    if (strcmp (text, names[i]) == 0) {
      *ret_index = i;
      return true;
    }
  return false;
}

/* The attribute of the m-line, or else of the session. */
static const char *
attribute (const GstSDPMessage *sdp, const GstSDPMedia *media, const char *name, guint nth)
{
  const char *value = gst_sdp_media_get_attribute_val_n (media, name, nth);

  if (value == NULL && gst_sdp_media_get_attribute_val (media, name) == NULL)
    value = gst_sdp_message_get_attribute_val_n (sdp, name, nth);
  return value;
}

static bool
has_attribute (const GstSDPMessage *sdp, const GstSDPMedia *media, const char *name)
{
  return attribute (sdp, media, name, 0) != NULL;
}

/* ---- The parts of an m-line ---- */

static bool
read_fingerprint (const GstSDPMessage *sdp, const GstSDPMedia *media, uint8_t *ret_fingerprint)
{
  for (guint n = 0;; n++) {
    const char *value = attribute (sdp, media, "fingerprint", n);
    g_auto (GStrv) words = value != NULL ? g_strsplit (value, " ", 3) : NULL;
    g_auto (GStrv) octets = NULL;
    g_autofree char *hex = NULL;

    if (value == NULL)
      return false;
    if (g_strv_length (words) != 2 || g_ascii_strcasecmp (words[0], "sha-256") != 0)
      continue;
    octets = g_strsplit (words[1], ":", MEDIA_FINGERPRINT_SIZE + 1);
    hex = g_strjoinv ("", octets);
    return g_strv_length (octets) == MEDIA_FINGERPRINT_SIZE &&
           strlen (words[1]) == 3 * MEDIA_FINGERPRINT_SIZE - 1 &&
           bytes_from_hex (hex, ret_fingerprint, MEDIA_FINGERPRINT_SIZE);
  }
}

/* Two different values on one level contradict each other. */
static bool
read_setup (const GstSDPMessage *sdp, const GstSDPMedia *media, MediaSetup *ret_setup)
{
  const char *value = attribute (sdp, media, "setup", 0);
  const char *second = attribute (sdp, media, "setup", 1);
  unsigned index = 0;

  if (second != NULL && strcmp (second, value) != 0)
    return false;
  if (!read_name (setup_names, G_N_ELEMENTS (setup_names), value, &index))
    return false;
  *ret_setup = (MediaSetup) index;
  return true;
}

static MediaDirection
read_direction (const GstSDPMessage *sdp, const GstSDPMedia *media)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (direction_names); i++)
    if (gst_sdp_media_get_attribute_val (media, direction_names[i]) != NULL)
      return (MediaDirection) i;
  for (unsigned i = 0; i < G_N_ELEMENTS (direction_names); i++)
    if (gst_sdp_message_get_attribute_val (sdp, direction_names[i]) != NULL)
      return (MediaDirection) i;
  return MEDIA_SENDRECV;
}

/* 32 bytes in base64; anything else counts as missing. */
static bool
read_words (const GstSDPMessage *sdp, const GstSDPMedia *media, uint8_t *ret_words)
{
  const char *value = attribute (sdp, media, "peal-words", 0);
  g_autofree uint8_t *bytes = NULL;
  g_autofree char *again = NULL;
  size_t size = 0;

  if (value == NULL || value[0] == '\0' || attribute (sdp, media, "peal-words", 1) != NULL)
    return false;
  bytes = g_base64_decode (value, &size);
  again = g_base64_encode (bytes, size);
  if (size != MEDIA_WORDS_SIZE || strcmp (value, again) != 0)
    return false;
  memcpy (ret_words, bytes, size);
  return true;
}

/* RFC 8842, 4; anything else counts as missing. */
static void
read_tls_id (const GstSDPMedia *media, char ret_tls_id[MEDIA_TLS_ID_SIZE])
{
  const char *value = gst_sdp_media_get_attribute_val (media, "tls-id");
  size_t size = value != NULL ? strlen (value) : 0;

  for (size_t i = 0; i < size; i++)
    if (!g_ascii_isalnum (value[i]) && strchr ("+/-_", value[i]) == NULL)
      return;
  if (size >= TLS_ID_MIN && size < MEDIA_TLS_ID_SIZE)
    g_strlcpy (ret_tls_id, value, MEDIA_TLS_ID_SIZE);
}

static bool
read_address (const char *text, const char *port, Address *ret_address)
{
  uint32_t number = 0;

  if (text == NULL || !read_number (port, UINT16_MAX, &number) || strchr (text, '[') != NULL ||
      strchr (text, '%') != NULL)
    return false;
  if (strchr (text, ':') != NULL) {
    g_autofree char *bracketed = g_strdup_printf ("[%s]:%u", text, number);

    return address_from_text (bracketed, ret_address);
  }
  if (!address_from_text (text, ret_address) || ret_address->port != 0)
    return false;
  ret_address->port = (uint16_t) number;
  return true;
}

static bool
read_candidate_type (const char *text, CandidateType *ret_type)
{
  if (g_strcmp0 (text, "host") == 0)
    *ret_type = CANDIDATE_HOST;
  else if (g_strcmp0 (text, "srflx") == 0)
    *ret_type = CANDIDATE_SERVER_REFLEXIVE;
  else if (g_strcmp0 (text, "relay") == 0)
    *ret_type = CANDIDATE_RELAYED;
  else
    return false;
  return true;
}

/* RFC 8839, 5.1: foundation component transport priority address port "typ" type
 * ["raddr" address "rport" port]. What we cannot use is passed over. */
static bool
read_candidate (const char *text, Candidate *ret_candidate)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 24);
  guint count = g_strv_length (words);
  Candidate candidate = { 0 };

  if (count < 8 || !is_ice_text (words[0], 1, 32) || strcmp (words[1], "1") != 0 ||
      g_ascii_strcasecmp (words[2], "UDP") != 0 || strcmp (words[6], "typ") != 0)
    return false;
  if (!read_number (words[3], INT32_MAX, &candidate.priority) || candidate.priority == 0 ||
      !read_address (words[4], words[5], &candidate.address) || candidate.address.port == 0 ||
      !read_candidate_type (words[7], &candidate.type))
    return false;
  g_strlcpy (candidate.foundation, words[0], sizeof candidate.foundation);
  if (candidate.type != CANDIDATE_HOST && count >= 12 && strcmp (words[8], "raddr") == 0 &&
      strcmp (words[10], "rport") == 0 && !read_address (words[9], words[11], &candidate.related))
    return false;
  *ret_candidate = candidate;
  return true;
}

static bool
read_ice (const GstSDPMessage *sdp, const GstSDPMedia *media, IceDescription *ret_ice)
{
  const char *ufrag = attribute (sdp, media, "ice-ufrag", 0);
  const char *password = attribute (sdp, media, "ice-pwd", 0);
  const char *text;

  if (!is_ice_text (ufrag, 4, 256) || !is_ice_text (password, 22, 256))
    return false;
  g_strlcpy (ret_ice->ufrag, ufrag, sizeof ret_ice->ufrag);
  g_strlcpy (ret_ice->password, password, sizeof ret_ice->password);
  for (guint n = 0; (text = gst_sdp_media_get_attribute_val_n (media, "candidate", n)) != NULL &&
                    ret_ice->candidate_count < LIMIT_CANDIDATES;
       n++)
    if (read_candidate (text, &ret_ice->candidates[ret_ice->candidate_count]))
      ret_ice->candidate_count++;
  return true;
}

/* ---- Formats ---- */

/* The text after "PT " of the nth attribute `name` that is about that payload type; `ret_count`
 * says how many there are. */
static const char *
format_attribute (const GstSDPMedia *media, const char *name, const char *format, guint *ret_count)
{
  const char *found = NULL, *value;
  size_t size = strlen (format);

  *ret_count = 0;
  for (guint n = 0; (value = gst_sdp_media_get_attribute_val_n (media, name, n)) != NULL; n++)
    if (strncmp (value, format, size) == 0 && value[size] == ' ') {
      found = value + size + 1;
      ++*ret_count;
    }
  return found;
}

static bool
read_rtpmap (const char *text, MediaCodec *codec)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 4);
  guint count = g_strv_length (parts);
  uint32_t channels = 1;

  if (count < 2 || count > 3 || !is_token (parts[0]) || strlen (parts[0]) >= sizeof codec->name ||
      !read_number (parts[1], CLOCK_RATE_MAX, &codec->clock_rate) || codec->clock_rate == 0)
    return false;
  if (count == 3 && (!read_number (parts[2], CHANNELS_MAX, &channels) || channels == 0))
    return false;
  g_strlcpy (codec->name, parts[0], sizeof codec->name);
  codec->channels = (uint8_t) channels;
  return true;
}

static bool
is_text (const char *text)
{
  for (; *text != '\0'; text++)
    if ((uint8_t) *text < 0x20 || *text == 0x7f)
      return false;
  return true;
}

typedef enum FormatVerdict { FORMAT_GOOD, FORMAT_UNUSABLE, FORMAT_WRONG } FormatVerdict;

static FormatVerdict
read_format (const GstSDPMedia *media, const char *format, MediaCodec *ret_codec)
{
  MediaCodec codec = { 0 };
  uint32_t payload_type = 0;
  guint count;
  const char *rtpmap = format_attribute (media, "rtpmap", format, &count);
  const char *fmtp;

  if (!read_number (format, 127, &payload_type) || count > 1)
    return FORMAT_WRONG;
  if (payload_type >= 64 && payload_type <= 95) /* RTCP on the same port (RFC 5761, 4) */
    return FORMAT_UNUSABLE;
  for (size_t i = 0; i < G_N_ELEMENTS (static_formats); i++)
    if (static_formats[i].payload_type == payload_type)
      codec = static_formats[i];
  codec.payload_type = (uint8_t) payload_type;
  if (rtpmap != NULL && !read_rtpmap (rtpmap, &codec))
    return FORMAT_UNUSABLE;
  if (codec.clock_rate == 0)
    return FORMAT_UNUSABLE;
  fmtp = format_attribute (media, "fmtp", format, &count);
  if (fmtp != NULL && (strlen (fmtp) >= sizeof codec.fmtp || !is_text (fmtp)))
    return FORMAT_UNUSABLE;
  if (fmtp != NULL)
    g_strlcpy (codec.fmtp, fmtp, sizeof codec.fmtp);
  *ret_codec = codec;
  return FORMAT_GOOD;
}

static bool
read_formats (const GstSDPMedia *media, MediaDescription *ret_media)
{
  guint count = gst_sdp_media_formats_len (media);
  bool is_seen[128] = { false };

  if (count == 0 || count > LIMIT_SDP_FORMATS)
    return false;
  for (guint i = 0; i < count; i++) {
    MediaCodec codec = { 0 };
    uint32_t payload_type = 0;
    const char *format = gst_sdp_media_get_format (media, i);
    FormatVerdict verdict = read_format (media, format, &codec);

    if (verdict == FORMAT_WRONG || !read_number (format, 127, &payload_type) ||
        is_seen[payload_type])
      return false;
    is_seen[payload_type] = true;
    if (verdict == FORMAT_GOOD)
      ret_media->codecs[ret_media->codec_count++] = codec;
  }
  return ret_media->codec_count > 0;
}

static unsigned
read_ptime (const GstSDPMedia *media)
{
  uint32_t ptime = PTIME_DEFAULT, most = PTIME_MAX;
  const char *text = gst_sdp_media_get_attribute_val (media, "ptime");

  if (text != NULL && !read_number (text, UINT32_MAX, &ptime))
    ptime = PTIME_DEFAULT;
  if (!read_number (gst_sdp_media_get_attribute_val (media, "maxptime"), UINT32_MAX, &most))
    most = PTIME_MAX;
  return CLAMP (MIN (ptime, most), PTIME_MIN, PTIME_MAX);
}

/* ---- The whole ---- */

/* NULL when the text is no SDP; to be freed with gst_sdp_message_free(). */
static GstSDPMessage *
parse (Bytes text)
{
  GstSDPMessage *sdp = NULL;

  if (text.size < 4 || text.size > LIMIT_SDP_SIZE || memcmp (text.data, "v=0", 3) != 0 ||
      memchr (text.data, '\0', text.size) != NULL)
    return NULL;
  gst_sdp_message_new (&sdp);
  if (gst_sdp_message_parse_buffer (text.data, (guint) text.size, sdp) == GST_SDP_OK &&
      gst_sdp_message_get_origin (sdp) != NULL && gst_sdp_message_get_origin (sdp)->sess_id != NULL)
    return sdp;
  gst_sdp_message_free (sdp);
  return NULL;
}

/* The m-line that carries the sound, or -1. */
static int
find_audio (const GstSDPMessage *sdp)
{
  guint count = gst_sdp_message_medias_len (sdp);

  for (guint i = 0; i < count && count <= LIMIT_SDP_MEDIA; i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (sdp, i);

    if (g_strcmp0 (media->media, "audio") == 0 && g_strcmp0 (media->proto, PROTOCOL) == 0 &&
        media->port > 0 && media->port <= UINT16_MAX && media->num_ports <= 1)
      return (int) i;
  }
  return -1;
}

static bool
read_audio (const GstSDPMessage *sdp, const GstSDPMedia *media, MediaDescription *ret_media)
{
  if (has_attribute (sdp, media, "crypto") || !has_attribute (sdp, media, "rtcp-mux"))
    return false;
  ret_media->direction = read_direction (sdp, media);
  ret_media->ptime_ms = read_ptime (media);
  ret_media->has_words = read_words (sdp, media, ret_media->words);
  read_tls_id (media, ret_media->tls_id);
  return read_fingerprint (sdp, media, ret_media->fingerprint) &&
         read_setup (sdp, media, &ret_media->setup) && read_ice (sdp, media, &ret_media->ice) &&
         read_formats (media, ret_media);
}

int
sdp_read (Bytes text, MediaDescription *ret_media)
{
  g_autofree MediaDescription *media = g_new0 (MediaDescription, 1);
  GstSDPMessage *sdp = parse (text);
  int index, status = 488;

  if (sdp == NULL)
    return 400;
  index = find_audio (sdp);
  if (index >= 0 && read_audio (sdp, gst_sdp_message_get_media (sdp, (guint) index), media))
    status = 0;
  gst_sdp_message_free (sdp);
  if (status == 0)
    *ret_media = *media;
  return status;
}

/* ---- Writing ---- */

/* Where an agent without ICE would send: the candidate most likely to be reached. */
static const Candidate *
default_candidate (const IceDescription *ice)
{
  const Candidate *best = NULL;

  for (size_t i = 0; i < ice->candidate_count; i++)
    if (best == NULL || ice->candidates[i].type > best->type)
      best = &ice->candidates[i];
  return best;
}

/* The address alone; the port is written apart. */
static const char *
host_text (const Address *address, char ret_text[ADDRESS_TEXT_SIZE])
{
  Address host = *address;
  size_t size;

  host.port = 0;
  host.scope = 0;
  address_to_text (&host, ret_text);
  size = strlen (ret_text);
  if (ret_text[0] == '[') {
    char *end = strchr (ret_text, ']');

    *end = '\0';
    memmove (ret_text, ret_text + 1, (size_t) (end - ret_text));
  } else if (size > 2 && strcmp (ret_text + size - 2, ":0") == 0) {
    ret_text[size - 2] = '\0';
  }
  return ret_text;
}

static const char *
candidate_type_name (CandidateType type)
{
  switch (type) {
  case CANDIDATE_HOST:
    return "host";
  case CANDIDATE_SERVER_REFLEXIVE:
    return "srflx";
  case CANDIDATE_RELAYED:
    return "relay";
  }
  g_assert_not_reached ();
}

static void
write_candidate (GString *sdp, const Candidate *candidate)
{
  char text[ADDRESS_TEXT_SIZE];

  g_string_append_printf (sdp, "a=candidate:%s 1 UDP %u %s %u typ %s", candidate->foundation,
                          candidate->priority, host_text (&candidate->address, text),
                          candidate->address.port, candidate_type_name (candidate->type));
  if (candidate->type != CANDIDATE_HOST && candidate->related.family != ADDRESS_NONE)
    g_string_append_printf (sdp, " raddr %s rport %u", host_text (&candidate->related, text),
                            candidate->related.port);
  g_string_append (sdp, "\r\n");
}

static void
write_session (GString *sdp, const SdpIdentity *identity)
{
  g_string_append_printf (sdp,
                          "v=0\r\no=- %" G_GUINT64_FORMAT " %u IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n",
                          identity->session_id >> 1, /* fits a signed number everywhere */
                          identity->version);
}

static void
write_formats (GString *sdp, const MediaDescription *local)
{
  for (size_t i = 0; i < local->codec_count; i++) {
    const MediaCodec *codec = &local->codecs[i];

    g_string_append_printf (sdp, "a=rtpmap:%u %s/%u", codec->payload_type, codec->name,
                            codec->clock_rate);
    if (codec->channels > 1)
      g_string_append_printf (sdp, "/%u", codec->channels);
    g_string_append (sdp, "\r\n");
    if (codec->fmtp[0] != '\0')
      g_string_append_printf (sdp, "a=fmtp:%u %s\r\n", codec->payload_type, codec->fmtp);
  }
}

static void
write_fingerprint (GString *sdp, const uint8_t *fingerprint)
{
  g_string_append (sdp, "a=fingerprint:sha-256 ");
  for (size_t i = 0; i < MEDIA_FINGERPRINT_SIZE; i++)
    g_string_append_printf (sdp, "%s%02X", i > 0 ? ":" : "", fingerprint[i]);
  g_string_append (sdp, "\r\n");
}

static void
write_words (GString *sdp, const MediaDescription *local)
{
  g_autofree char *text = g_base64_encode (local->words, MEDIA_WORDS_SIZE);

  if (local->has_words)
    g_string_append_printf (sdp, "a=peal-words:%s\r\n", text);
}

static void
write_audio (GString *sdp, const MediaDescription *local)
{
  const Candidate *candidate = default_candidate (&local->ice);
  bool is_ipv6 = candidate != NULL && candidate->address.family == ADDRESS_IPV6;
  char text[ADDRESS_TEXT_SIZE];

  g_string_append_printf (sdp, "m=audio %u " PROTOCOL,
                          candidate != NULL ? candidate->address.port : DISCARD_PORT);
  for (size_t i = 0; i < local->codec_count; i++)
    g_string_append_printf (sdp, " %u", local->codecs[i].payload_type);
  g_string_append_printf (sdp, "\r\nc=IN %s %s\r\n", is_ipv6 ? "IP6" : "IP4",
                          candidate != NULL ? host_text (&candidate->address, text) : "0.0.0.0");
  write_formats (sdp, local);
  g_string_append_printf (sdp, "a=ptime:%u\r\na=%s\r\na=rtcp-mux\r\n",
                          local->ptime_ms != 0 ? local->ptime_ms : PTIME_DEFAULT,
                          direction_names[local->direction]);
  g_string_append_printf (sdp, "a=setup:%s\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\n",
                          setup_names[local->setup], local->ice.ufrag, local->ice.password);
  write_fingerprint (sdp, local->fingerprint);
  if (local->tls_id[0] != '\0')
    g_string_append_printf (sdp, "a=tls-id:%s\r\n", local->tls_id);
  write_words (sdp, local);
  for (size_t i = 0; i < local->ice.candidate_count; i++)
    write_candidate (sdp, &local->ice.candidates[i]);
}

/* RFC 3264, 6: a stream that we do not want has port 0. */
static void
write_refused (GString *sdp, const GstSDPMedia *media)
{
  g_auto (GStrv) parts = g_strsplit (media->proto != NULL ? media->proto : "", "/", -1);
  const char *format =
    gst_sdp_media_formats_len (media) > 0 ? gst_sdp_media_get_format (media, 0) : NULL;
  bool is_good = is_token (media->media) && parts[0] != NULL && is_token (format);

  for (size_t i = 0; parts[i] != NULL; i++)
    is_good = is_good && is_token (parts[i]);
  if (is_good)
    g_string_append_printf (sdp, "m=%s 0 %s %s\r\n", media->media, media->proto, format);
  else
    g_string_append (sdp, "m=application 0 RTP/AVP 0\r\n");
  g_string_append (sdp, "c=IN IP4 0.0.0.0\r\n");
}

char *
sdp_write_offer (const SdpIdentity *identity, const MediaDescription *local)
{
  GString *sdp = g_string_new (NULL);

  write_session (sdp, identity);
  write_audio (sdp, local);
  return g_string_free (sdp, FALSE);
}

char *
sdp_write_answer (const SdpIdentity *identity, const MediaDescription *local, Bytes offer)
{
  GString *sdp = g_string_new (NULL);
  GstSDPMessage *offered = parse (offer);
  int audio = offered != NULL ? find_audio (offered) : -1;

  g_assert (audio >= 0); /* sdp_read() took it */
  write_session (sdp, identity);
  for (guint i = 0; i < gst_sdp_message_medias_len (offered); i++)
    if ((int) i == audio)
      write_audio (sdp, local);
    else
      write_refused (sdp, gst_sdp_message_get_media (offered, i));
  gst_sdp_message_free (offered);
  return g_string_free (sdp, FALSE);
}
