# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold of everything that tshark dissects: nothing is malformed, every byte of a message
has a field. What its dissector does not do right stands in faults.py."""
import subprocess
import xml.etree.ElementTree as ElementTree

from comparison import name_of
from faults import COMPLAINTS, GAPS, SWAPPED_EXTENSIONS, UNKNOWN_BODIES, WRONG

# Inside of these another dissector speaks: X.509, which does not know Peal's extensions and OIDs of
# more than 64 bits, and XML. What it thinks of a port or of how TCP goes is not our business.
OTHERS = {'reload.certificate', 'dtls.handshake.certificates', 'tls.handshake.certificates', 'xml',
          'ip', 'ipv6', 'udp', 'tcp'}
# Lists the pieces of a message. What it was put together from is drawn behind the last one.
PIECES = 'reload.fragments'
CONTENTS = 'reload.message.contents'
# A Kind that it has to be told of: RFC 7374, 10.3.
REDIR = 'uat:reload_kindids:"260","REDIR","DICTIONARY"'


def span_of(element):
    begin = int(element.get('pos') or 0)
    return begin, begin + int(element.get('size') or 0)


def leaves_of(element):
    if len(element) == 0 or name_of(element) in OTHERS:
        return [element]
    return [leaf for part in element for leaf in leaves_of(part)]


def elements_of(parts):
    return [element for part in parts for element in part.iter() if element.get('size')]


def unread_in(message):
    """Names of elements in which bytes may have no field."""
    shown = {(name_of(field), field.get('show')) for field in message.iter('field')}
    names = set(WRONG)
    if any(('reload.message.code', str(code)) in shown for code in UNKNOWN_BODIES.values()):
        names.add('reload.message.body')
    if any(('reload.message_extension.type', kind) in shown for kind in SWAPPED_EXTENSIONS):
        names.add('reload.message_extension')
    return names


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
    around, unread = {}, unread_in(message)
    for byte in sorted(missing):
        elements = [e for e in elements_of(parts) if byte in range(*span_of(e))]
        inner = min(elements, key=lambda e: int(e.get('size')), default=message)
        around.setdefault(inner, []).append(byte)
    for element, gap in around.items():
        if name_of(element) not in unread and len(gap) != GAPS.get(name_of(element)):
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
        if above is None and text not in COMPLAINTS:
            faults.append(text)


def dissect(path, *options):
    """The packets of a capture."""
    # What looks like another protocol is none here.
    out = subprocess.run(['tshark', '-n', '-r', path, '-T', 'pdml', '--disable-protocol', 'quic',
                          '-o', REDIR, *options],
                         check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return ElementTree.fromstring(out.stdout).findall('packet')
