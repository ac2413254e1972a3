#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network that is named by its owner's domain: newcomers find its server by DNS (RFC 6940, 11.2).
Runs in a network and mounts of its own, with a name server that the test plays.
Usage: test-domain.py PEAL-NODE. Prints TAP."""
import os
import socket
import struct
import subprocess
import sys
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'app/demo'))
import session  # noqa: E402
import tap  # noqa: E402
from joining import deafen, free_port  # noqa: E402
from peer import Peer  # noqa: E402
from tap import check  # noqa: E402

NODE = os.path.abspath(sys.argv[1])
INSIDE = 'PEAL_DOMAIN_INSIDE'
DOMAIN = 'club.example.org'
HOST = f'phones.{DOMAIN}'
SERVICE = f'_reload-config._tcp.{DOMAIN}'
PORT = 8443
UNSHARE = ['unshare', '-nm' if os.geteuid() == 0 else '-rnm']
A, SRV, NAME_ERROR = 1, 33, 3


def wire_name(name):
    return b''.join(bytes([len(label)]) + label.encode() for label in name.split('.')) + b'\0'


def read_name(packet, at):
    labels = []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    return '.'.join(labels).lower(), at + 1


class NameServer:
    """Answers for the domain alone, and remembers what it was asked (RFC 1035, RFC 2782)."""

    def __init__(self):
        self.records = {(SERVICE, SRV): struct.pack('!HHH', 1, 1, PORT) + wire_name(HOST),
                        (HOST, A): socket.inet_aton('127.0.0.1')}
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            packet, sender = self.socket.recvfrom(512)
            self.socket.sendto(self.answer(packet), sender)

    def answer(self, packet):
        name, at = read_name(packet, 12)
        kind, = struct.unpack_from('!H', packet, at)
        self.asked.append((name, kind))
        data = self.records.get((name, kind))
        is_known = any(name == known for known, _ in self.records)
        head = packet[:2] + struct.pack('!HHHHH', 0x8580 | (0 if is_known else NAME_ERROR), 1,
                                        1 if data else 0, 0, 0)
        record = b'\xc0\x0c' + struct.pack('!HHIH', kind, 1, 1, len(data)) + data if data else b''
        return head + packet[12:at + 4] + record


class Club:
    """Anna owns it, on a computer that DNS knows; there is no URL in her invitations."""

    def __init__(self, around):
        self.around = around
        self.names = NameServer()
        self.anna, self.bob, self.dora = (
            Peer(around, name, NODE) for name in ('anna', 'bob', 'dora'))
        done = self.anna.ask('overlay', 'create', 'club', '--domain', DOMAIN, '--server',
                             f'https://{HOST}:{PORT}/', '--user', 'anna')
        check(done.returncode == 0 and done.stdout.strip() == DOMAIN, done.stderr)
        self.run_anna()

    def run_anna(self, *arguments):
        self.anna.run('--user', 'anna', '--enroll', f'127.0.0.1:{PORT}', *arguments)

    def move(self):
        """The two who are members listen elsewhere from now on; gives where."""
        places = [f'127.0.0.1:{free_port()}' for _ in range(2)]
        for peer in (self.anna, self.bob):
            check(peer.stop() == 0, peer.name)
        self.run_anna('--listen', places[0])
        self.bob.run('--user', 'bob', '--listen', places[1])
        session.wait_for('two members', lambda: self.anna.is_ready() and self.bob.is_ready(), 60)
        return places

    def invite(self, name):
        done = self.anna.ask('user', 'add', name)
        check(done.returncode == 0, done.stderr)
        return done.stdout.strip()


def test_join(club):
    club.bob.run('--join', club.invite('bob'), '--user', 'bob')
    session.wait_for('two members', lambda: club.anna.is_ready() and club.bob.is_ready(), 60)
    check((SERVICE, SRV) in club.names.asked, club.names.asked)
    session.wait_for('bob', lambda: club.anna.finds(f'bob@{DOMAIN}'), 60)


def test_stale_invitation(club):
    """DNS says where the server is, and neighbours are heard: that leads in where nobody listens
    any more at the places of the invitation."""
    invitation = club.invite('dora')
    club.places = club.move()
    club.names.asked.clear()
    club.dora.run('--join', invitation, '--user', 'dora')
    session.wait_for('dora', club.dora.is_ready, 60)
    check((SERVICE, SRV) in club.names.asked, club.names.asked)
    session.wait_for('dora', lambda: club.bob.finds(f'dora@{DOMAIN}'), 60)


def test_known(club):
    """Then nothing comes of either, and nothing is lost by it: who was attached is known."""
    for peer in (club.dora, club.bob, club.anna):
        check(peer.stop() == 0, peer.name)
    club.ears = deafen()
    del club.names.records[SERVICE, SRV]
    club.run_anna('--listen', club.places[0])
    club.bob.run('--user', 'bob', '--listen', club.places[1])
    club.dora.run('--user', 'dora')
    session.wait_for('dora', lambda: club.dora.is_ready() and club.dora.finds(f'bob@{DOMAIN}'), 60)


def test_named_in_document(club):
    """Who has forgotten everybody finds those whom the owner's document names."""
    address, port = club.places[0].split(':')
    named = f'<bootstrap-node address="{address}" port="{port}"/>'
    path = os.path.join(club.around.folder, 'edited.xml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(club.anna.ask('overlay', 'show').stdout.replace('<turn-density>',
                                                                   named + '<turn-density>'))
    done = club.anna.ask('overlay', 'sign', path)
    check(done.returncode == 0, done.stderr)
    session.wait_for('the document at dora', lambda: club.dora.finds(f'anna@{DOMAIN}') and
                     named in club.dora.document(), 60)
    check(club.dora.stop() == 0, 'dora')
    for name in os.listdir(club.dora.state):
        if name.startswith('overlay.db'):
            os.unlink(os.path.join(club.dora.state, name))
    club.dora.run('--user', 'dora')
    session.wait_for('dora', lambda: club.dora.is_ready() and club.dora.finds(f'bob@{DOMAIN}'), 60)
    for ear in club.ears:
        ear.close()


