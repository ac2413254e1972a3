/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command-private.h: what a command is made of. */
#pragma once
#include "app/command.h"

/* A row of the table of commands. A command's own struct begins with a Command. */
typedef struct CommandType {
  const char *name;     /* one word, or two: "user add" */
  const char *synopsis; /* what follows the name */
  size_t size;
  bool is_on_air; /* waits for the phone to be on the air */
  bool has_sound;

  /* Takes the options off `arguments`; what is left is counted against `operands`. */
  bool (*parse) (Command *self, char ***arguments, GError **error);
  size_t operands;
  void (*start) (Command *self);
  void (*clear) (Command *self); /* may be NULL */
} CommandType;

struct Command {
  const CommandType *type;
  char *folder;
  char **operands; /* as many as the type says */
  PealPhone *phone;
  CommandReply reply;
  guint wait_source;
  guint done_source;
  int status;
};

extern const CommandType command_call, command_invite, command_lookup, command_path, command_ping,
  command_status;
extern const CommandType command_overlay_create, command_overlay_show, command_overlay_sign;
extern const CommandType command_user_add, command_user_list, command_user_remove;

void command_print (Command *self, const char *line);
void command_say (Command *self, const char *sentence);

/* Ends the command, soon. */
void command_done (Command *self, int status);

/* Reads options into where `entries` say. */
bool command_options (char ***arguments, const GOptionEntry *entries, GError **error);
