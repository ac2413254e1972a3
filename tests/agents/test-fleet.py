#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An overlay of twenty `peal-node`s on loopback, a process each: one that everybody may join who is
invited, or one whose owner enrols people. Usage: test-fleet.py PEAL-NODE open|enrolled.
Prints TAP."""
import base64
import configparser
import hashlib
import os
import ssl
import socket
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'app/demo'))
import session  # noqa: E402
import tap  # noqa: E402
from crowd import (PATIENCE_S, Member, check_everybody_finds, is_one_ring, successors,  # noqa: E402
                   wait_for_ring)
from peer import Peer  # noqa: E402
from tap import check  # noqa: E402

NODE = os.path.abspath(sys.argv[1])
IS_ENROLLED = sys.argv[2] == 'enrolled'
LABEL = 'fleet'
PEERS = 20
KILLED = 5
PEOPLE = ['anna', 'bob', 'carl', 'dora', 'emil']  # the others are bare peers


def free_port():
    """One that nobody has now: it is written into the configuration before the server starts."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Fleet:
    """Anna makes it; at the end of the list are the bare peers."""

    def __init__(self, around):
        self.around = around
        names = PEOPLE + [f'peer{i}' for i in range(len(PEOPLE), PEERS)]
        self.members = [Member(around, name, NODE) for name in names]
        self.anna = self.members[0]
        if IS_ENROLLED:
            self.enrol_all()
        else:
            self.invite_all()
        wait_for_ring(self.members, 'twenty peers')

    def enrol_all(self):
        place = f'127.0.0.1:{free_port()}'
        done = Peer.ask(self.anna, 'overlay', 'create', LABEL, '--server', f'https://{place}/',
                        '--user', 'anna')
        check(done.returncode == 0, done.stderr)
        self.anna.run('--user', 'anna', '--enroll', place)
        for member in self.members[1:]:
            done = self.anna.ask('user', 'add', member.name)
            check(done.returncode == 0, done.stderr)
            member.run('--join', done.stdout.strip(), *user_option(member))

    def invite_all(self):
        self.anna.run('--create', LABEL, '--user', 'anna')
        invitation = self.anna.invite()
        for member in self.members[1:]:
            member.run('--join', invitation, *user_option(member))

    def drop(self, members):
        self.members = [member for member in self.members if member not in members]

    def addresses(self):
        return [f'{m.name}@{LABEL}' for m in self.members if m.name in PEOPLE]


def user_option(member):
    return ['--user', member.name] if member.name in PEOPLE else []


def account_of(member):
    """What it has written down of its first account."""
    folder = os.path.join(member.state, 'keys')
    name = next(name for name in os.listdir(folder) if name.endswith('.account'))
    file = configparser.ConfigParser(interpolation=None)
    file.read(os.path.join(folder, name))
    return os.path.join(folder, name[:-len('account')] + 'key'), file['account']


def knock(member, visitor):
    """Whether the member's door opens to somebody with the visitor's certificate, or with none.
    TLS 1.2 tells it before the handshake ends."""
    host, port = member.account()['listening'][0].split(':')
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    if visitor is not None:
        key, account = account_of(visitor)
        path = os.path.join(visitor.around.folder, visitor.name + '.pem')
        with open(path, 'w', encoding='ascii') as file, open(key, encoding='ascii') as key_file:
            file.write(ssl.DER_cert_to_PEM_cert(base64.b64decode(account['certificate'])))
            file.write(key_file.read())
        context.load_cert_chain(path)
    try:
        with socket.create_connection((host, int(port)), 30) as stream:
            with context.wrap_socket(stream):
                return True
    except OSError:
        return False


def forge(invitation):
    """The same invitation with another secret."""
    text = invitation.split('/', 1)[1]
    sealed = bytearray(base64.urlsafe_b64decode(text + '=' * (-len(text) % 4)))
    at = 1
    for _ in range(3):  # instance name, label, inviter
        at += 1 + sealed[at]
    sealed[at + 32 + 1] ^= 1  # after the hash of the configuration, and a length
    sealed[-4:] = hashlib.sha256(sealed[:-4]).digest()[:4]
    return 'peal:join/' + base64.urlsafe_b64encode(sealed).decode().rstrip('=')


