#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""peal-node as people run it: a program for each of five peers, on loopback, with files for sound.
Usage: test-programs.py PEAL-NODE. Prints TAP."""
import json
import os
import signal
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'app/demo'))
import session  # noqa: E402
import tap  # noqa: E402
from crowd import check_everybody_finds, wait_for_ring  # noqa: E402
from peer import Peer  # noqa: E402
from speech import call_an_echo, last_line  # noqa: E402
from tap import check  # noqa: E402

NODE = os.path.abspath(sys.argv[1])


class Village:
    """Five peers in one overlay; bob answers every call and gives back what he hears."""

    def __init__(self, around):
        self.peers = {name: Peer(around, name, NODE)
                      for name in ('anna', 'bob', 'carl', 'dora', 'eve')}
        anna = self.peers['anna']
        anna.run('--create', 'village', '--user', 'anna')
        self.invitation = anna.invite()
        for name, peer in self.peers.items():
            options = {'bob': ['--user', 'bob', '--answer', '--echo'],
                       'carl': ['--user', 'carl']}.get(name, [])
            if name != 'anna':
                peer.run('--join', self.invitation, *options)
        session.wait_for('five peers', lambda: all(p.is_ready() for p in self.peers.values()), 90)
        check_everybody_finds([self.peers['carl'], self.peers['dora']],
                              [f'{name}@village' for name in ('anna', 'bob', 'carl')])


def test_usage(village):
    for arguments in ([], ['dance'], ['call'], ['lookup', 'a', 'b'], ['status', '--loud'],
                      ['call', 'bob@village', '--for', 'ever'], ['call', 'bob@village', '--for=-1'],
                      ['run', '--create', 'a', '--join', 'b'], ['run', 'now'],
                      ['run', '--create', 'a', '--user', 'Not A Name!']):
        done = village.peers['dora'].ask(*arguments)
        check(done.returncode == 2, arguments, 'gave', done.returncode, done.stderr)
        check(len(done.stderr) > 5 and not done.stdout, arguments, 'said', done.stderr)


def test_one_owner(village):
    done = village.peers['anna'].ask('run')
    check(done.returncode == 1, done.returncode, done.stderr)
    check('already running' in done.stderr, done.stderr)


def test_lookup(village):
    done = village.peers['dora'].ask('lookup', 'bob@village', '--json')
    check(done.returncode == 0, done.stderr)
    found = last_line(done.stdout)
    check(found['address'].startswith('bob@village-') and len(found['devices']) == 1, found)
    check(village.peers['dora'].ask('lookup', 'bob@village').returncode == 0)


def test_service(village):
    done = village.peers['dora'].ask('lookup', '--service', 'voice-mail@village')
    check(done.returncode == 1 and '“voice-mail”' in done.stderr, done.returncode, done.stderr)


def test_nobody(village):
    for verb in ('lookup', 'call'):
        done = village.peers['carl'].ask(verb, 'zoe@village')
        check(done.returncode == 1 and 'zoe' in done.stderr, verb, done.returncode, done.stderr)
    done = village.peers['carl'].ask('call', 'bob@elsewhere')
    check(done.returncode == 1 and 'elsewhere' in done.stderr, done.stderr)


def test_call(village):
    call_an_echo(village.peers['carl'], 'bob@village')


def test_missing_file(village):
    done = village.peers['carl'].ask('call', 'bob@village', '--play', 'nowhere.wav')
    check(done.returncode == 1 and 'nowhere.wav' in done.stderr, done.stderr)


def call_until(village, callee, state):
    """Carl calls, and is stopped when the call has come so far; then it ends for the callee."""
    caller = village.peers['carl'].start_asking('call', f'{callee}@village', '--json')
    for line in caller.stdout:
        if json.loads(line)['state'] == state:
            break
    caller.send_signal(signal.SIGINT)
    caller.communicate(timeout=20)
    session.wait_for('the end of the call', lambda: all(
        call['state'] == 'ended' for call in village.peers[callee].facts().get('calls', [])))


def test_hang_up(village):
    call_until(village, 'bob', 'up')


def test_unanswered(village):
    call_until(village, 'anna', 'ringing')


def test_sleep(village):
    """Bob's computer sleeps until all others have given him up; then it wakes."""
    bob, carl = village.peers['bob'], village.peers['carl']
    node_id = bob.account()['node_id']
    others = [peer for peer in village.peers.values() if peer is not bob]
    bob.process.send_signal(signal.SIGSTOP)
    try:
        session.wait_for('nobody to have a link to bob', lambda: all(
            node_id not in [link['node_id'] for link in peer.account().get('links', [])]
            for peer in others), 120)
        wait_for_ring(others, 'four peers')
    finally:
        bob.process.send_signal(signal.SIGCONT)
    wait_for_ring(village.peers.values(), 'five peers again')
    check_everybody_finds(others, ['bob@village'])
    end = last_line(carl.ask('call', 'bob@village', '--for', '1', '--json').stdout)
    check(end['talked'] and end['encrypted'], end)


def test_restart(village):
    for peer in village.peers.values():
        status = peer.stop()
        check(status == 0, peer.name, 'left with', status)
    for name in ('dora', 'bob'):  # not the one that made the network
        village.peers[name].run(*(['--user', 'bob', '--answer'] if name == 'bob' else []))
    session.wait_for('dora and bob again', lambda: all(
        village.peers[name].is_ready() for name in ('dora', 'bob')), 60)
    check_everybody_finds([village.peers['dora']], ['bob@village'])


TESTS = [
    ('wrong-usage-is-told-and-gives-2', test_usage),
    ('a-state-folder-has-one-owner', test_one_owner),
    ('a-name-is-found', test_lookup),
    ('a-service-is-looked-for', test_service),
    ('a-name-that-is-not-there-is-told-and-gives-1', test_nobody),
    ('a-file-that-is-not-there-is-told', test_missing_file),
    ('what-is-said-comes-back-from-an-echo', test_call),
    ('a-caller-that-is-stopped-hangs-up', test_hang_up),
    ('a-caller-that-is-stopped-stops-the-ringing', test_unanswered),
    ('who-slept-comes-back', test_sleep),
    ('after-all-were-off-any-two-find-each-other', test_restart),
]


if __name__ == '__main__':
    sys.exit(tap.play('programs', Village, TESTS))
