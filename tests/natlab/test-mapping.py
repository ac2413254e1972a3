#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A home whose router opens a port when asked, and somebody elsewhere who knows nobody but who
lives there: test-mapping.py PEAL-NODE PERSON natpmp|pcp|upnp. Prints TAP."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import play  # noqa: E402
import upnp  # noqa: E402
from cell import FOUND_S, JOIN_S, Peer, session  # noqa: E402
from laboratory import SITES, Laboratory, inside  # noqa: E402
from lan import people  # noqa: E402
from tap import check  # noqa: E402

PROGRAM, PERSON = map(os.path.abspath, sys.argv[1:3])
WAY = sys.argv[3]
KNOCK_S = 90
OUTSIDE = '11.0.1'  # miniupnpd opens nothing at addresses for documents


class Home:
    """alice is behind the router; bob has her invitation."""

    def __init__(self, around):
        SITES['a'].public = OUTSIDE
        self.around = around
        Laboratory('port', 'open')
        self.router = upnp.OpenRouter(around, 'router-a', WAY)
        self.alice, self.bob = (Peer(around, PROGRAM, name) for name in ('alice', 'bob'))
        self.alice.run('--create', 'home', '--user', 'alice', '--answer', '--echo')
        session.wait_for('alice to be reached from outside', lambda: any(
            place.startswith(f'{OUTSIDE}.2:')
            for place in self.alice.facts().get('listening', [])), JOIN_S)
        self.bob.run('--join', self.alice.ask('invite').stdout.strip(), '--user', 'bob',
                     '--answer', '--echo')


def await_open(home):
    session.wait_for('UDP and TCP to be led inside', lambda: len(home.router.mapped()) == 2)


def await_closed(home):
    session.wait_for('nothing to be led inside', lambda: not home.router.mapped())


def test_opened(home):
    await_open(home)


def test_join(home):
    session.wait_for('both to be on the air', lambda: home.alice.is_ready()
                     and home.bob.is_ready(), JOIN_S)
    session.wait_for('both to be found', lambda: home.alice.finds('bob@home')
                     and home.bob.finds('alice@home'), FOUND_S)


def test_knock(home):
    def said():
        done = home.alice.ask('invite', '--json')
        return json.loads(done.stdout)['reach'] if done.stdout else None
    session.wait_for('bob to come in by that port', lambda: said() == 'open', KNOCK_S)
    check(home.alice.facts()['reach']['at'].startswith(f'{OUTSIDE}.2:'), home.alice.facts())


def test_call(home):
    for caller, address in ((home.alice, 'bob@home'), (home.bob, 'alice@home')):
        end, is_heard = caller.call(address)
        check(is_heard and end['path'] == 'direct', caller.name, end)


def test_closed(home):
    home.alice.process.terminate()
    check(home.alice.process.wait(30) == 0, 'alice left badly')
    await_closed(home)


def test_switch(home):
    """Whoever wants no port to be opened turns that off, and has it back."""
    town = people.Town(home.around.folder, PERSON, PROGRAM)
    carol = town.person('carol')
    carol.before = inside('alice')
    carol.start('--listen', 'any')
    carol.tell('create', 'house', 'carol')
    await_open(home)
    for wanted, await_it in (('no', await_closed), ('yes', await_open)):
        carol.tell('map-port', wanted)
        await_it(home)
    check(not town.close(), 'carol left badly')


TESTS = [
    ('the-router-opens-a-port', test_opened),
    ('an-invitation-alone-lets-in-from-elsewhere', test_join),
    ('somebody-elsewhere-tries-whether-it-is-so', test_knock),
    ('they-talk-without-anybody-between-them', test_call),
    ('the-port-is-closed-at-the-end', test_closed),
    ('a-switch-closes-and-opens-it', test_switch),
]


if __name__ == '__main__':
    sys.exit(play.suite('mapping-' + WAY, Home, TESTS, upnp.why_not()))
