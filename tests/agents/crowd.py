# SPDX-License-Identifier: GPL-3.0-or-later
"""An overlay of many `peal-node`s, a process each, which are asked over their control sockets: a
program for each question would cost more than all the rest."""
import os
import signal
import socket
import subprocess

import session
from peer import Peer
from tap import check

PATIENCE_S = 120
ANSWER_S = 60
ANSWER_MAX = 65536


class Member(Peer):
    def ask(self, *arguments):
        """As the program says it; status None when nobody is there to ask."""
        said = {'o': '', 'e': '', 'x': None}
        packet = '\0'.join([self.around.folder, *arguments, '']).encode()
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control:
            control.settimeout(ANSWER_S)
            try:
                control.connect(os.path.join(self.state, 'control'))
                control.send(packet)
                while answer := control.recv(ANSWER_MAX):
                    kind, rest = chr(answer[0]), answer[1:]
                    if kind == 'x':
                        said['x'] = rest[0]
                        break
                    said[kind] += rest.decode()
            except ConnectionError:
                pass
        return subprocess.CompletedProcess(arguments, said['x'], said['o'], said['e'])

    def kill(self):
        """As a power cut does it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.around.processes.remove(self.process)
        os.unlink(os.path.join(self.state, 'control'))

    def node_id(self):
        return self.account()['node_id']


def successors(members):
    """Who comes after whom, by Node-ID, as each says it."""
    after = {}
    for member in members:
        account = member.account()
        for link in account.get('links', []):
            if link['role'] == 'successor':
                after[account['node_id']] = link['node_id']
    return after


def is_one_ring(members):
    """Whether each has the next of them as its successor, all the way round."""
    after = successors(members)
    order = sorted(after)
    return len(order) == len(members) and all(
        after[one] == other for one, other in zip(order, order[1:] + order[:1]))


def wait_for_ring(members, what):
    session.wait_for(what, lambda: all(m.is_ready() for m in members) and is_one_ring(members),
                     PATIENCE_S)


def check_everybody_finds(members, addresses):
    """Every address is found by every member; who asks is told at once when it is there."""
    for member in members:
        for address in addresses:
            check(session.wait_for(f'{address} to be found by {member.name}',
                                   lambda: member.finds(address), PATIENCE_S), address)
