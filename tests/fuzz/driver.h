/* SPDX-License-Identifier: GPL-3.0-or-later */
/* driver.h: what a fuzz target provides, for the driver and for libFuzzer alike. */
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
