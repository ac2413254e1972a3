#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tshark listens to a real overlay. Usage: test-live-judge.py PEAL-NODE KEYLOG-LIBRARY. Prints TAP.

Three programs on loopback find each other, join, store and look up, over DTLS and over ICE. The
library writes down the secrets of their handshakes; with these tshark reads what they say. All of
it must be RELOAD, nothing malformed, no byte without a field."""
import os
import re
import signal
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'app/demo'))
import session  # noqa: E402
from dissection import PIECES, check_bytes, check_experts, dissect, name_of  # noqa: E402

NODE, LIBRARY = map(os.path.abspath, sys.argv[1:3])
# What three peers say in any case; which of the rest they say depends on where their values lie.
WANTED = ('probe', 'attach', 'store', 'join', 'update')
BINDING_REQUEST, BINDING_INDICATION = '0x0001', '0x0011'
ROLES = ('0x8029', '0x802a')  # ICE-CONTROLLED, ICE-CONTROLLING
EMPTY_FRAME = 8  # a sign of life, too short for tshark to see a frame in it
CODE = re.compile(r'\((\w+)\)$')


class Peer:
    def __init__(self, around, name, secrets):
        self.around, self.name = around, name
        home = os.path.join(around.folder, name)
        self.env = session.clean_env(home)
        sanitizer = self.env.get('ASAN_OPTIONS', '') + ':verify_asan_link_order=0'
        self.heard = {**self.env, 'LD_PRELOAD': LIBRARY, 'SSLKEYLOGFILE': secrets,
                      'ASAN_OPTIONS': sanitizer}
        self.state = os.path.join(home, 'state')

    def run(self, *arguments):
        self.around.start([NODE, 'run', '--state', self.state, '--listen', '127.0.0.1:0',
                           '--user', self.name, *arguments], self.name, self.heard)
        session.wait_for(f'{self.name} to listen',
                         lambda: os.path.exists(os.path.join(self.state, 'control')))

    def ask(self, *arguments):
        done = subprocess.run([NODE, *arguments, '--state', self.state], env=self.env, text=True,
                              capture_output=True, timeout=60)
        return done.stdout.strip() if done.returncode == 0 else ''


def listen(around, capture):
    """Whether dumpcap hears loopback."""
    log = os.path.join(around.folder, 'dumpcap.log')
    ear = around.start(['dumpcap', '-q', '-i', 'lo', '-w', capture], 'dumpcap')

    def begins():
        with open(log, encoding='utf-8') as file:
            return 'File: ' in file.read() or ear.poll() is not None
    session.wait_for('dumpcap', begins)
    return ear if ear.poll() is None else None


def live(around, secrets):
    anna, bob, carl = (Peer(around, name, secrets) for name in ('anna', 'bob', 'carl'))
    anna.run('--create', 'village')
    invitation = session.wait_for('an invitation', lambda: anna.ask('invite'))
    for peer in (bob, carl):
        peer.run('--join', invitation)
    for peer in (anna, bob, carl):
        session.wait_for(f'{peer.name} to see three peers',
                         lambda p=peer: '"peers":3' in p.ask('status', '--json'), 90)
    for name in ('anna', 'bob', 'carl'):
        session.wait_for(f'{name} to be found',
                         lambda n=name: bob.ask('lookup', f'{n}@village', '--json'), 60)


def method_of(message):
    for field in message.iter('field'):
        if name_of(field) == 'reload.message.code':
            found = CODE.search(field.get('showname'))
            return found[1] if found else field.get('show')
    return 'piece'


def check_message(message):
    faults = []
    if method_of(message) != 'piece':
        is_split = any(name_of(field) == PIECES for field in message.iter('field'))
        check_bytes(message, is_split, faults)
    return faults


def check_datagram(packet, protocols):
    """What was said under DTLS is read, and it is frames."""
    faults = []
    check_experts(packet, faults)
    said = any(name_of(field) == 'dtls.app_data' for field in packet.iter('field'))
    if said and not {'reload-framing', 'data'} & set(protocols):
        faults.append('cannot be read')
    if 'reload-framing' not in protocols:
        faults += [f'{part.get("size")} bytes that are no frame' for part in packet.iter('proto')
                   if name_of(part) == 'data' and int(part.get('size')) != EMPTY_FRAME]
    return faults


def judge(packets):
    """Method -> faults of each message, and those of the datagrams around them."""
    methods, others = {}, []
    for number, packet in enumerate(packets, 1):
        protocols = [name_of(part) for part in packet.iter('proto')]
        if 'dtls' not in protocols or 'icmp' in protocols:
            continue
        others += [f'frame {number}: {fault}' for fault in check_datagram(packet, protocols)]
        for message in packet.iter('proto'):
            if name_of(message) == 'reload':
                methods.setdefault(method_of(message), []).append(
                    [f'frame {number}: {fault}' for fault in check_message(message)])
    return methods, others


def judge_ice(packets):
    """Every check of a path names the roles, and what keeps a path alive is STUN as well."""
    kinds, faults = set(), []
    for number, packet in enumerate(packets, 1):
        fields = [(name_of(field), field.get('show')) for field in packet.iter('field')]
        kinds.update(value for name, value in fields if name == 'stun.type')
        if ('stun.type', BINDING_REQUEST) in fields and not any(
                ('stun.att.type', role) in fields for role in ROLES):
            faults.append(f'frame {number}: a check without a role')
    return (faults + ([] if BINDING_REQUEST in kinds else ['no check was heard']),
            [] if BINDING_INDICATION in kinds else ['nothing that keeps alive was heard'])


def report(number, name, faults, note):
    print('not ok' if faults else 'ok', f'{number} /wire/judge/live/{name}: {note}')
    for fault in faults[:20]:
        print(f'# {fault}')


def main():
    missing = session.missing_tools(['tshark', 'dumpcap'])
    if missing:
        print(f'1..0 # SKIP {missing[0]} is not installed')
        return
    with tempfile.TemporaryDirectory() as folder:
        around = session.Surroundings(folder)
        capture, secrets = (os.path.join(folder, name) for name in ('capture', 'secrets'))
        ear = listen(around, capture)
        if ear is None:
            print('1..0 # SKIP nobody may listen to loopback here')
            return
        live(around, secrets)
        ear.send_signal(signal.SIGINT)
        ear.wait(30)
        around.processes.remove(ear)
        around.close()
        packets = dissect(capture, '-o', f'tls.keylog_file:{secrets}')
    methods, others = judge(packets)
    roles, keepalives = judge_ice(packets)
    wanted = [f'{name}_{kind}' for name in WANTED for kind in ('req', 'ans')]
    methods = {**{name: [] for name in wanted}, **methods}
    print(f'1..{len(wanted) + 4}')
    report(1, 'every-datagram-is-read', others, 'over DTLS')
    for number, name in enumerate(wanted, 2):
        faults = sum(methods[name], []) if methods[name] else ['none was heard']
        report(number, name, faults, f'{len(methods[name])} without a gap')
    rest = {name: faults for name, faults in methods.items() if name not in wanted}
    report(len(wanted) + 2, 'all-others', sum(sum(rest.values(), []), []), ', '.join(sorted(rest)))
    report(len(wanted) + 3, 'rfc6940-6.5.1.9-1-checks-name-roles', roles, 'over ICE')
    report(len(wanted) + 4, 'rfc6940-6.5.1.10.3-1-stun-keeps-alive', keepalives, 'over ICE')


main()
