/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text-pair.h: two texts in one line: "bob@home · seen Friday". */
#pragma once

/* Either may be NULL or empty. In a window that reads from right to left the line does so too,
 * though it may begin with a name in Latin letters. (transfer full) */
char *peal_text_pair (const char *first, const char *second);
