#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An overlay whose owner enrols people, as its owner and they run it: a program each, on loopback.
Usage: test-enrolment.py PEAL-NODE. Prints TAP."""
import json
import os
import socket
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'app/demo'))
import session  # noqa: E402
import tap  # noqa: E402
from peer import Peer  # noqa: E402
from tap import check  # noqa: E402

NODE = os.path.abspath(sys.argv[1])


def free_port():
    """One that nobody has now: it is written into the configuration before the server starts."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def fails_to_join(peer, *arguments):
    """What it says when it cannot."""
    done = peer.ask('run', '--listen', '127.0.0.1:0', '--join', *arguments)
    check(done.returncode == 1, arguments, 'gave', done.returncode, done.stderr)
    return done.stderr


class Club:
    """Anna owns it; bob and carl have codes; bob answers every call."""

    def __init__(self, around):
        self.around = around
        self.place = f'127.0.0.1:{free_port()}'
        self.anna, self.bob, self.carl = (
            Peer(around, n, NODE) for n in ('anna', 'bob', 'carl'))
        done = self.anna.ask('overlay', 'create', 'club', '--server', f'https://{self.place}/',
                             '--user', 'anna')
        check(done.returncode == 0 and done.stdout.startswith('club-'), done.stderr)
        self.anna.run('--user', 'anna', '--enroll', self.place)
        self.bob_invitation = self.invite('bob')
        self.bob.run('--join', self.bob_invitation, '--user', 'bob', '--answer', '--echo')
        self.carl.run('--join', self.invite('carl'), '--user', 'carl')
        session.wait_for('three members', lambda: all(
            peer.is_ready() for peer in (self.anna, self.bob, self.carl)), 60)

    def invite(self, name, *options):
        done = self.anna.ask('user', 'add', name, *options)
        check(done.returncode == 0 and done.stdout.startswith('peal:join/'), done.stderr)
        return done.stdout.strip()


def test_call(club):
    session.wait_for('bob to be found', lambda: club.carl.finds('bob@club'))
    done = club.carl.ask('call', 'bob@club', '--for', '1', '--json')
    end = json.loads(done.stdout.strip().split('\n')[-1])
    check(end['talked'] and end['encrypted'], end)


def test_refusals(club):
    stranger = Peer(club.around, 'stranger', NODE)
    said = fails_to_join(stranger, club.bob_invitation, '--user', 'bob')
    check('This invitation has been used. Ask for a new one.' in said, said)
    said = fails_to_join(stranger, club.invite('zoe'), '--user', 'zoe', '--code', 'aaaa')
    check('This code is not right.' in said, said)
    open_invitation = club.anna.invite()
    said = fails_to_join(stranger, open_invitation, '--user', 'bob')
    check('Someone is already called bob@club. Try bob2.' in said, said)
    done = club.carl.ask('user', 'add', 'zoe')
    check(done.returncode == 1 and done.stderr, 'a member added a user')
    done = club.anna.ask('user', 'add', 'bob')
    check(done.returncode == 1 and '--device' in done.stderr, done.stderr)


def test_users(club):
    rows = [json.loads(line) for line in
            club.anna.ask('user', 'list', '--json').stdout.strip().split('\n')]
    by_name = {row['name']: row for row in rows}
    check(by_name['bob'] == {'name': 'bob', 'devices': 1, 'waiting': 0, 'removed': False}, rows)
    check('anna' in by_name, rows)


def test_document(club):
    """The owner edits the configuration; every member comes to have the new one."""
    text = club.anna.ask('overlay', 'show').stdout
    check('<enrollment-server>' in text and '<root-cert>' in text, text)
    with open(os.path.join(club.around.folder, 'edited.xml'), 'w') as file:
        file.write(text.replace('<turn-density>1<', '<turn-density>2<'))
    done = club.anna.ask('overlay', 'sign', 'edited.xml')
    check(done.returncode == 0, done.stderr)
    check('<turn-density>2<' in club.anna.ask('overlay', 'show').stdout, 'not taken')
    club.carl.finds('bob@club')  # a message of each to the others tells of it
    club.bob.finds('carl@club')
    session.wait_for('the new configuration at bob',
                     lambda: '<turn-density>2<' in club.bob.document(), 60)


def test_revoked(club):
    """Whom the owner removes, the others leave and do not let in again; she is told why."""
    dora = Peer(club.around, 'dora', NODE)
    dora.run('--join', club.invite('dora'), '--user', 'dora')
    session.wait_for('dora', lambda: dora.is_ready() and club.carl.finds('dora@club'), 60)
    gone = dora.account()['node_id']
    done = club.anna.ask('user', 'remove', 'dora')
    check(done.returncode == 0, done.stderr)
    check(gone in club.anna.ask('overlay', 'show').stdout, 'not revoked')
    session.wait_for('nobody to have a link to dora', lambda: all(
        gone not in [link['node_id'] for link in peer.account().get('links', [])]
        for peer in (club.anna, club.bob, club.carl)), 60)
    for _ in range(2):  # now, and when she comes back
        session.wait_for('dora to be told', lambda: (
            dora.account().get('state') == 'revoked' and
            dora.facts().get('status') == 'The owner of “club” has removed you from it.'), 60)
        dora.stop()
        dora.run('--user', 'dora')
    session.wait_for('dora not to be found', lambda: not club.carl.finds('dora@club'), 60)
    dora.stop()


def test_without_server(club):
    """The overlay lives on when its owner is off, through a restart of the others."""
    check(club.anna.stop() == 0, 'anna left badly')
    late = Peer(club.around, 'late', NODE)
    said = fails_to_join(late, club.bob_invitation, '--user', 'bob')
    check('does not answer' in said, said)
    club.carl.stop()
    club.carl.run('--user', 'carl')
    session.wait_for('carl and bob', lambda: club.carl.is_ready() and club.bob.is_ready(), 60)
    session.wait_for('bob to be found', lambda: club.carl.finds('bob@club'), 60)


TESTS = [
    ('enrolled-people-call-each-other', test_call),
    ('who-may-not-come-in-is-told-why', test_refusals),
    ('the-owner-sees-who-is-in', test_users),
    ('a-signed-change-reaches-everybody', test_document),
    ('threat-4.3-bad-nodes-are-shut-out', test_revoked),
    ('the-overlay-lives-without-its-server', test_without_server),
]


if __name__ == '__main__':
    sys.exit(tap.play('enrolment', Club, TESTS))
