/* SPDX-License-Identifier: GPL-3.0-or-later */
/* socket.h: non-blocking UDP and TCP sockets that speak in Address. Descriptors are the caller's;
 * functions that can fail return -1 with errno set. */
#pragma once
#include "core/base/address.h"

/* A UDP socket, or a listening TCP socket. An unspecified IPv6 address takes IPv4 too. A shared UDP
 * socket lets others have the same port on another address. */
int socket_bind (int type, const Address *address, bool is_shared);

bool address_is_unspecified (const Address *address);

/* A UDP socket that hears `to` alone, or a TCP socket on its way to it. `from` may be NULL. */
int socket_connect (int type, const Address *to, const Address *from);

/* The next connection of a listening socket. */
int socket_accept (int fd, Address *ret_from);
Address socket_address (int fd);

/* The size of the datagram, with its sender; `local` (may be NULL) tells where it was sent to. */
ssize_t
socket_receive (int fd, uint8_t *ret_bytes, size_t size, Address *ret_from, Address *ret_local);

/* `local` is the address of ours that it was sent to. */
typedef void (*SocketFunc) (void *user_data,
                            const Address *from,
                            const Address *local,
                            Bytes datagram);

enum { SOCKET_DATAGRAM_MAX = 2048 }; /* more than any honest one has */

/* Hands on the datagrams that have come, but not so many at once that nobody else has a turn. What
 * is longer than `size_max`, at most SOCKET_DATAGRAM_MAX, is cut there. `func` must not close the
 * socket. */
void socket_hear (int fd, size_t size_max, SocketFunc func, void *user_data);

/* Reads once from a connection. The size of what has come; 0: nothing has, -1: it is over. */
ssize_t socket_read (int fd, uint8_t *ret_bytes, size_t size);

/* Sends a datagram; `local` (may be NULL) is the address of ours that it comes from. */
bool socket_send (int fd, Bytes datagram, const Address *to, const Address *local);

/* Address in the system's form. Needs room for a struct sockaddr_storage. */
struct sockaddr_storage;
size_t socket_address_to_system (const Address *address, struct sockaddr_storage *ret_system);
bool socket_address_from_system (const struct sockaddr_storage *system, Address *ret_address);

/* The usable addresses of this machine's running interfaces, port 0; loopback ones come last. */
size_t socket_own_addresses (Address *ret_addresses, size_t size);

/* The network behind one of this machine's addresses. */
typedef struct OwnNetwork {
  Address address;
  uint8_t bits; /* of the prefix */
} OwnNetwork;

enum { OWN_NETWORKS_MAX = 32 };

/* Those of all usable addresses. */
size_t socket_own_networks (OwnNetwork *ret_networks, size_t size);

/* Whether that is this machine, or on one of its networks: no router is in between. */
bool socket_is_near (const Address *address);

/* Those of them that others may reach: without loopback and IPv6 link-local ones, which mean
 * nothing without the interface that the others would have to guess, unless there is nothing else.
 * IPv4 alone when `family` says so. */
size_t socket_reachable_addresses (AddressFamily family, Address *ret_addresses, size_t size);
