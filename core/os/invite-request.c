/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "core/os/invite-message.h"
#include "core/os/ports.h"
#include "core/os/socket.h"
#include "core/os/tls-stream.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* A newcomer has no certificate that anybody would accept and knows none to expect: it shows a
 * throw-away one and takes any. On a local network that is as good as the first visit ever is; what
 * comes back is an invitation whose overlay the person sees by name before joining.
 *
 * Whatever happens first is the answer. It is told from an idle source of its own, so that the
 * receiver may free the request from there. */

struct InviteRequest {
  Loop *loop;
  TlsStream *stream;
  GByteArray *heard;
  InviteMessage question;
  Timer timeout;
  GSource *answer; /* set once it is known */
  char *invitation;
  GError *error;
  InviteAnswerFunc func;
  void *user_data;
};

/* Cut to what a request may hold, between two characters. */
static void
copy_name (char ret_name[LIMIT_INVITE_NAME + 1], const char *name)
{
  const char *end;

  g_strlcpy (ret_name, name, LIMIT_INVITE_NAME + 1);
  g_utf8_validate (ret_name, -1, &end);
  ret_name[end - ret_name] = '\0';
}

static gboolean
on_answer (void *user_data)
{
  InviteRequest *self = user_data;

  self->func (self->invitation, self->error, self->user_data);
  return G_SOURCE_REMOVE;
}

/* Takes one of the two. */
static void
request_end (InviteRequest *self, char *invitation, GError *error)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  if (self->answer != NULL) {
    g_free (invitation);
    g_clear_error (&error);
    return;
  }
  self->invitation = invitation;
  self->error = error;
  timer_stop (&self->timeout);
  if (self->stream != NULL)
    tls_stream_close (self->stream);
  self->answer = g_idle_source_new ();
  g_source_set_callback (self->answer, on_answer, self, NULL);
  g_source_attach (self->answer, context);
}

static void
request_fail (InviteRequest *self, GIOErrorEnum code, const char *detail)
{
  request_end (self, NULL, g_error_new_literal (G_IO_ERROR, (int) code, detail));
}

static void
on_timeout (Timer *timer, void *owner)
{
  request_fail (owner, G_IO_ERROR_TIMED_OUT, "no answer");
}

static void
on_stream_up (void *owner)
{
  InviteRequest *self = owner;
  g_autoptr (GByteArray) bytes = invite_message_encode (&self->question);

  tls_stream_send (self->stream, (Bytes){ bytes->data, bytes->len });
}

static void
on_stream_receive (void *owner, Bytes bytes)
{
  InviteRequest *self = owner;
  InviteMessage message;

  g_byte_array_append (self->heard, bytes.data, (unsigned) bytes.size);
  switch (invite_message_decode ((Bytes){ self->heard->data, self->heard->len }, &message)) {
  case INVITE_READING_MORE:
    break;
  case INVITE_READING_BAD:
    request_fail (self, G_IO_ERROR_INVALID_DATA, "answer");
    break;
  case INVITE_READING_DONE:
    if (!message.is_answer)
      request_fail (self, G_IO_ERROR_INVALID_DATA, "answer");
    else if (message.invitation[0] == '\0')
      request_fail (self, G_IO_ERROR_PERMISSION_DENIED, "refused");
    else
      request_end (self, g_strdup (message.invitation), NULL);
    break;
  }
}

static void
on_stream_down (void *owner, LinkEnd end)
{
  request_fail (owner,
                end == LINK_END_UNREACHABLE ? G_IO_ERROR_HOST_UNREACHABLE
                                            : G_IO_ERROR_CONNECTION_REFUSED,
                "connection");
}

static const TlsStreamEvents stream_events = { on_stream_up, on_stream_receive, on_stream_down };

InviteRequest *
invite_request_new (const Address *listener,
                    const char *user_name,
                    const char *computer_name,
                    unsigned timeout_s,
                    InviteAnswerFunc func,
                    void *user_data)
{
  InviteRequest *self = g_new0 (InviteRequest, 1);
  int fd = socket_connect (SOCK_STREAM, listener, NULL);
  int reason = errno;

  self->loop = loop_new ();
  self->heard = g_byte_array_new ();
  self->func = func;
  self->user_data = user_data;
  copy_name (self->question.user_name, user_name);
  copy_name (self->question.computer_name, computer_name);
  timer_init (&self->timeout, on_timeout, self);
  timer_start (&self->timeout, loop_timers (self->loop), timeout_s * TIME_SECOND);
  if (fd < 0)
    request_fail (self, g_io_error_from_errno (reason), g_strerror (reason));
  else
    self->stream =
      tls_stream_new (self->loop, fd, NULL, tls_newcomer_connection (), &stream_events, self);
  return self;
}

void
invite_request_free (InviteRequest *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->timeout);
  loop_unwatch (&self->answer);
  tls_stream_free (self->stream);
  g_byte_array_unref (self->heard);
  g_free (self->invitation);
  g_clear_error (&self->error);
  loop_free (self->loop);
  g_free (self);
}
