/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list.h: an intrusive doubly linked list; the link lives inside its element. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* A head is a ListLink that points to itself when the list is empty. A zeroed ListLink is on no
 * list, and list_remove() accepts it. */
typedef struct ListLink {
  struct ListLink *next;
  struct ListLink *previous;
} ListLink;

static inline void
list_init (ListLink *head)
{
  head->next = head->previous = head;
}

static inline bool
list_is_empty (const ListLink *head)
{
  return head->next == head;
}

static inline bool
list_is_linked (const ListLink *link)
{
  return link->next != NULL;
}

static inline void
list_append (ListLink *head, ListLink *link)
{
  g_assert (!list_is_linked (link));
  link->next = head;
  link->previous = head->previous;
  head->previous->next = link;
  head->previous = link;
}

static inline void
list_remove (ListLink *link)
{
  if (!list_is_linked (link))
    return;
  link->previous->next = link->next;
  link->next->previous = link->previous;
  link->next = link->previous = NULL;
}

#define list_element(link, Type, member) \
  ((Type *) (void *) ((char *) (link) -offsetof (Type, member)))

/* Walks a list; the current element may be removed from it and freed. */
#define list_for_each(head, link)                                                \
  for (ListLink *link = (head)->next, *link##_next = link->next; link != (head); \
       link = link##_next, link##_next = link->next)