def test_ring(fleet):
    session.wait_for('a successor for each', lambda: len(successors(fleet.members)) == PEERS)


def test_store_and_fetch(fleet):
    check_everybody_finds(fleet.members, fleet.addresses())


def test_strangers(fleet):
    """Nobody opens to who has a certificate of elsewhere, or none, or one without admission."""
    stranger = Member(fleet.around, 'stranger', NODE)
    stranger.run('--create', LABEL, '--user', 'bob')
    visitors = [stranger, None]
    if IS_ENROLLED:
        said = Peer.ask(Member(fleet.around, 'codeless', NODE), 'run', '--listen', '127.0.0.1:0',
                        '--join', fleet.anna.invite(), '--user', 'zoe', '--code', 'none')
        check(said.returncode == 1 and 'code' in said.stderr, said.returncode, said.stderr)
    else:
        forger = Member(fleet.around, 'forger', NODE)
        forger.run('--join', forge(fleet.anna.invite()), '--user', 'zoe')
        visitors.append(forger)
    for visitor in filter(None, visitors):
        session.wait_for('a stranger at the door', lambda: visitor.account().get('node_id'))
    for member in fleet.members[::5]:
        for visitor in visitors:
            check(not knock(member, visitor), member.name, 'lets in', visitor and visitor.name)
        check(knock(member, fleet.members[1]), member.name, 'lets nobody in')
    for visitor in filter(None, visitors):
        check(not visitor.is_ready(), visitor.name, 'is in')
        check(visitor.stop() == 0, visitor.name, 'left badly')


def test_killing(fleet):
    """No two of them neighbours, as long as a record has three places and time to go back to."""
    after = session.wait_for('the whole ring', lambda: (
        is_one_ring(fleet.members) and successors(fleet.members)), PATIENCE_S)
    by_id = {member.node_id(): member for member in fleet.members}
    victims = []
    for one in sorted(after):
        is_bare = by_id[one].name not in PEOPLE
        is_apart = all(after[one] != v and after[v] != one for v in victims)
        if is_bare and is_apart and len(victims) < KILLED:
            victims.append(one)
    check(len(victims) == KILLED, victims)
    for victim in victims:
        by_id[victim].kill()
    fleet.drop([by_id[victim] for victim in victims])
    check_everybody_finds(fleet.members, fleet.addresses())
    wait_for_ring(fleet.members, 'fifteen peers')


def test_document(fleet):
    text = fleet.anna.ask('overlay', 'show').stdout
    check('<turn-density>1<' in text, text)
    path = os.path.join(fleet.around.folder, 'edited.xml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text.replace('<turn-density>1<', '<turn-density>2<'))
    done = fleet.anna.ask('overlay', 'sign', path)
    check(done.returncode == 0, done.stderr)
    for member in fleet.members:
        session.wait_for(f'the new document at {member.name}', lambda: has_edited(member),
                         PATIENCE_S)


def has_edited(member):
    member.finds(f'bob@{LABEL}')  # whoever hears an old number tells the new one
    return b'<turn-density>2<' in base64.b64decode(account_of(member)[1]['configuration'])


def test_without_owner(fleet):
    """Nobody needs who made it, nor the server; somebody leaves and comes back."""
    check(fleet.anna.stop() == 0, 'anna left badly')
    fleet.drop([fleet.anna])
    bob = fleet.members[0]
    check(bob.stop() == 0, 'bob left badly')
    bob.run('--user', 'bob')
    wait_for_ring(fleet.members, 'fourteen peers')
    check_everybody_finds(fleet.members, fleet.addresses())


TESTS = [
    ('twenty-processes-are-one-ring', test_ring),
    ('what-is-stored-is-found-by-everybody', test_store_and_fetch),
    ('threat-2.6-strangers-stay-outside', test_strangers),
    ('five-are-killed-and-nothing-is-lost', test_killing),
    ('a-signed-change-reaches-everybody', test_document),
    ('the-overlay-lives-without-its-owner', test_without_owner),
]


if __name__ == '__main__':
    sys.exit(tap.play('fleet-' + sys.argv[2], Fleet, TESTS))
