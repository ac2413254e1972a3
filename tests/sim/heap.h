/* SPDX-License-Identifier: GPL-3.0-or-later */
/* heap.h: memory for a million peers: in a program that has heap.c among its files, malloc() and
 * its like give small pieces without a header, close to others of their size. */
#pragma once
#include <stddef.h>

/* Bytes of the pieces that are in use; NULL in a program without it. */
size_t heap_bytes (void) __attribute__ ((weak));
