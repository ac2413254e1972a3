#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An overlay whose links a shared secret keys (RFC 6940, 13.4), a program for each of its members.
Usage: test-shared-secret.py PEAL-NODE. Prints TAP."""
import base64
import configparser
import hashlib
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'app/demo'))
import session  # noqa: E402
import tap  # noqa: E402
from peer import Peer  # noqa: E402
from tap import check  # noqa: E402

NODE = os.path.abspath(sys.argv[1])


def forge(invitation):
    """The same invitation with another secret for links; all else that members know is right."""
    text = invitation.split('/', 1)[1]
    sealed = bytearray(base64.urlsafe_b64decode(text + '=' * (-len(text) % 4)))
    check(sealed[0] == 3, 'version', sealed[0])
    at = 1
    for _ in range(3):  # instance name, label, inviter
        at += 1 + sealed[at]
    at += 32  # the hash of the configuration
    at += 1 + sealed[at]  # what admits to the overlay
    sealed[at + 1] ^= 1
    sealed[-4:] = hashlib.sha256(sealed[:-4]).digest()[:4]
    return 'peal:join/' + base64.urlsafe_b64encode(sealed).decode().rstrip('=')


class Lodge:
    """Anna makes it; bob answers every call; the stranger has been told all but the secret."""

    def __init__(self, around):
        self.anna, self.bob, self.carl, self.stranger = (
            Peer(around, name, NODE) for name in ('anna', 'bob', 'carl', 'stranger'))
        self.members = (self.anna, self.bob, self.carl)
        done = self.anna.ask('overlay', 'create', 'lodge', '--shared-secret', '--user', 'anna')
        check(done.returncode == 0 and done.stdout.startswith('lodge-'), done.stderr)
        self.anna.run('--user', 'anna')
        invitation = self.anna.invite()
        self.stranger.run('--join', forge(invitation), '--user', 'mallory')
        self.bob.run('--join', invitation, '--user', 'bob', '--answer', '--echo')
        self.carl.run('--join', invitation, '--user', 'carl')
        session.wait_for('three members', lambda: all(peer.is_ready() for peer in self.members), 60)


def document_of(peer):
    """What it has written down."""
    folder = os.path.join(peer.state, 'keys')
    name = next(name for name in os.listdir(folder) if name.endswith('.account'))
    file = configparser.ConfigParser(interpolation=None)
    file.read(os.path.join(folder, name))
    return base64.b64decode(file['account'].get('configuration', '')).decode()


def test_secret(lodge):
    secrets = [re.findall('<shared-secret>([0-9a-f]{32})</shared-secret>', document_of(peer))
               for peer in lodge.members]
    check(len(secrets[0]) == 1 and secrets == 3 * [secrets[0]], secrets)


def test_call(lodge):
    session.wait_for('bob to be found', lambda: lodge.carl.finds('bob@lodge'))
    done = lodge.carl.ask('call', 'bob@lodge', '--for', '1', '--json')
    end = json.loads(done.stdout.strip().split('\n')[-1])
    check(end['talked'] and end['encrypted'], end)


def test_update(lodge):
    """Another secret, even: who stands in the overlay hears of it, and new links have it."""
    text = re.sub('<shared-secret>.*</shared-secret>',
                  '<shared-secret>mind the gap</shared-secret>',
                  lodge.anna.ask('overlay', 'show').stdout)
    path = os.path.join(lodge.anna.around.folder, 'edited.xml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    done = lodge.anna.ask('overlay', 'sign', path)
    check(done.returncode == 0, done.stderr)
    session.wait_for('the new secret', lambda: all(
        'mind the gap' in document_of(peer) for peer in lodge.members), 60)
    dora = Peer(lodge.anna.around, 'dora', NODE)
    dora.run('--join', lodge.carl.invite(), '--user', 'dora')
    session.wait_for('a fourth member', dora.is_ready, 60)
    session.wait_for('dora to be found', lambda: lodge.bob.finds('dora@lodge'))


def test_stranger(lodge):
    """It has tried since the beginning."""
    account = lodge.stranger.account()
    check(account['state'] == 'looking' and account['peers'] <= 1, account)
    check(not lodge.anna.finds('mallory@lodge'), 'the stranger is registered')
    session.wait_for('the stranger to be counted', lambda: any(
        peer.account()['facts']['links_refused'] for peer in lodge.members))


TESTS = [
    ('members-have-the-secret', test_secret),
    ('members-call-each-other', test_call),
    ('rfc6940-13.4-1-the-secret-may-be-changed', test_update),
    ('rfc6940-13.4-1-a-stranger-without-the-secret-stays-out', test_stranger),
]


if __name__ == '__main__':
    sys.exit(tap.play('shared-secret', Lodge, TESTS))
