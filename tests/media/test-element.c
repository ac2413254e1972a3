/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this folder asks of GStreamer's elements beyond their word. */
#include "media/element.h"

enum { ROUNDS = 400 };

static void
on_buffer (GstElement *sink, GstBuffer *buffer, GstPad *pad, void *user_data)
{
  g_atomic_int_inc ((int *) user_data);
}

/* GStreamer warns of data before its stream's start, and warnings are fatal here. */
static void
branch_while_it_starts (unsigned delay)
{
  int buffers = 0;
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *source = element_add (pipeline, "audiotestsrc");
  GstElement *tee = element_add (pipeline, "tee"), *sink = element_add (pipeline, "fakesink");
  g_object_set (tee, "allow-not-linked", TRUE, NULL);
  g_object_set (sink, "signal-handoffs", TRUE, "async", FALSE, NULL);
  g_signal_connect (sink, "handoff", G_CALLBACK (on_buffer), &buffers);
  gst_element_link (source, tee);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (volatile unsigned i = 0; i < delay; i++)
    continue;
  g_autoptr (GstPad) branch = element_request_branch (tee);
  g_assert_true (element_link_pad (branch, sink));
  while (g_atomic_int_get (&buffers) < 3)
    g_thread_yield ();
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

static void
test_a_branch_of_a_starting_tee_misses_no_event (void)
{
  for (unsigned i = 0; i < ROUNDS; i++)
    branch_while_it_starts (i * 1000);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/element/a-branch-of-a-starting-tee-misses-no-event",
                   test_a_branch_of_a_starting_tee_misses_no_event);
  return g_test_run ();
}
