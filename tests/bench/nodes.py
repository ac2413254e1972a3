# SPDX-License-Identifier: GPL-3.0-or-later
"""Real peal-nodes in a network namespace that nobody else uses."""
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'app',
                                'demo'))
import session  # noqa: E402

INSIDE = 'PEAL_BENCH_INSIDE'
JOINING_S = 600
SKIPPED = 77


def enter():
    """Starts the running program again in a network and a tree of processes of its own."""
    if INSIDE in os.environ:
        subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
        return
    command = ['unshare', *(['-r'] if os.geteuid() else []), '-nmpf', '--kill-child',
               '--mount-proc']
    done = subprocess.run([*command, 'true'], capture_output=True, text=True)
    if done.returncode != 0:
        skip(f'no network namespaces here ({done.stderr.strip()})')
    os.environ[INSIDE] = '1'
    os.execvp('unshare', [*command, sys.executable, *sys.argv])


def skip(why):
    print(f'skipped: {why}', flush=True)
    sys.exit(SKIPPED)


def ask(state, *arguments):
    """What the command of the node with that state prints; empty when it fails, or no node is
    there."""
    said = b''
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control:
        try:
            control.connect(os.path.join(state, 'control'))
        except OSError:
            return ''
        control.send(b'\0'.join(word.encode() for word in ('/', *arguments)) + b'\0')
        while packet := control.recv(65536):
            if packet[:1] == b'o':
                said += packet[1:]
            if packet[:1] == b'x':
                return said.decode() if packet[1:] == b'\0' else ''
    return ''


def environment(around):
    """What GStreamer finds out about its plug-ins is found out once for all of them."""
    return {**session.clean_env(os.path.join(around.folder, 'home')),
            'GST_REGISTRY': os.path.join(around.folder, 'registry')}


def start(around, node, name, *arguments):
    """Its folder and its process; it has a name, and listens on loopback."""
    state = os.path.join(around.folder, name)
    process = around.start([node, 'run', '--state', state, '--listen', '127.0.0.1:0', '--user',
                            name, *arguments], name, environment(around))
    return state, process


def await_state(state, wanted):
    session.wait_for(f'{state} to be {wanted}', lambda: f'"state":"{wanted}"' in ask(
        state, 'status', '--json'), JOINING_S)
