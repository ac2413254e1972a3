/* SPDX-License-Identifier: GPL-3.0-or-later */
/* document-edit.h: configuration documents that are changed and signed anew, lawfully or not. */
#pragma once
#include "core/overlay/configuration.h"

/* The text of a signature element over `covered`, with the signer's certificate. */
char *document_signature (const Signer *signer, const char *covered);

/* The document of `base` under `sequence`, with `from` replaced by `to`, signed by `signer`. Its
 * Kinds keep their signatures. */
char *document_edit (const Configuration *base,
                     unsigned sequence,
                     const char *from,
                     const char *to,
                     const Signer *signer);
