/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity-stage.h: the identity file of a phone, written or read, and waited for. */
#pragma once
#include "core/phone/phone.h"

bool stage_export (PealPhone *phone, const char *path, const char *passphrase, GError **error);
bool stage_import (PealPhone *phone, const char *path, const char *passphrase, GError **error);
