#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody pours ClientHellos with false sources over a peer that talks, and that others join by:
test-flood.py PEAL-NODE HELLO-FLOOD. Prints TAP."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import play  # noqa: E402
from cell import CALL_S, FOUND_S, JOIN_S, Peer, session  # noqa: E402
from laboratory import SERVER, Laboratory, inside, ip, run  # noqa: E402
from mishaps import is_sounding  # noqa: E402
from tap import check  # noqa: E402

PROGRAM, FLOOD = map(os.path.abspath, sys.argv[1:3])
PORT = 6084
PER_S = 50000
ENOUGH = 100000  # datagrams
POUR_S = 120
TALK_S = 120  # it ends before
GROWTH_MAX = 8 << 20
COUNTER = f'''
table ip gauge {{
  counter hellos {{ }}
  chain count {{
    type filter hook input priority filter;
    udp dport {PORT} @th,64,8 22 counter name hellos
  }}
}}
'''


def media_drops(namespace):
    """How many datagrams each socket of that machine had no room for; the listener's is left
    out."""
    said = run(*inside(namespace, 'sh', '-c', 'tail -qn +2 /proc/net/udp /proc/net/udp6'))
    rows = map(str.split, said.splitlines())
    return [int(row[-1]) for row in rows if int(row[1].rsplit(':', 1)[1], 16) != PORT]


class Deluge:
    """alice talks to srv, which is poured over from the middle of the network, where all answers
    end. bob comes when it has begun."""

    def __init__(self, around):
        Laboratory('open', 'open')
        ip('net', 'route', 'add', 'blackhole', 'default')
        run(*inside('srv', 'nft', '-f', '-'), input=COUNTER)
        self.srv, self.alice, self.bob = (Peer(around, PROGRAM, name)
                                          for name in ('srv', 'alice', 'bob'))
        self.srv.run('--create', 'home', '--user', 'srv', '--answer', '--echo')
        invitation = self.srv.ask('invite').stdout.strip()
        self.alice.run('--join', invitation, '--user', 'alice')
        session.wait_for('alice to join', self.alice.is_ready, JOIN_S)
        session.wait_for('alice to find srv', lambda: self.alice.finds('srv@home'), FOUND_S)
        self.call, self.record = self.alice.start_call('srv@home', TALK_S)
        self.await_sound()
        self.before = self.memory()
        began = time.monotonic()
        around.start(inside('net', FLOOD, SERVER, str(PORT), str(PER_S)), 'flood')
        session.wait_for('the flood', self.hellos)
        self.bob.run('--join', invitation, '--user', 'bob')
        session.wait_for('bob to join', self.bob.is_ready, JOIN_S)
        self.joined_after = self.hellos()
        session.wait_for('enough of the flood', lambda: self.hellos() > ENOUGH, POUR_S)
        print(f'# {self.hellos() / (time.monotonic() - began):.0f} ClientHellos/s')

    @staticmethod
    def hellos():
        said = run(*inside('srv', 'nft', 'list', 'counter', 'ip', 'gauge', 'hellos')).split()
        return int(said[said.index('packets') + 1])

    def memory(self):
        """Of srv, in bytes."""
        with open(f'/proc/{self.srv.process.pid}/status') as file:
            return next(int(line.split()[1]) << 10 for line in file if line.startswith('VmRSS:'))

    def await_sound(self):
        session.wait_for('sound', lambda: os.path.exists(self.record) and is_sounding(self.record),
                         CALL_S)


def test_newcomer(stage):
    print(f'# bob has joined among {stage.joined_after} ClientHellos')
    check(stage.bob.is_ready() and stage.srv.is_ready())


def test_call(stage):
    stage.await_sound()
    for name in ('srv', 'alice'):
        drops = media_drops(name)
        check(drops and not any(drops), name, drops)
    check(stage.call.poll() is None, 'the call has ended')


def test_memory(stage):
    growth = stage.memory() - stage.before
    print(f'# {growth >> 10} KiB more than before {stage.hellos()} ClientHellos')
    check(growth < GROWTH_MAX, growth)


TESTS = [
    ('threat-4.1-who-has-a-true-source-joins-in-a-flood-of-false-ones', test_newcomer),
    ('threat-4.1-a-call-loses-nothing-by-it', test_call),
    ('threat-4.1-it-takes-no-memory', test_memory),
]


if __name__ == '__main__':
    sys.exit(play.suite('natlab', Deluge, TESTS))
