#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one real peal-node can do, over real links and with its store on disk, for phones that
press it from another process: capacity.py PEAL-NODE PRESS. Prints a line of JSON, by what it does:
how often in a second while 99 of 100 take at most half a second, the 99th percentile, and the
share of a processor that it used. Exits with 77, and says why, where it cannot be."""
import json
import subprocess
import sys
import tempfile

import nodes
from nodes import session

GUESTS = 8


def measure(around, node, press):
    state, process = nodes.start(around, node, 'pressed', '--create', 'home')
    nodes.await_state(state, 'alone')
    node_id = json.loads(nodes.ask(state, 'status', '--json'))['accounts'][0]['node_id']
    done = subprocess.run(
        [press, around.folder, nodes.ask(state, 'invite').strip(), node_id, str(process.pid),
         str(GUESTS)], env=nodes.environment(around), stdout=subprocess.PIPE, text=True,
        check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return {'guests': GUESTS, 'capacities': {one.pop('name'): one for one in told}}


def main():
    nodes.enter()
    with tempfile.TemporaryDirectory(prefix='peal-bench-') as folder:
        around = session.Surroundings(folder)
        try:
            print(json.dumps(measure(around, *sys.argv[1:])), flush=True)
        finally:
            around.close()


if __name__ == '__main__':
    main()
