#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tshark listens to real overlays. Usage: test-live-judge.py PEAL-NODE LINKS KEYLOG-LIBRARY. Prints
TAP.

Three programs on loopback find each other, join, store and look up, over DTLS and over ICE; LINKS,
a test of its own, makes overlays without ICE, over DTLS and over TLS. The library writes down the
secrets of their handshakes; with these tshark reads what they say. All of it must be RELOAD,
nothing malformed, no byte without a field."""
import collections
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path += [os.path.join(ROOT, 'app/demo'), os.path.join(ROOT, 'tests/agents')]
import session  # noqa: E402
from dissection import PIECES, check_bytes, check_experts, dissect, name_of  # noqa: E402
from peer import Peer  # noqa: E402

NODE, LINKS, LIBRARY = map(os.path.abspath, sys.argv[1:4])
# What three peers say in any case; which of the rest they say depends on where their values lie.
WANTED = ('probe', 'attach', 'store', 'join', 'update')
BINDING_REQUEST, BINDING_INDICATION = '0x0001', '0x0011'
ROLES = ('0x8029', '0x802a')  # ICE-CONTROLLED, ICE-CONTROLLING
DATA, DATA_HEAD, ACK, ACK_SIZE, RAW_IP = 128, 8, 129, 9, 101
TOKEN = b'\xd2ELO'  # what else goes over the links of applications is not RELOAD
CODE = re.compile(r'\((\w+)\)$')


def heard(env, secrets):
    """The surroundings of a program whose secrets are written down."""
    sanitizer = env.get('ASAN_OPTIONS', '') + ':verify_asan_link_order=0'
    return {**env, 'LD_PRELOAD': LIBRARY, 'SSLKEYLOGFILE': secrets, 'ASAN_OPTIONS': sanitizer}


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
    anna, bob, carl = peers = [Peer(around, name, NODE) for name in ('anna', 'bob', 'carl')]
    for peer in peers:
        peer.run_env = heard(peer.env, secrets)
    anna.run('--user', 'anna', '--create', 'village')
    invitation = anna.invite()
    for peer in (bob, carl):
        peer.run('--user', peer.name, '--join', invitation)
    for peer in peers:
        session.wait_for(f'{peer.name} to see three peers',
                         lambda p=peer: p.account().get('peers') == 3, 90)
    for peer in peers:
        session.wait_for(f'{peer.name} to be found',
                         lambda n=peer.name: bob.finds(f'{n}@village'), 60)


def without_ice(around, secrets):
    env = heard(session.clean_env(os.path.join(around.folder, 'links')), secrets)
    with open(os.path.join(around.folder, 'links.log'), 'ab') as log:
        subprocess.run([LINKS], env=env, stdout=log, stderr=log, timeout=200, check=True)


# ---- TLS: tshark decrypts it, but offers RELOAD for plain TCP and DTLS only ----

def read_streams(capture, *options):
    """What was said in each direction of each TLS connection."""
    done = subprocess.run(['tshark', '-n', '-r', capture, *options, '-Y', 'tls && data', '-T',
                           'fields', '-e', 'tcp.stream', '-e', 'tcp.srcport', '-e', 'data.data'],
                          check=True, capture_output=True, text=True)
    streams = collections.OrderedDict()
    for line in done.stdout.splitlines():
        stream, port, said = line.split('\t')
        streams.setdefault((stream, port), bytearray()).extend(bytes.fromhex(said.replace(',', '')))
    return streams.values()


def split_frames(stream):
    """RFC 6940, 6.6.2: data with a length of three bytes, acknowledgements of nine."""
    while stream:
        size = DATA_HEAD + int.from_bytes(stream[5:8], 'big') if stream[0] == DATA else ACK_SIZE
        yield bytes(stream[:size])
        stream = stream[size:]


def write_capture(path, frames):
    """Each as a datagram to the port of RELOAD."""
    with open(path, 'wb') as file:
        file.write(struct.pack('>IHHIIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, RAW_IP))
        for frame in frames:
            size = 28 + len(frame)
            file.write(struct.pack('>IIII', 0, 0, size, size))
            file.write(struct.pack('>HHHHHHII', 0x4500, size, 0, 0x4000, 64 << 8 | 17, 0,
                                   10 << 24 | 1, 10 << 24 | 2))
            file.write(struct.pack('>HHHH', 6084, 6084, size - 20, 0) + frame)


def judge_tls(capture, folder, *options):
    frames = [frame for stream in read_streams(capture, *options) for frame in split_frames(stream)
              if frame[0] != DATA or frame[DATA_HEAD:].startswith(TOKEN)]
    path = os.path.join(folder, 'tls.pcap')
    write_capture(path, frames)
    faults, count = [], 0
    for number, packet in enumerate(dissect(path), 1):
        found = []
        check_experts(packet, found)
        messages = [part for part in packet.iter('proto') if name_of(part) == 'reload']
        if 'reload-framing' not in {name_of(part) for part in packet.iter('proto')}:
            found.append('no frame')
        for message in messages:
            found += check_message(message)
        count += len(messages)
        faults += [f'TLS frame {number}: {fault}' for fault in found]
    return faults if count else ['none was heard'], count


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
    """What was said under DTLS is read, and it is frames: those that tshark does not take for some
    are signs of life, SIP, and acknowledgements of these."""
    faults = []
    check_experts(packet, faults)
    fields = [(name_of(field), field.get('value')) for field in packet.iter('field')]
    rest = [bytes.fromhex(value) for name, value in fields if name == 'data.data']
    if 'reload-framing' not in protocols:
        if any(name == 'dtls.app_data' for name, _ in fields) and not rest:
            faults.append('cannot be read')
        faults += ['no frame' for part in rest
                   if (part[0], len(part)) != (ACK, ACK_SIZE)
                   and (part[0] != DATA or part[DATA_HEAD:].startswith(TOKEN))]
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
        without_ice(around, secrets)
        ear.send_signal(signal.SIGINT)
        ear.wait(30)
        around.processes.remove(ear)
        around.close()
        keys = ('-o', f'tls.keylog_file:{secrets}')
        packets = dissect(capture, *keys)
        tls, messages = judge_tls(capture, folder, *keys)
    methods, others = judge(packets)
    roles, keepalives = judge_ice(packets)
    wanted = [f'{name}_{kind}' for name in WANTED for kind in ('req', 'ans')]
    methods = {**{name: [] for name in wanted}, **methods}
    print(f'1..{len(wanted) + 5}')
    report(1, 'every-datagram-is-read', others, 'over DTLS')
    for number, name in enumerate(wanted, 2):
        faults = sum(methods[name], []) if methods[name] else ['none was heard']
        report(number, name, faults, f'{len(methods[name])} without a gap')
    rest = {name: faults for name, faults in methods.items() if name not in wanted}
    report(len(wanted) + 2, 'all-others', sum(sum(rest.values(), []), []), ', '.join(sorted(rest)))
    report(len(wanted) + 3, 'rfc6940-6.5.1.9-1-checks-name-roles', roles, 'over ICE')
    report(len(wanted) + 4, 'rfc6940-6.5.1.10.3-1-stun-keeps-alive', keepalives, 'over ICE')
    report(len(wanted) + 5, 'over-tls', tls, f'{messages} without a gap')


main()
