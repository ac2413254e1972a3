#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tshark as the judge of our messages. Usage: test-judge.py PROGRAM... Prints TAP.

Each PROGRAM makes a capture, of an overlay's life or of messages of every sort, and writes down
what we read in each frame. tshark must find nothing malformed in it, account for every byte and
read every field as we do."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

from comparison import compare, name_of
from dissection import PIECES, check_bytes, check_experts, dissect

WANTED = ('probe', 'attach', 'store', 'fetch', 'find', 'join', 'leave', 'update', 'route_query',
          'ping', 'stat', 'app_attach', 'config_update')


def method_of(printed):
    for line in printed:
        match = re.match(r'  message_code: \d+ \((\w+)\)', line)
        if match:
            return match[1]
    return 'piece' if printed else 'acknowledgement'


def check_packet(packet, printed):
    faults = []
    check_experts(packet, faults)
    protocols = {name_of(p) for p in packet.iter('proto')}
    if 'reload-framing' not in protocols:
        return faults + ['no frame']
    message = packet.find("proto[@name='reload']")
    if (message is None) != (not printed):
        return faults + ['no message']
    if message is None:
        return faults
    is_split = any(name_of(f) == PIECES for f in message.iter('field'))
    is_whole = any(line.startswith('MessageContents') for line in printed)
    if is_whole:
        check_bytes(message, is_split, faults)
        faults += compare(message, printed, method_of(printed), is_split)
    if any('malformed' in line for line in printed):
        faults.append('we cannot read it')
    return faults


def read_frames(path):
    with open(path, encoding='utf-8') as file:
        parts = re.split(r'^Frame: \d+\n', file.read(), flags=re.MULTILINE)[1:]
    return [part.splitlines() for part in parts]


def judge(program, results):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, folder], check=True)
        capture = glob.glob(os.path.join(folder, '*.pcap'))[0]
        frames = read_frames(capture.replace('.pcap', '.txt'))
        packets = dissect(capture)
    for number, (packet, printed) in enumerate(zip(packets, frames, strict=True), 1):
        faults = check_packet(packet, printed)
        results.setdefault(method_of(printed), []).append(
            [f'{os.path.basename(capture)}, frame {number}: {fault}' for fault in faults])


def main():
    if not shutil.which('tshark'):
        print('1..0 # SKIP tshark is not installed')
        return
    results = {f'{name}_{kind}': [] for name in WANTED for kind in ('req', 'ans')}
    for program in sys.argv[1:]:
        judge(program, results)
    print(f'1..{len(results)}')
    for number, (name, messages) in enumerate(results.items(), 1):
        faults = [fault for message in messages for fault in message]
        verdict = 'ok' if messages and not faults else 'not ok'
        print(f'{verdict} {number} /wire/judge/{name}: tshark agrees on {len(messages)}')
        for fault in faults[:20]:
            print(f'# {fault}')


main()
