/* SPDX-License-Identifier: GPL-3.0-or-later */
/* language.h: the language of the person. */
#pragma once

/* First thing in main(). */
void language_init (void);
