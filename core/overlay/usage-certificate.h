/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usage-certificate.h: the Certificate Store Usage (RFC 6940, 8). */
#pragma once
#include "core/base/node-id.h"

struct Overlay;

#define KIND_CERTIFICATE_BY_NODE UINT32_C (0x3)
#define KIND_CERTIFICATE_BY_USER UINT32_C (0x10)

typedef struct CertificateUsage CertificateUsage;

/* `by_user`: also under the user name, for a node that is a person's. */
CertificateUsage *certificate_usage_new (struct Overlay *overlay, bool by_user);
void certificate_usage_free (CertificateUsage *self);

/* Stores our certificate; called whenever the node has joined. */
void certificate_usage_start (CertificateUsage *self);

/* Whether others can see that our name is somebody's; true without a name. */
bool certificate_usage_is_settled (const CertificateUsage *self);

/* Stores it again where it belongs now. */
void certificate_usage_refresh (CertificateUsage *self, uint64_t within);
