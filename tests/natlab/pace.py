#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a call takes to come about between two homes: pace.py PEAL-NODE PERSON A B. Cold: people
who have never called bob dial him. Warm: alice, his buddy, does, over the link that stands. Prints
a line of JSON: medians in ms, the way that the sound went, and the way it has to go."""
import json
import os
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cell  # noqa: E402
import laboratory  # noqa: E402
import people  # noqa: E402
from matrix import expected  # noqa: E402

COLD, WARM = 3, 5
APART_S = 2.1  # who calls more often is refused
ANSWER_S = 0.5  # nobody answers at once
BOB = 'bob@home'


def join(town, invitation, name, place):
    person = town.person(name)
    person.before = laboratory.inside(place)
    person.start('--listen', 'any')
    person.tell('join', invitation, name)
    return person.ready()


def call(caller, bob):
    """What the caller knows of it at its end."""
    caller.tell('dial', BOB)
    bob.await_call('ringing')
    time.sleep(ANSWER_S)
    bob.tell('answer')
    caller.await_call('up')
    caller.await_sound()
    caller.tell('end')
    bob.await_call('ended')
    return caller.await_call('ended')


def call_cold(town, invitation, bob, number):
    caller = join(town, invitation, f'caller{number}', 'alice')
    caller.look_up(BOB)
    told = call(caller, bob)
    caller.stop()
    return told


def call_warm(alice, bob):
    time.sleep(APART_S)
    return call(alice, bob)


def befriend(alice, bob):
    alice.tell('add', BOB)
    bob.await_line('request', kind='buddy')
    bob.tell('accept')
    alice.await_line('contact', presence_text='Available')


def median(calls, key):
    return round(statistics.median(told[key] for told in calls))


def measure(folder, node_program, program, a, b):
    around = cell.session.Surroundings(folder)
    town = people.Town(folder, program, node_program)
    try:
        laboratory.Laboratory(a, b)
        srv = cell.Peer(around, node_program, 'srv')
        srv.run('--create', 'home')
        invitation = srv.ask('invite').stdout.strip()
        bob = join(town, invitation, 'bob', 'bob')
        cold = [call_cold(town, invitation, bob, number) for number in range(COLD)]
        alice = join(town, invitation, 'alice', 'alice')
        alice.look_up(BOB)
        bob.look_up('alice@home')
        befriend(alice, bob)
        warm = [call_warm(alice, bob) for _ in range(WARM)]
    finally:
        town.close()
        around.close()
    medians = {f'{name}_{key}': median(told, key) for name, told in (('cold', cold), ('warm', warm))
               for key in ('ring_ms', 'answer_to_sound_ms')}
    path = 'direct' if warm[-1]['direct'] else 'relay'
    return {'a': a, 'b': b, 'path': path, 'expected': expected(a, b), **medians}


def main():
    reason = laboratory.why_not()
    if reason:
        sys.exit(reason)
    node_program, program, a, b = sys.argv[1:]
    laboratory.enter()
    with tempfile.TemporaryDirectory(prefix='peal-natlab-') as folder:
        print(json.dumps(measure(folder, node_program, program, a, b)), flush=True)


if __name__ == '__main__':
    main()