def test_no_record(club):
    done = Peer(club.around, 'carl', NODE).ask('run', '--listen', '127.0.0.1:0', '--user', 'carl',
                                               '--join', club.invite('carl'))
    check(done.returncode == 1, done.stderr)
    check('The server of “club” does not answer. Try again later.' in done.stderr, done.stderr)


def test_questions(club):
    """Nobody else's names are asked for, and none of those that DNS does not know."""
    asked = [name for name, _ in club.names.asked]
    check(asked and all(name.endswith(DOMAIN) for name in asked), asked)


def test_bad_domains(club):
    for domain in ('club', 'club.alt', 'Not A Name.org', 'x' * 70 + '.org'):
        done = Peer(club.around, 'dora', NODE).ask(
            'overlay', 'create', 'club', '--domain', domain, '--server', 'https://a.example.org/')
        check(done.returncode == 1, domain, done.returncode)
        check('The domain must be a name such as' in done.stderr, domain, done.stderr)


TESTS = [
    ('newcomers-find-its-server-by-dns', test_join),
    ('with-a-stale-invitation-dns-and-neighbours-lead-in', test_stale_invitation),
    ('who-knows-members-needs-neither', test_known),
    ('who-has-forgotten-them-asks-those-of-the-document', test_named_in_document),
    ('without-a-record-there-is-no-server', test_no_record),
    ('only-its-own-names-are-asked-for', test_questions),
    ('domains-that-cannot-be-are-told', test_bad_domains),
]


def enter():
    """Starts this program again, inside; returns there, or when that is not allowed."""
    if INSIDE in os.environ:
        with open('/mnt/resolv.conf', 'w', encoding='utf-8') as file:
            file.write('nameserver 127.0.0.1\noptions timeout:2 attempts:2\n')
        subprocess.run(['mount', '--bind', '/mnt/resolv.conf', '/etc/resolv.conf'], check=True)
        return True
    # The C library asks for no addresses on a computer that has none but 127.0.0.1.
    probe = [*UNSHARE, 'sh', '-c', 'mount -t tmpfs none /mnt && ip link set lo up && '
             'ip address add 192.0.2.1/32 dev lo']
    if subprocess.run(probe, capture_output=True).returncode == 0:
        os.environ[INSIDE] = '1'
        os.execvp('unshare', [*UNSHARE, 'sh', '-c', f'{probe[-1]} && exec "$@"', 'sh',
                              sys.executable, os.path.abspath(__file__), NODE])
    return False


if __name__ == '__main__':
    if not enter():
        print('1..0 # SKIP no namespaces here')
        sys.exit(0)
    sys.exit(tap.play('domain', Club, TESTS))
