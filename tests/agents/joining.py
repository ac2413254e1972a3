# SPDX-License-Identifier: GPL-3.0-or-later
"""How people get into an overlay, and find each other again."""
import base64
import hashlib
import os
import socket
import struct
import subprocess

from people import Trouble, check, wait_for

DISCOVERY = ('239.255.77.84', 6084)


def deafen():
    """Takes the port on which phones of this machine hear each other, so that they do not."""
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.bind(DISCOVERY)
    ear6 = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    try:
        ear6.bind(('ff12::7784', DISCOVERY[1], 0, socket.if_nametoindex('lo')))
    except OSError:
        pass  # no IPv6 here
    return ear, ear6


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def by_link(town):
    alice, bob, carol = town.pair('alice', 'bob', 'carol')
    for person in (alice, bob, carol):
        wait_for(f'{person.name} to know all',
                 lambda: person.last_status() == 'Ready · “home”: 2 people connected')
        wait_for(f'three at {person.name}', lambda: (
            person.find('account')['state'], person.find('account')['peers']) == ('ready', 3))


def by_file(town):
    alice, bob = town.pair('alice', 'bob')
    path = os.path.join(town.folder, 'invitation')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(alice.invitation() + '\n')
    carol = town.person('carol')
    node = subprocess.Popen([town.node_program, 'run', '--state', carol.state, '--join', path,
                             '--user', 'carol', '--listen', '127.0.0.1:0'],
                            env=carol.env, stderr=subprocess.PIPE, text=True)
    try:
        bob.look_up('carol@home')
    finally:
        node.terminate()
        words = node.communicate(timeout=30)[1]
    check(node.returncode == 0, node.returncode, words)
    with open(path, 'w', encoding='utf-8') as file:
        file.write('peal:join/nonsense\n')
    done = subprocess.run([town.node_program, 'run', '--state', carol.state + '2', '--join', path],
                          env=carol.env, capture_output=True, text=True, timeout=30)
    check(done.returncode == 1 and 'no invitation' in done.stderr, done.returncode, done.stderr)


def nearby_open(town):
    alice = town.person('alice').start()
    alice.tell('create', 'home', 'alice')
    bob = town.person('bob').start()
    near = bob.await_line('nearby', label='home')
    check(near['peers'] >= 1, near)
    bob.tell('join-nearby', 'home', 'bob')
    bob.ready()
    bob.look_up('alice@home')
    check(not alice.find('request'), alice.find('request'))


def nearby_closed(town):
    alice = town.person('alice').start()
    alice.tell('open', 'no')
    alice.tell('create', 'home', 'alice')
    bob = town.person('bob').start()
    bob.tell('open', 'no')
    bob.await_line('nearby', label='home')
    bob.tell('join-nearby', 'home', 'bob')
    request = alice.await_line('request', kind='newcomer')
    check('wants to join “home”' in request['text'], request)
    alice.tell('accept')
    bob.ready()
    carol = town.person('carol').start()
    carol.await_line('nearby', label='home')
    carol.tell('join-nearby', 'home', 'carol')
    asked = wait_for('carol to ask', lambda: next(  # one of the two, whom she heard first
        (p for p in (alice, bob) if p.find('request', address='carol')), None))
    asked.tell('refuse')
    sentence = carol.await_line('error')['text']
    check(sentence == 'Nobody there let you in. Ask someone for an invitation.', sentence)


def known_first(town):
    ears = deafen()
    here = f'127.0.0.1:{free_port()}'
    alice = town.person('alice').start('--listen', here)
    alice.tell('create', 'home', 'alice')
    bob = town.person('bob').start()
    alice.await_line('account', state='alone')
    bob.tell('join', alice.invitation(), 'bob')
    bob.ready()
    bob.stop()
    alice.stop()
    alice.start('--listen', here)
    bob.start().ready()
    bob.look_up('alice@home')
    check(not bob.find('nearby'), 'discovery was not silent')
    for ear in ears:
        ear.close()


def stale(town):
    """Nobody listens any more where the invitation says, nor where those were who were known, but
    who is nearby is heard."""
    alice = town.person('alice').start('--listen', f'127.0.0.1:{free_port()}')
    alice.tell('create', 'home', 'alice')
    alice.await_line('account', state='alone')
    invitation = alice.invitation()

    def move_alice():
        alice.stop()
        alice.start('--listen', f'127.0.0.1:{free_port()}')
    move_alice()
    bob = town.person('bob').start()
    bob.tell('join', invitation, 'bob')
    bob.ready()
    bob.look_up('alice@home')
    bob.stop()
    move_alice()
    bob.start().ready()
    bob.look_up('alice@home')


