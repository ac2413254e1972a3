/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sound server's own list, by GStreamer's provider for it; a device's id is the server's name
 * for it, which is what pulsesrc and pulsesink take. Monitors (what a speaker plays, as a source)
 * are no microphones and are left out.
 *
 * Without a server the provider does not start; it is tried again whenever the list is asked for,
 * and also when it is empty, since a provider does not survive its server.
 */
#define G_LOG_DOMAIN "media"
#include "media/device.h"

#include <gst/gst.h>

struct DeviceList {
  GstDeviceProvider *provider; /* NULL when the plugin has none */
  bool is_started;
  unsigned bus_id;
  DeviceListFunc changed;
  void *user_data;
};

static gboolean
on_bus_message (GstBus *bus, GstMessage *message, void *user_data)
{
  DeviceList *self = user_data;
  GstMessageType type = GST_MESSAGE_TYPE (message);
  bool is_change = type == GST_MESSAGE_DEVICE_ADDED || type == GST_MESSAGE_DEVICE_REMOVED ||
                   type == GST_MESSAGE_DEVICE_CHANGED;
  if (is_change && self->changed != NULL)
    self->changed (self->user_data);
  return G_SOURCE_CONTINUE;
}

static bool
is_monitor (const GstStructure *properties)
{
  const char *class =
    properties == NULL ? NULL : gst_structure_get_string (properties, "device.class");
  return g_strcmp0 (class, "monitor") == 0;
}

/* NULL for what a person would not choose. */
static CallMediaDevice *
make_entry (GstDevice *device)
{
  g_autoptr (GstStructure) properties = gst_device_get_properties (device);
  if (is_monitor (properties) ||
      g_object_class_find_property (G_OBJECT_GET_CLASS (device), "internal-name") == NULL)
    return NULL;
  gboolean is_default = FALSE;
  if (properties != NULL)
    gst_structure_get_boolean (properties, "is-default", &is_default);
  CallMediaDevice *entry = g_new0 (CallMediaDevice, 1);
  g_object_get (device, "internal-name", &entry->id, NULL);
  entry->name = gst_device_get_display_name (device);
  entry->is_default = is_default;
  bool is_source = gst_device_has_classes (device, "Audio/Source");
  entry->direction = is_source ? CALL_MEDIA_INPUT : CALL_MEDIA_OUTPUT;
  return entry;
}

static GList *
list (DeviceList *self)
{
  if (self->provider != NULL && !self->is_started)
    self->is_started = gst_device_provider_start (self->provider);
  return self->is_started ? gst_device_provider_get_devices (self->provider) : NULL;
}

static void
stop (DeviceList *self)
{
  if (self->is_started)
    gst_device_provider_stop (self->provider);
  self->is_started = false;
}

DeviceList *
device_list_new (void)
{
  DeviceList *self = g_new0 (DeviceList, 1);
  self->provider = gst_device_provider_factory_get_by_name ("pulsedeviceprovider");
  if (self->provider != NULL) {
    g_autoptr (GstBus) bus = gst_device_provider_get_bus (self->provider);
    self->bus_id = gst_bus_add_watch (bus, on_bus_message, self);
  }
  return self;
}

void
device_list_free (DeviceList *self)
{
  if (self == NULL)
    return;
  stop (self);
  g_clear_handle_id (&self->bus_id, g_source_remove);
  gst_clear_object (&self->provider);
  g_free (self);
}

GPtrArray *
device_list_get (DeviceList *self)
{
  GList *devices = list (self);
  if (devices == NULL) {
    stop (self);
    devices = list (self);
  }
  GPtrArray *entries = g_ptr_array_new ();
  for (GList *l = devices; l != NULL; l = l->next) {
    CallMediaDevice *entry = make_entry (l->data);
    if (entry != NULL)
      g_ptr_array_add (entries, entry);
  }
  g_list_free_full (devices, gst_object_unref);
  return entries;
}

void
device_list_watch (DeviceList *self, DeviceListFunc changed, void *user_data)
{
  self->changed = changed;
  self->user_data = user_data;
}
