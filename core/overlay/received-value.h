/* SPDX-License-Identifier: GPL-3.0-or-later */
/* received-value.h: whether a value that somebody returned is its owner's (RFC 6940, 7.4.2.2). */
#pragma once
#include "core/crypto/certificate.h"
#include "core/wire/data.h"

struct CertificateOffer;
struct Overlay;

/* Who signed one value of the Kind `kind` at `resource`; NULL when the signature does not hold or
 * its signer may not write there. Borrowed; `ret_node_id` may be NULL. */
Certificate *received_value_signer (struct Overlay *overlay,
                                    struct CertificateOffer *offer,
                                    const NodeId *resource,
                                    uint32_t kind,
                                    const StoredData *data,
                                    NodeId *ret_node_id);
