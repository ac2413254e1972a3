#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A home with IPv6 alone, whose router lets nobody in until it is asked to: test-pinhole.py
PEAL-NODE pcp|upnp. Prints TAP."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import play  # noqa: E402
import upnp  # noqa: E402
from cell import FOUND_S, JOIN_S, Peer, session  # noqa: E402
from laboratory import SITES, Laboratory  # noqa: E402
from tap import check  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
WAY = sys.argv[2]
KNOCK_S = 90
OWN = f'[{SITES["a"].v6}:2::{SITES["a"].host}]:6084'


class Home:
    """alice is behind the firewall; srv, elsewhere, has nothing but her invitation."""

    def __init__(self, around):
        Laboratory('v6', 'open')
        self.router = upnp.OpenFirewall(around, 'router-a', WAY)
        self.alice, self.srv = (Peer(around, PROGRAM, name) for name in ('alice', 'srv'))
        self.alice.run('--create', 'home', '--user', 'alice', '--answer', '--echo')
        session.wait_for('alice to be on the air', lambda: self.alice.facts().get(
            'state') == 'alone', JOIN_S)


def test_opened(home):
    session.wait_for('UDP and TCP to be let in', lambda: len(home.router.opened()) == 2, JOIN_S)


def test_join(home):
    check(OWN in home.alice.facts()['listening'], home.alice.facts())
    home.srv.run('--join', home.alice.ask('invite').stdout.strip(), '--user', 'srv', '--answer',
                 '--echo')
    session.wait_for('both to be on the air', lambda: home.alice.is_ready()
                     and home.srv.is_ready(), JOIN_S)
    session.wait_for('both to be found', lambda: home.alice.finds('srv@home')
                     and home.srv.finds('alice@home'), FOUND_S)


def test_knock(home):
    def said():
        done = home.alice.ask('invite', '--json')
        return json.loads(done.stdout)['reach'] if done.stdout else None
    session.wait_for('srv to come in', lambda: said() == 'open', KNOCK_S)
    check(home.alice.facts()['reach']['at'] == OWN, home.alice.facts())


def test_call(home):
    for caller, address in ((home.alice, 'srv@home'), (home.srv, 'alice@home')):
        end, is_heard = caller.call(address)
        check(is_heard and end['path'] == 'direct', caller.name, end)


def test_closed(home):
    home.alice.process.terminate()
    check(home.alice.process.wait(30) == 0, 'alice left badly')
    session.wait_for('nobody to be let in', lambda: not home.router.opened())


TESTS = [
    ('the-router-lets-in-who-comes-to-that-port', test_opened),
    ('an-invitation-alone-lets-in-from-elsewhere', test_join),
    ('somebody-elsewhere-tries-whether-it-is-so', test_knock),
    ('they-talk-without-anybody-between-them', test_call),
    ('nobody-is-let-in-at-the-end', test_closed),
]


if __name__ == '__main__':
    sys.exit(play.suite('pinhole-' + WAY, Home, TESTS, upnp.why_not()))
