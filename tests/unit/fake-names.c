/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/fake-names.h"

typedef struct Names {
  GResolver parent;
} Names;

typedef GResolverClass NamesClass;

static const FakeNames *told;

static GType names_get_type (void);
G_DEFINE_TYPE (Names, names, G_TYPE_RESOLVER)

static void
names_lookup_service_async (GResolver *resolver,
                            const char *record,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, user_data);

  g_assert_cmpstr (record, ==, told->record);
  if (told->is_refusing)
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE, "refused");
  else if (told->port == 0)
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no such name");
  else
    g_task_return_pointer (task,
                           g_list_append (NULL, g_srv_target_new ("127.0.0.1", (guint16) told->port,
                                                                  1, 1)),
                           (GDestroyNotify) g_resolver_free_targets);
}

static GList *
names_lookup_service_finish (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
names_class_init (NamesClass *klass)
{
  klass->lookup_service_async = names_lookup_service_async;
  klass->lookup_service_finish = names_lookup_service_finish;
}

static void
names_init (Names *self)
{
}

void
fake_names_install (const FakeNames *names)
{
  g_autoptr (GResolver) resolver = g_object_new (names_get_type (), NULL);

  told = names;
  g_resolver_set_default (resolver);
}
