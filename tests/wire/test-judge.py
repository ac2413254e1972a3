#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tshark as the judge of our messages. Usage: test-judge.py RECORD. Prints TAP.

RECORD makes a capture of an overlay's life and writes down what we read in each frame. tshark must
find nothing malformed in it, account for every byte and read the same. What its dissector (4.0)
does not do right is listed here, each fault as narrow as it is."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

# Element -> how many bytes in it have no field, and why.
GAPS = {
    # The priority is drawn over the first four bytes, with the right value.
    'reload.icecandidate': 4,
    # The list's own length.
    'reload.probe_info': 2,
    # A Fetch of all keys: the length of the empty list of keys.
    'reload.storeddataspecifier': 2,
}
# Inside of these another dissector speaks (X.509), which does not know Peal's extensions and OIDs
# of more than 64 bits.
OTHERS = {'reload.certificate'}
# Lists the pieces of a message. What it was put together from is drawn behind the last one.
PIECES = 'reload.fragments'
CONTENTS = 'reload.message.contents'
# "none" is no type to it, though RFC 6940, 7.4.2.2, wants it for values that nobody stored.
EXPERT_ALLOWED = {'Unknown identity type'}
# What we print as one opaque value: what tshark reads in it must occur there.
OPAQUE = {'reload.dictionarykey', 'reload.sipregistration', 'reload.overlay_specific_data'}

NODES = {'reload.nodeid', 'reload.destination.data.nodeid', 'reload.chordroutequeryans.nodeid',
         'reload.joinreq.joining_peer_id', 'reload.leavereq.leaving_peer_id'}
RESOURCES = {'reload.resource', 'reload.destination.data.resourceid'}
KINDS = {'reload.kinddata.kind', 'reload.kindid'}
OUR_ID = re.compile(r'(?:node_id|\w+_peer_id|resource|resource_id|next_peer): ([0-9a-f]{32})$')
OUR_KIND = re.compile(r'- kind: (\d+)')
OUR_NUMBER = re.compile(r'\s*(\w+): (\d+)')
HEADER = {
    'reload.forwarding.overlay': 'overlay',
    'reload.forwarding.configuration_sequence': 'configuration_sequence',
    'reload.forwarding.ttl': 'ttl',
    'reload.forwarding.fragment': 'fragment',
    'reload.forwarding.trans_id': 'transaction_id',
    'reload.forwarding.max_response_length': 'max_response_length',
    'reload.message.code': 'message_code',
    'reload.error_response.code': 'error_code',
}
WANTED = ('probe', 'attach', 'store', 'fetch', 'join', 'leave', 'update', 'ping', 'app_attach')


def name_of(element):
    return element.get('name') or element.get('show') or element.tag


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
        if len(gap) != GAPS.get(name_of(element)):
            faults.append(f'{len(gap)} bytes of {name_of(element)} have no field')


def ids_of(element, is_opaque, found):
    """Node-IDs and Resource-IDs in their order: (hexadecimal, whether in an opaque value)."""
    name = name_of(element)
    is_opaque = is_opaque or name in OPAQUE
    if name in NODES:
        found.append((element.get('value'), is_opaque))
    elif name in RESOURCES:
        found += [(e.get('value'), is_opaque) for e in element.iter('field')
                  if name_of(e) == 'reload.opaque.data']
    else:
        for e in element:
            ids_of(e, is_opaque, found)


def read_numbers(printed):
    """What HEADER names, as we printed it; the first of each."""
    numbers = {}
    for line in printed:
        match = OUR_NUMBER.match(line)
        if match and match[1] in HEADER.values():
            numbers.setdefault(match[1], int(match[2]))
    return numbers


def check_reading(message, printed, is_split, faults):
    fields = list(message.iter('field'))
    theirs = {HEADER[name_of(f)]: int(f.get('value'), 16) for f in fields if name_of(f) in HEADER}
    ours = read_numbers(printed)
    if is_split:  # theirs of the last piece, ours of the whole
        del theirs['fragment'], ours['fragment']
    if theirs != ours:
        faults.append(f'tshark reads {theirs}, we {ours}')

    kinds = [int(f.get('value'), 16) for f in fields if name_of(f) in KINDS]
    our_kinds = [int(m[1]) for m in map(OUR_KIND.search, printed) if m]
    if kinds != our_kinds:
        faults.append(f'tshark reads Kinds {kinds}, we {our_kinds}')

    ids = []
    ids_of(message, False, ids)
    our_ids = [m[1] for m in map(OUR_ID.search, printed) if m]
    if [i for i, is_opaque in ids if not is_opaque] != our_ids:
        faults.append(f'tshark reads identifiers {ids}, we {our_ids}')
    text = '\n'.join(printed)
    faults += [f'{i} is not what we read' for i, is_opaque in ids if is_opaque and i not in text]


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
    check_reading(message, printed, is_split, faults)
    if any('malformed' in line for line in printed):
        faults.append('we cannot read it')
    return faults


def method_of(printed):
    for line in printed:
        match = re.match(r'  message_code: \d+ \((\w+)\)', line)
        if match:
            return match[1]
    return 'piece' if printed else 'acknowledgement'


def read_frames(path):
    with open(path, encoding='utf-8') as file:
        parts = re.split(r'^Frame: \d+\n', file.read(), flags=re.MULTILINE)[1:]
    return [part.splitlines() for part in parts]


def dissect(path):
    # What looks like another protocol is none here.
    out = subprocess.run(['tshark', '-n', '-r', path, '-T', 'pdml', '--disable-protocol', 'quic'],
                         check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return ElementTree.fromstring(out.stdout).findall('packet')


def judge(record, folder):
    subprocess.run([record, folder], check=True)
    frames = read_frames(os.path.join(folder, 'printed.txt'))
    packets = dissect(os.path.join(folder, 'capture.pcap'))
    results = {f'{name}_{kind}': [] for name in WANTED for kind in ('req', 'ans')}
    for number, (packet, printed) in enumerate(zip(packets, frames, strict=True), 1):
        faults = check_packet(packet, printed)
        results.setdefault(method_of(printed), []).append(
            [f'frame {number}: {fault}' for fault in faults])
    return results


def main():
    if not shutil.which('tshark'):
        print('1..0 # SKIP tshark is not installed')
        return
    with tempfile.TemporaryDirectory() as folder:
        results = judge(sys.argv[1], folder)
    print(f'1..{len(results)}')
    for number, (name, messages) in enumerate(results.items(), 1):
        faults = [fault for message in messages for fault in message]
        verdict = 'ok' if messages and not faults else 'not ok'
        print(f'{verdict} {number} /wire/judge/{name}: tshark agrees on {len(messages)}')
        for fault in faults[:20]:
            print(f'# {fault}')


main()
