#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long it takes to come on the air behind a router: arrival.py PEAL-NODE PERSON KIND. Cold: by
an invitation, on a new machine. Warm: the same person starts again. Prints a line of JSON."""
import json
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cell  # noqa: E402
import laboratory  # noqa: E402
import people  # noqa: E402

JOIN_S = 120


def time_to_ready(person, began):
    person.ready(JOIN_S)
    return round(1000 * (person.find('account', state='ready')['at'] - began))


def measure(folder, node_program, program, kind):
    around = cell.session.Surroundings(folder)
    town = people.Town(folder, program, node_program)
    try:
        laboratory.Laboratory(kind, 'open')
        srv = cell.Peer(around, node_program, 'srv')
        srv.run('--create', 'home', '--relay')
        invitation = srv.ask('invite').stdout.strip()
        alice = town.person('alice')
        alice.before = laboratory.inside('alice')
        alice.start('--listen', 'any')
        began = time.monotonic()
        alice.tell('join', invitation, 'alice')
        cold_ms = time_to_ready(alice, began)
        alice.stop()
        began = time.monotonic()
        alice.start('--listen', 'any')
        warm_ms = time_to_ready(alice, began)
    finally:
        town.close()
        around.close()
    return {'kind': kind, 'cold_ms': cold_ms, 'warm_ms': warm_ms}


def main():
    reason = laboratory.why_not()
    if reason:
        sys.exit(reason)
    node_program, program = map(os.path.abspath, sys.argv[1:3])
    laboratory.enter()
    with tempfile.TemporaryDirectory(prefix='peal-natlab-') as folder:
        print(json.dumps(measure(folder, node_program, program, sys.argv[3])), flush=True)


if __name__ == '__main__':
    main()
