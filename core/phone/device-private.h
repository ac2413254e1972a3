/* SPDX-License-Identifier: GPL-3.0-or-later */
/* device-private.h: how the phone makes a PealDevice of what media reports. */
#pragma once
#include "core/phone/sound.h"

PealDevice *peal_device_new (const CallMediaDevice *device);
