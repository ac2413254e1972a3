# SPDX-License-Identifier: GPL-3.0-or-later
"""A message as tshark reads it beside our printed form of it, field by field.

Both stand in the order of the wire. A field is the name that the RFC gives it, and its bytes. What
we print as one opaque value tshark may have taken apart: its fields must then be the bytes of that
value. Lengths, which we do not print, are passed over."""
import re

from faults import ALONE, SWAPPED_EXTENSIONS, UNKNOWN_BODIES, WRONG

# Our name -> other names that tshark shows, by which it means the same.
ALIASES = {
    'extension_contents': {'extension_content'},
    'generation': {'generation_counter'},
    'hash_algorithm': {'hash'},
    'key': {'DictionaryKey', 'data'},
    'kind': {'KindId'},
    'node_id': {'NodeId'},
    'opaque_id': {'compressed_id'},
    'option': {'ForwardingOption'},
    'type': {'Ice'},
}
# Not taken apart, and without a value: the sizes are compared.
SIZED = {'reload.certificate', 'xml'}
# Not taken apart: we print them as the numbers that they are.
WHOLE = SIZED | {'reload.forwarding.fragment', 'reload.forwarding.option.flags'}
# What tshark adds of its own: complaints, and what it knows of other frames.
ADDED = ('_ws.', 'reload.response-', 'reload.time', 'reload.duplicate', 'reload.fragment')
# Of a message in pieces we print the whole, and tshark the header of the last piece.
OF_PIECES = {'fragment', 'length'}
LINE = re.compile(r'^ *(?:- )*(?:(\w+): )?(\S.*)$')
NUMBER = re.compile(r'(\d+)(?: \(.*\))?$')
STRUCTURAL = re.compile(r'^[A-Z]\w*$')


def name_of(element):
    return element.get('name') or element.get('show') or element.tag


def label_of(element):
    """The name in the RFC's struct, which tshark shows first."""
    shown = element.get('showname') or element.get('show') or ''
    return re.split(r'[ :<(]', shown, maxsplit=1)[0]


class Field:
    """One leaf of tshark's tree."""

    def __init__(self, element, parent):
        self.name = name_of(element)
        self.labels = {label_of(element), label_of(parent)}
        self.begin = int(element.get('pos') or 0)
        self.size = int(element.get('size') or 0)
        text = element.get('value')
        self.bytes = bytes.fromhex(text) if text else None
        self.is_length = label_of(element).endswith('length')


def fields_of(element, parent, found):
    """The leaves, in the order of the wire."""
    name = name_of(element)
    if name.startswith(ADDED) or name in WRONG or element.get('hide'):
        return
    if len(element) == 0 or name in WHOLE:
        found.append(Field(element, parent))
        return
    for part in element:
        fields_of(part, element, found)


def without_body(lines):
    """The printed form without what stands below message_body."""
    kept, is_in_body = [], False
    for line in lines:
        is_in_body = is_in_body and line.startswith('    ')
        if not is_in_body:
            kept.append(line)
        is_in_body = is_in_body or line.startswith('  message_body:')
    return kept


def read_printed(lines):
    """(name or None, value) of every line that has a value."""
    values, kind = [], None
    for line in lines:
        match = LINE.match(line)
        if match is None or line.rstrip().endswith(':'):
            continue
        name, value = match.groups()
        kind = value if name == 'type' else kind
        if (name == 'message_body' and STRUCTURAL.match(value)
                or name == 'extension_contents' and kind in SWAPPED_EXTENSIONS):
            continue
        values.append((name, value))
    return values


def unquoted(value):
    text = value[1:-1]
    return re.sub(rb'\\x([0-9a-f]{2})|\\(.)',
                  lambda m: bytes([int(m[1], 16)]) if m[1] else m[2], text.encode())


def candidates(value, size):
    """What a printed value can be on the wire, in `size` bytes if it is a number."""
    if value.startswith('"'):
        return [unquoted(value)]
    number, found = NUMBER.match(value), []
    if number and int(number[1]) < 1 << 8 * size:
        found.append(int(number[1]).to_bytes(size, 'big'))
    if re.fullmatch(r'(?:[0-9a-f]{2})+', value):
        found.append(bytes.fromhex(value))
    return found


def is_same(name, value, field):
    if field.name in SIZED:
        return field.size in map(len, candidates(value, 0))
    if name is not None and not field.labels & ({name} | ALIASES.get(name, set())):
        return False
    return field.bytes is not None and field.bytes in candidates(value, field.size)


def consume_parts(value, fields, start):
    """The index behind the fields that together are the value, or None."""
    for wanted in candidates(value, 0):
        got, at = b'', start
        while at < len(fields) and fields[at].bytes is not None and len(got) < len(wanted):
            got += fields[at].bytes
            at += 1
        if got == wanted:
            return at
    return None


def find(name, value, fields, at):
    """The index behind what corresponds to a value of ours, or None."""
    start = at
    while at < len(fields):
        if is_same(name, value, fields[at]):
            return at + 1
        end = consume_parts(value, fields, at)
        if end is not None and end > at + 1:
            return end
        if not fields[at].is_length:
            return None
        at += 1
    return None


def skip_empty(fields, at):
    """Of an empty value tshark shows a field without bytes, or none."""
    end = at
    while end < len(fields) and fields[end].is_length:
        end += 1
    return end + 1 if end < len(fields) and fields[end].size == 0 else at


def compare(message, printed, method, is_split):
    """Where tshark and we read the message differently, as sentences."""
    alone = ALONE.get(method, set()) | (OF_PIECES if is_split else set())
    fields = []
    for part in message:
        fields_of(part, message, fields)
    fields = [field for field in fields if field.is_length or not field.labels & alone]
    faults, at = [], 0
    for name, value in read_printed(without_body(printed) if method in UNKNOWN_BODIES else printed):
        if name in alone:
            continue
        if value == '""':
            at = skip_empty(fields, at)
            continue
        end = find(name, value, fields, at)
        if end is None:
            shown = fields[at].name if at < len(fields) else 'nothing'
            return faults + [f'we read {name}: {value[:60]}, tshark {shown}']
        at = end
    rest = [field.name for field in fields[at:] if not field.is_length]
    if rest:
        faults.append(f'we do not read {rest}')
    return faults
