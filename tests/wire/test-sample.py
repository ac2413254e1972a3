#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tshark as the judge of a simulated overlay. Usage: test-sample.py PEAL-SIM. Prints TAP.

Peers join, store, look each other up, come and go on the simulated Internet; of their
transactions some are captured, and tshark must find nothing malformed in them. Their certificates
and signatures are real ones: it would stop at others."""
import os
import shutil
import subprocess
import sys
import tempfile

from comparison import name_of
from dissection import check_experts, dissect

RUNS = {
    'joining': ['--peers', '6', '--minutes', '0.1'],
    'coming-and-going': ['--peers', '20', '--minutes', '0.5', '--median-session', '0.5',
                         '--constructed', '--internet', '--sample', '1/8'],
}
# No peer gets into a ring without these: by their numbers in RFC 6940, 14.8. What else a sample has
# is chance, for keys are fresh at every run.
WANTED = {'attach': 3, 'store': 7, 'fetch': 9, 'join': 15, 'update': 19}


def codes_of(packet):
    return {int(field.get('show')) for field in packet.iter('field')
            if name_of(field) == 'reload.message.code'}


def judge(program, options, seen):
    """What is wrong with a run."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'sample.pcap')
        # Whether the ring is whole after all that is not the question here.
        done = subprocess.run([program, *options, '--real-signatures', '--capture', path],
                              check=False, capture_output=True)
        if done.returncode not in (0, 1):
            return ['it does not run']
        packets = dissect(path, '-d', 'udp.port==6084,reload-framing')
    faults = [] if packets else ['nothing was captured']
    for number, packet in enumerate(packets, 1):
        found = []
        check_experts(packet, found)
        if 'reload-framing' not in {name_of(p) for p in packet.iter('proto')}:
            found.append('no frame')
        seen |= codes_of(packet)
        faults += [f'frame {number}: {fault}' for fault in found]
    print(f'# {len(packets)} frames')
    return faults


def main():
    if not shutil.which('tshark'):
        print('1..0 # SKIP tshark is not installed')
        return
    seen = set()
    points = [(f'/sample/{name}/nothing-is-malformed', judge(sys.argv[1], options, seen))
              for name, options in RUNS.items()]
    points += [(f'/sample/there-are-messages/{name}', [] if {code, code + 1} <= seen else [name])
               for name, code in WANTED.items()]
    print(f'1..{len(points)}')
    for number, (name, faults) in enumerate(points, 1):
        for fault in faults[:8]:
            print('#', fault)
        print(f"{'not ok' if faults else 'ok'} {number} - {name}")


if __name__ == '__main__':
    main()
