# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way the sound of a call has to go, for each pair of kinds (router.py)."""
from router import KINDS

# How a router lets in a datagram from somebody it has been told of: from anywhere, from an address
# that has been sent to, or from that address and port.
ANYWHERE, ADDRESS, PORT = range(3)
FILTERING = {'open': ANYWHERE, 'firewall': PORT, 'fullcone': ANYWHERE, 'addr': ADDRESS,
             'port': PORT, 'sym': PORT, 'double': PORT, 'v6': PORT}

SIDES = ('open', 'firewall', 'fullcone', 'addr', 'port', 'sym', 'noudp', 'web')
# All of them, and those that the tests play each time.
CELLS = [(a, b) for a in SIDES for b in SIDES] + [(a, 'lan') for a in SIDES] + [
    ('double', 'port'), ('double', 'double'), ('double', 'sym'), ('v6', 'v6'), ('double', 'lan'),
    ('v6', 'lan')]
DIAGONAL = [('port', 'lan'), ('noudp', 'lan'), ('open', 'sym'), ('firewall', 'firewall'),
            ('v6', 'v6'), ('sym', 'sym'), ('noudp', 'web')]

assert set(FILTERING) | {'noudp', 'web'} == set(KINDS)


def expected(a, b):
    """"direct" wherever RFC 4787's behaviour allows it, else "relay"."""
    if b == 'lan':
        return 'direct'
    if {'noudp', 'web'} & {a, b}:
        return 'relay'
    # From a symmetric one come datagrams with a port that nobody could have been told of.
    if 'sym' in (a, b):
        other = b if a == 'sym' else a
        return 'relay' if FILTERING[other] == PORT else 'direct'
    return 'direct'
