#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tshark as the judge of our messages. Usage: test-judge.py PROGRAM... Prints TAP.

Each PROGRAM makes a capture, of an overlay's life or of messages of every sort, and writes down
what we read in each frame. tshark must find nothing malformed in it, account for every byte and
read every field as we do (comparison.py). What its dissector (4.0) does not do right is listed here
and there, each fault as narrow as it is."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from comparison import WRONG, compare, name_of

# Element -> how many bytes in it have no field, and why.
GAPS = {
    # The priority is drawn over the first four bytes, which it is not.
    'reload.icecandidate': 4,
    # The list's own length.
    'reload.probe_info': 2,
    # A Fetch of all keys: the length of the empty list of keys.
    'reload.storeddataspecifier': 2,
}
# Inside of these another dissector speaks: X.509, which does not know Peal's extensions and OIDs of
# more than 64 bits, and XML.
OTHERS = {'reload.certificate', 'xml'}
# Lists the pieces of a message. What it was put together from is drawn behind the last one.
PIECES = 'reload.fragments'
CONTENTS = 'reload.message.contents'
# "none" is no type to it, though RFC 6940, 7.4.2.2, wants it for values that nobody stored.
EXPERT_ALLOWED = {'Unknown identity type'}
WANTED = ('probe', 'attach', 'store', 'fetch', 'find', 'join', 'leave', 'update', 'route_query',
          'ping', 'stat', 'app_attach', 'config_update')


def span_of(element):
    begin = int(element.get('pos') or 0)
    return begin, begin + int(element.get('size') or 0)


def leaves_of(element):
    if len(element) == 0 or name_of(element) in OTHERS:
        return [element]
    return [leaf for part in element for leaf in leaves_of(part)]


def elements_of(parts):
    return [element for part in parts for element in part.iter() if element.get('size')]


def check_bytes(message, is_split, faults):
    """Every byte belongs to a field; one that does not is counted for the innermost element."""
    parts = [message]
    begin, end = span_of(message)
    if is_split:
        contents = next(part for part in message if name_of(part) == CONTENTS)
        block = next(part for part in message if name_of(part) == 'reload.security_block')
        parts = [*contents, block]
        begin, end = 0, span_of(block)[1]
    missing = set(range(begin, end))
    for part in parts:
        for leaf in leaves_of(part):
            missing.difference_update(range(*span_of(leaf)))
    around = {}
    for byte in sorted(missing):
        elements = [e for e in elements_of(parts) if byte in range(*span_of(e))]
        inner = min(elements, key=lambda e: int(e.get('size')), default=message)
        around.setdefault(inner, []).append(byte)
    for element, gap in around.items():
        if name_of(element) not in WRONG and len(gap) != GAPS.get(name_of(element)):
            faults.append(f'{len(gap)} bytes of {name_of(element)} have no field')


def check_experts(packet, faults):
    """No complaints, but of certificates."""
    parents = {child: parent for parent in packet.iter() for child in parent}
    for element in packet.iter():
        name = name_of(element)
        if name == '_ws.malformed':
            faults.append(element.get('showname') or 'malformed')
        if name != '_ws.expert.message':
            continue
        above = element
        while above is not None and name_of(above) not in OTHERS:
            above = parents.get(above)
        text = (element.get('show') or '').strip()
        if above is None and text not in EXPERT_ALLOWED:
            faults.append(text)


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
    if is_whole:
        faults += compare(message, printed, method_of(printed), is_split)
    if any('malformed' in line for line in printed):
        faults.append('we cannot read it')
    return faults


def read_frames(path):
    with open(path, encoding='utf-8') as file:
        parts = re.split(r'^Frame: \d+\n', file.read(), flags=re.MULTILINE)[1:]
    return [part.splitlines() for part in parts]


def dissect(path):
    # What looks like another protocol is none here.
    out = subprocess.run(['tshark', '-n', '-r', path, '-T', 'pdml', '--disable-protocol', 'quic'],
                         check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return ElementTree.fromstring(out.stdout).findall('packet')


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
