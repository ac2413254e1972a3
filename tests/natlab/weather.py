#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad weather on the way of packets: weather.py INTERFACE LOSS JITTER_MS. Takes the packets that
are routed into a tunnel interface, loses that share of them, holds each of the others for up to
that long, and gives them back in order. Not every kernel can do it by itself."""
import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time

SET_INTERFACE = 0x400454ca  # TUNSETIFF
BARE_PACKETS = 0x0001 | 0x1000  # IFF_TUN, IFF_NO_PI
PACKET_MAX = 65536


def open_tunnel(interface):
    tunnel = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tunnel, SET_INTERFACE, struct.pack('16sH22x', interface.encode(), BARE_PACKETS))
    return tunnel


def give_back(tunnel, waiting):
    """Those whose time has come. How long the next one has to wait, in ms; None without one."""
    while waiting and waiting[0][0] <= time.monotonic():
        os.write(tunnel, heapq.heappop(waiting)[2])
    return max(0, waiting[0][0] - time.monotonic()) * 1000 if waiting else None


def main():
    interface, loss, jitter_ms = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    tunnel = open_tunnel(interface)
    poll = select.poll()
    poll.register(tunnel, select.POLLIN)
    waiting, number, due = [], 0, 0.0
    while True:
        if poll.poll(give_back(tunnel, waiting)):
            packet = os.read(tunnel, PACKET_MAX)
            if random.random() >= loss:
                number += 1
                due = max(due, time.monotonic() + random.random() * jitter_ms / 1000)
                heapq.heappush(waiting, (due, number, packet))


if __name__ == '__main__':
    main()