def twelve(town):
    names = [f'user{i}' for i in range(12)]
    people = town.pair(*names[:2])
    for name in names[2:]:
        people.append(town.person(name).start())
        people[-1].tell('join', people[0].invitation(), name)
    for person in people:
        wait_for(f'twelve for {person.name}',
                 lambda: (person.find('account') or {}).get('peers') == 12)
    for person in people:
        person.stop()
    for person in people:
        person.start()
    for person in people:
        person.ready(90)
    for person in people:
        wait_for(f'{person.name} to know all',
                 lambda: person.find('account')['peers'] == 12, 90)
    people[3].look_up(*(f'{name}@home' for name in names))


def without_creator(town):
    people = town.pair('alice', 'bob', 'carol', 'dora')
    for person in people:
        person.kill()
    bob, dora = people[1], people[3]
    bob.start()
    dora.start()
    bob.ready()
    dora.ready()
    bob.look_up('dora@home')
    dora.look_up('bob@home')


def altered(invitation, change):
    """The invitation with other bytes and a checksum that is right again."""
    prefix, text = invitation.split('/', 1)
    raw = bytearray(base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))[:-4])
    fields, at = [], 1
    for _ in range(3):  # instance name, label, inviter
        fields.append(at)
        at += 1 + raw[at]
    fields += [at, at + 32]  # hash of the configuration, secret
    change(raw, fields)
    raw += hashlib.sha256(raw).digest()[:4]
    return prefix + '/' + base64.urlsafe_b64encode(raw).decode().rstrip('=')


def flip_secret(raw, fields):
    check(raw[fields[4]] == 16, 'no secret in the invitation')
    raw[fields[4] + 1] ^= 1


def flip_configuration(raw, fields):
    raw[fields[3]] ^= 1


def stranger(town):
    alice, bob = town.pair('alice', 'bob')
    for name, change in (('eve', flip_secret), ('mallory', flip_configuration)):
        intruder = town.person(name).start()
        intruder.tell('join', altered(alice.invitation(), change), name)
        intruder.await_line('status', text='Looking for people on this network…')
        # It has had its answer when somebody who may come in got in after it.
        honest = town.person('friend-of-' + name).start()
        honest.tell('join', alice.invitation(), 'friend-of-' + name)
        honest.ready()
        check(not intruder.find('account', state='ready'), name, 'got in')
        check((intruder.find('account') or {}).get('peers', 1) == 1, intruder.find('account'))
        intruder.stop()
    alice.look_up('bob@home')
    bob.look_up('alice@home')


def foreign(town):
    alice, bob = town.pair('alice', 'bob')
    carol, dora = town.pair('carol', 'dora', label='work')
    for person in (alice, bob, carol, dora):
        wait_for(f'{person.name} to know the other',
                 lambda: person.find('account')['peers'] == 2)
    alice.tell('dial', 'carol@work')
    sentence = alice.await_line('error')['text']
    check(sentence == 'You are not in a network called “work”.', sentence)
    carol.tell('find', 'alice@work')
    check('Nobody called “alice” is in “work”' in carol.await_line('missing')['text'])


def hurt_port(town):
    """Datagrams that are none of ours at a listener, then a newcomer."""
    here = free_port()
    alice = town.person('alice').start('--listen', f'127.0.0.1:{here}')
    alice.tell('create', 'home', 'alice')
    alice.await_line('account', state='alone')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as noise:
        for size in (0, 1, 12, 13, 100, 1400, 9000):
            for first in (0, 22, 23, 64, 200, 255):
                body = bytes([first] * min(size, 1)) + os.urandom(max(size - 1, 0))
                noise.sendto(body, ('127.0.0.1', here))
    for _ in range(20):
        with socket.create_connection(('127.0.0.1', here), timeout=10) as tcp:
            tcp.sendall(struct.pack('>B', 22) + os.urandom(200))
    bob = town.person('bob').start()
    bob.tell('join', alice.invitation(), 'bob')
    bob.ready()
    check(alice.is_running(), 'alice fell')


SCENARIOS = [
    ('twelve-started-at-once-are-one-ring', twelve),
    ('after-all-were-killed-two-find-each-other-without-the-creator', without_creator),
    ('a-link-lets-in', by_link),
    ('a-file-lets-in', by_file),
    ('an-open-network-lets-neighbours-in-at-once', nearby_open),
    ('a-closed-network-asks-first', nearby_closed),
    ('known-peers-are-tried-first', known_first),
    ('when-all-known-places-are-stale-neighbours-are-heard', stale),
    ('threat-2.6-a-stranger-without-the-secret-stays-outside', stranger),
    ('overlays-on-one-network-keep-apart', foreign),
    ('noise-at-the-port-keeps-nobody-out', hurt_port),
]
__all__ = ['SCENARIOS', 'Trouble', 'free_port']
