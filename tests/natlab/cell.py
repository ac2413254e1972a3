# SPDX-License-Identifier: GPL-3.0-or-later
"""One pair of kinds: three real programs join, register and call each other, with sound. bob gives
back what he hears, and so does alice: who hears herself has been heard."""
import json
import os
import subprocess
import sys
from dataclasses import dataclass

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
for folder in ('app/demo', 'tests/agents'):
    sys.path.insert(0, os.path.join(ROOT, folder))
import calls  # noqa: E402
import session  # noqa: E402
import tap  # noqa: E402, F401
from laboratory import Laboratory, inside  # noqa: E402

TONE_HZ = 600
TALK_S = 4
JOIN_S = 120
FOUND_S = 30
CALL_S = 60
WALLED = ('noudp', 'web')  # who talk through relays alone


@dataclass
class Result:
    a: str
    b: str
    path: str = None
    ring_ms: int = None
    sound_ms: int = None
    talk: bool = False
    trouble: str = None
    log: str = ''

    def to_json(self):
        return json.dumps({key: getattr(self, key)
                           for key in ('a', 'b', 'path', 'ring_ms', 'sound_ms', 'talk')})


class Peer:
    """A `peal-node run` in one namespace, with a state folder of its own."""

    def __init__(self, around, program, name, namespace=None):
        self.around = around
        self.program = program
        self.name = name
        self.namespace = namespace or name
        self.env = {**session.clean_env(os.path.join(around.folder, name)),
                    'G_DEBUG': 'fatal-warnings'}
        self.state = os.path.join(around.folder, name, 'state')

    def run(self, *arguments):
        self.process = self.around.start(
            inside(self.namespace, self.program, 'run', '--state', self.state, *arguments),
            self.name, self.env)
        session.wait_for(f'{self.name} to start', lambda: os.path.exists(
            os.path.join(self.state, 'control')))

    def ask(self, *arguments, patience=60):
        return subprocess.run(
            inside(self.namespace, self.program, *arguments, '--state', self.state), env=self.env,
            text=True, capture_output=True, timeout=patience, cwd=self.around.folder)

    def status(self):
        done = self.ask('status', '--json')
        return json.loads(done.stdout) if done.stdout else {}

    def facts(self):
        accounts = self.status().get('accounts')
        return accounts[0] if accounts else {}

    def calls(self):
        return self.status().get('calls', [])

    def is_ready(self):
        return self.facts().get('state') == 'ready'

    def finds(self, address):
        return self.ask('lookup', address).returncode == 0

    def start_call(self, address, seconds):
        """Says a tone and takes down what comes back: (process, the record's path)."""
        say, heard = (os.path.join(self.around.folder, f'{self.name}-{what}.wav')
                      for what in ('says', 'hears'))
        calls.write_tone(say, TONE_HZ, seconds + 2)
        process = subprocess.Popen(
            inside(self.namespace, self.program, 'call', address, '--play', say, '--record', heard,
                   '--for', str(seconds), '--json', '--state', self.state),
            env=self.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return process, heard

    def call(self, address):
        """What was said of the call at its end, and whether a tone came back whole."""
        process, heard = self.start_call(address, TALK_S)
        try:
            said, errors = process.communicate(timeout=CALL_S)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
            states = [json.loads(line)['state'] for line in said.splitlines()]
            return {'end': f'no end after {CALL_S} s, but ' + ', '.join(states)}, False
        lines = [json.loads(line) for line in said.splitlines()]
        if not lines:
            return {'end': errors.strip()}, False
        return lines[-1], lines[-1].get('talked', False) and os.path.exists(
            heard) and calls.tone_share(heard, TONE_HZ) > calls.HEARD_MIN


class Cell:
    """The laboratory, and the three programs in it; or four, with a second that can relay."""

    def __init__(self, around, program, a, b, relays=1, prepare=None):
        self.around = around
        self.laboratory = Laboratory(a, b)
        if prepare:
            prepare(self.laboratory)
        self.srv, self.alice, self.bob = (Peer(around, program, name)
                                          for name in ('srv', 'alice', 'bob'))
        self.srv.run('--create', 'home', '--relay')
        invitation = self.srv.ask('invite').stdout.strip()
        self.spare = None
        if relays > 1:
            self.spare = Peer(around, program, 'spare', 'srv')
            self.spare.run('--join', invitation)
        for person in (self.alice, self.bob):
            person.run('--join', invitation, '--user', person.name, '--answer', '--echo')
        session.wait_for('alice and bob to join', lambda: self.alice.is_ready()
                         and self.bob.is_ready(), JOIN_S)
        for person, kind in ((self.alice, a), (self.bob, b)):
            if kind in WALLED:
                session.wait_for(f'{person.name} to find a relay',
                                 lambda person=person: person.facts().get('relays', 0), FOUND_S)
        session.wait_for('alice and bob to find each other', lambda: self.alice.finds('bob@home')
                         and self.bob.finds('alice@home'), FOUND_S)


def play(around, program, a, b):
    """Everything that a cell can show."""
    result = Result(a, b)
    try:
        cell = Cell(around, program, a, b)
        first, first_heard = cell.alice.call('bob@home')
        second, second_heard = cell.bob.call('alice@home')
    except (RuntimeError, subprocess.SubprocessError) as error:
        result.trouble = str(error)
        return result
    result.path = first.get('path')
    result.ring_ms, result.sound_ms = first.get('ring_ms'), first.get('answer_to_sound_ms')
    result.talk = first_heard and second_heard
    if not result.talk:
        result.trouble = '\n'.join(
            f'{who} to {whom}: {"all is well" if heard else json.dumps(last)}'
            for who, whom, last, heard in (('alice', 'bob', first, first_heard),
                                           ('bob', 'alice', second, second_heard)))
    return result
