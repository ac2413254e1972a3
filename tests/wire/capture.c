/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/wire/capture.h"

enum {
  PORT = 6084,
  SECOND = 1000000,
  PCAP_MAGIC = 0xa1b2c3d4,
  PCAP_RAW = 101, /* LINKTYPE_RAW: a packet begins with its IP header */
  IP_SIZE = 20,
  UDP_SIZE = 8,
  IP_DO_NOT_FRAGMENT = 0x4000,
  IP_TTL = 64,
  IP_UDP = 17,
};

struct Capture {
  GByteArray *packets;
  GString *printed;
  unsigned frames;
};

static void
put16 (GByteArray *bytes, unsigned value)
{
  const uint8_t encoded[2] = { (uint8_t) (value >> 8), (uint8_t) value };

  g_byte_array_append (bytes, encoded, sizeof encoded);
}

static void
put32 (GByteArray *bytes, uint32_t value)
{
  put16 (bytes, value >> 16);
  put16 (bytes, value & 0xffff);
}

Capture *
capture_new (void)
{
  Capture *self = g_new0 (Capture, 1);

  self->packets = g_byte_array_new ();
  self->printed = g_string_new (NULL);
  put32 (self->packets, PCAP_MAGIC);
  put16 (self->packets, 2); /* version 2.4 */
  put16 (self->packets, 4);
  put32 (self->packets, 0);
  put32 (self->packets, 0);
  put32 (self->packets, UINT16_MAX);
  put32 (self->packets, PCAP_RAW);
  return self;
}

void
capture_free (Capture *self)
{
  g_byte_array_unref (self->packets);
  g_string_free (self->printed, true);
  g_free (self);
}

/* Checksums are left out: that of UDP may be 0, and nobody here looks at IP's. */
GString *
capture_add (Capture *self, uint64_t now, uint16_t from, uint16_t to, Bytes frame)
{
  const uint32_t net = UINT32_C (10) << 24;
  uint32_t size = IP_SIZE + UDP_SIZE + (uint32_t) frame.size;
  GByteArray *bytes = self->packets;

  put32 (bytes, (uint32_t) (now / SECOND));
  put32 (bytes, (uint32_t) (now % SECOND));
  put32 (bytes, size);
  put32 (bytes, size);
  put16 (bytes, 0x4500);
  put16 (bytes, size);
  put16 (bytes, 0);
  put16 (bytes, IP_DO_NOT_FRAGMENT);
  put16 (bytes, IP_TTL << 8 | IP_UDP);
  put16 (bytes, 0);
  put32 (bytes, net + from);
  put32 (bytes, net + to);
  put16 (bytes, PORT);
  put16 (bytes, PORT);
  put16 (bytes, UDP_SIZE + (unsigned) frame.size);
  put16 (bytes, 0);
  g_byte_array_append (bytes, frame.data, (guint) frame.size);
  g_string_append_printf (self->printed, "Frame: %u\n", ++self->frames);
  return self->printed;
}

bool
capture_write (const Capture *self, const char *path)
{
  return g_file_set_contents (path, (const char *) self->packets->data, (gssize) self->packets->len,
                              NULL);
}

void
capture_save (const Capture *self, const char *folder, const char *name)
{
  g_autofree char *base = g_build_filename (folder, name, NULL);
  g_autofree char *packets = g_strconcat (base, ".pcap", NULL);
  g_autofree char *printed = g_strconcat (base, ".txt", NULL);

  if (!capture_write (self, packets) ||
      !g_file_set_contents (printed, self->printed->str, (gssize) self->printed->len, NULL))
    g_error ("cannot write to %s", folder);
}
