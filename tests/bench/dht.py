#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An overlay of real peal-nodes beside as many dhtnodes of OpenDHT, one after the other in a
network namespace that nobody else uses: dht.py PEAL-NODE VISITOR COUNT. Each tells what a node
costs at rest, how long one more member needs to get and to put, and how much is found when half of
the nodes have been killed. Prints a line of JSON: medians in milliseconds, IP bytes and shares of
a processor of one node at rest, shares of what was asked for. Exits with 77, and says why, where
it cannot be."""
import concurrent.futures
import itertools
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import nodes
from nodes import session

SETTLE_S, REST_S = 300, 300  # in which everybody registers once
OPERATIONS = 300
GET_PAUSE_S, PUT_PAUSE_S = 0.02, 0.11  # who stores more often is refused
AFTER_S = (5, 30)
AT_ONCE = 4
FIRST_PORT = 20000
VALUE = 'x' * 60
ENDS = ('Get: completed', 'Get: failure')
UNITS_MS = {'ns': 1e-6, 'us': 1e-3, 'ms': 1, 's': 1e3, 'min': 6e4, 'h': 3.6e6}


def sent_bytes():
    with open('/proc/net/dev', encoding='ascii') as file:
        return next(int(line.split(':')[1].split()[8]) for line in file if 'lo:' in line)


def processor_s(process):
    folder = f'/proc/{process.pid}/task'
    return sum(int(open(f'{folder}/{task}/schedstat', encoding='ascii').read().split()[0])
               for task in os.listdir(folder)) / 1e9


class Peals:
    """`count` peal-nodes, each with the name of somebody, and the visitor."""

    def __init__(self, around, node, visitor, count):
        self.around = around
        self.node = node
        self.states = {}
        self.nodes = {}
        names = [f'user{i}' for i in range(count)]
        self.start(names[0], '--create', 'home')
        nodes.await_state(self.states[names[0]], 'alone')
        invitation = self.ask(names[0], 'invite').strip()
        for i in range(1, count, AT_ONCE):
            for name in names[i:i + AT_ONCE]:
                self.start(name, '--join', invitation)
            for name in names[i:i + AT_ONCE]:
                nodes.await_state(self.states[name], 'ready')
        self.visitor = subprocess.Popen(
            [visitor, os.path.join(around.folder, 'visitor'), invitation, 'visitor'],
            env=nodes.environment(around), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, bufsize=1)
        self.visitor.stdout.readline()

    def start(self, name, *arguments):
        self.states[name], self.nodes[name] = nodes.start(self.around, self.node, name, *arguments)

    def ask(self, name, *arguments):
        return nodes.ask(self.states[name], *arguments)

    def processes(self):
        return [*self.nodes.values(), self.visitor]

    def order(self, words):
        self.visitor.stdin.write(words + '\n')
        return json.loads(self.visitor.stdout.readline())

    def get(self):
        told = self.order(f'get {random.choice(list(self.nodes))}@home')
        return told['us'] / 1000 if told['found'] else None

    def put(self):
        told = self.order('put')
        return told['us'] / 1000 if told['stored'] else None

    def find_all(self):
        """How many of so many look-ups of the living, made by the living, find them."""
        names = list(self.nodes)
        pairs = [(random.choice(names), names[i % len(names)]) for i in range(OPERATIONS)]
        with concurrent.futures.ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            return sum(pool.map(lambda pair: self.ask(
                pair[0], 'lookup', f'{pair[1]}@home', '--json') != '', pairs))


class Dhts:
    """`count` dhtnodes, and two more: one puts, and one gets, who has nothing of it himself."""

    def __init__(self, around, count):
        self.nodes = {i: self.start(around, i, subprocess.DEVNULL) for i in range(count)}
        self.putter, self.getter = (self.start(around, count + i, subprocess.PIPE)
                                    for i in range(2))
        self.keys = []
        self.next_key = itertools.count()
        for visitor in (self.putter, self.getter):
            self.await_line(visitor, 'running on port')

    def start(self, around, number, output):
        bootstrap = [] if number == 0 else ['-b', f'127.0.0.1:{FIRST_PORT}']
        return around.start(['dhtnode', '-p', str(FIRST_PORT + number), *bootstrap],
                            f'dht{number}', stdin=subprocess.PIPE, stdout=output, text=True,
                            bufsize=1)

    def processes(self):
        return [*self.nodes.values(), self.putter, self.getter]

    @staticmethod
    def await_line(visitor, *pieces):
        for line in visitor.stdout:
            if any(piece in line for piece in pieces):
                return line
        raise RuntimeError('a dhtnode has gone')

    def order(self, visitor, words, *ends):
        visitor.stdin.write(words + '\n')
        line = self.await_line(visitor, *ends)
        took = re.search(r'(?:after|took) ([\d.e+-]+) (\w+)', line)
        if took is None:
            raise RuntimeError(f'a dhtnode says: {line}')
        return float(took[1]) * UNITS_MS[took[2]], line

    def put(self):
        key = random.randbytes(20).hex()
        took, line = self.order(self.putter, f'p {key} {VALUE}', 'Put: ')
        if 'success' in line:
            self.keys.append(key)
        return took if 'success' in line else None

    def get_key(self, key):
        """How soon the first value came, which is the only one."""
        took, line = self.order(self.getter, f'g {key}', 'Get: found', *ENDS)
        if 'found' in line:
            self.await_line(self.getter, *ENDS)
        return took if 'found' in line else None

    def get(self):
        return self.get_key(self.keys[next(self.next_key) % len(self.keys)])

    def find_all(self):
        return sum(self.get_key(key) is not None
                   for key in itertools.islice(itertools.cycle(self.keys), OPERATIONS))


def rest(system):
    """Bytes a second, and the share of a processor, of one node that does nothing."""
    time.sleep(SETTLE_S)
    processes = system.processes()
    start, sent = time.monotonic(), sent_bytes()
    used = sum(processor_s(process) for process in processes)
    time.sleep(REST_S)
    elapsed = time.monotonic() - start
    return {'bytes_per_s': (sent_bytes() - sent) / elapsed / len(processes),
            'cpu_share': (sum(processor_s(process) for process in processes) - used) / elapsed
            / len(processes)}


def repeat(operation, pause_s):
    """The median of those that succeed."""
    times = []
    for _ in range(OPERATIONS):
        times.append(operation())
        time.sleep(pause_s)
    good = [took for took in times if took is not None]
    return statistics.median(good) if good else None, len(good) / OPERATIONS


def kill_half(system):
    """Half of all at once, without a word; what is found of what the living have stored."""
    doomed = random.sample(list(system.nodes), len(system.nodes) // 2)
    for name in doomed:
        system.nodes[name].kill()
    killed = time.monotonic()
    for name in doomed:
        system.nodes.pop(name).wait()
    found = {}
    for after_s in AFTER_S:
        time.sleep(max(0, killed + after_s - time.monotonic()))
        found[f'found_{after_s}_s'] = system.find_all() / OPERATIONS
    return found


def measure(system):
    told = rest(system)
    told['put_ms'], told['put_share'] = repeat(system.put, PUT_PAUSE_S)
    told['get_ms'], told['get_share'] = repeat(system.get, GET_PAUSE_S)
    return {**told, **kill_half(system)}


def run(make):
    with tempfile.TemporaryDirectory(prefix='peal-bench-') as folder:
        around = session.Surroundings(folder)
        try:
            return measure(make(around))
        finally:
            for process in around.processes:
                process.kill()


def main():
    if shutil.which('dhtnode') is None:
        nodes.skip('no dhtnode here (Debian: dhtnode)')
    nodes.enter()
    node, visitor, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    random.seed(count)
    ours = run(lambda around: Peals(around, node, visitor, count))
    theirs = run(lambda around: Dhts(around, count))
    print(json.dumps({'nodes': count, 'ours': ours, 'theirs': theirs}), flush=True)


if __name__ == '__main__':
    main()
