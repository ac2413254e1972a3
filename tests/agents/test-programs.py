#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""peal-node as people run it: a program for each of five peers, on loopback, with files for sound.
Usage: test-programs.py PEAL-NODE. Prints TAP."""
import array
import json
import os
import signal
import subprocess
import sys
import wave

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'app/demo'))
import ear  # noqa: E402
import session  # noqa: E402
import tap  # noqa: E402
from peer import Peer  # noqa: E402
from tap import check  # noqa: E402

NODE = os.path.abspath(sys.argv[1])
HEARD_MIN = 0.5  # a busy machine, under sanitizers, loses pieces
LEAD_S = 1.5  # of silence, until both pipelines run


class Village:
    """Five peers in one overlay; bob answers every call and gives back what he hears."""

    def __init__(self, around):
        self.peers = {name: Peer(around, name, NODE)
                      for name in ('anna', 'bob', 'carl', 'dora', 'eve')}
        anna = self.peers['anna']
        anna.run('--create', 'village', '--user', 'anna')
        self.invitation = anna.invite()
        for name, peer in self.peers.items():
            options = {'bob': ['--user', 'bob', '--answer', '--echo'],
                       'carl': ['--user', 'carl']}.get(name, [])
            if name != 'anna':
                peer.run('--join', self.invitation, *options)
        session.wait_for('five peers', lambda: all(p.is_ready() for p in self.peers.values()), 90)


def samples_of(path):
    with wave.open(path) as file:
        check(file.getsampwidth() == 2, 'not 16 bit')
        rate, channels = file.getframerate(), file.getnchannels()
        all_samples = array.array('h', file.readframes(file.getnframes()))[::channels]
    step = rate / ear.RATE  # a coarse resampling does for likeness
    count = int(len(all_samples) / step)
    return array.array('h', (all_samples[int(i * step)] for i in range(count)))


def write_speech(path, text):
    subprocess.run(['espeak-ng', '-w', path, text], check=True)
    with wave.open(path) as file:
        shape, speech = file.getparams(), file.readframes(file.getnframes())
    with wave.open(path, 'w') as file:
        file.setparams(shape)
        file.writeframes(bytes(2 * int(LEAD_S * shape.framerate)) + speech)


def last_line(text):
    return json.loads(text.strip().split('\n')[-1])


def test_usage(village):
    for arguments in ([], ['dance'], ['call'], ['lookup', 'a', 'b'], ['status', '--loud'],
                      ['call', 'bob@village', '--for', 'ever'], ['call', 'bob@village', '--for=-1'],
                      ['run', '--create', 'a', '--join', 'b'], ['run', 'now'],
                      ['run', '--create', 'a', '--user', 'Not A Name!']):
        done = village.peers['dora'].ask(*arguments)
        check(done.returncode == 2, arguments, 'gave', done.returncode, done.stderr)
        check(len(done.stderr) > 5 and not done.stdout, arguments, 'said', done.stderr)


def test_one_owner(village):
    done = village.peers['anna'].ask('run')
    check(done.returncode == 1, done.returncode, done.stderr)
    check('already running' in done.stderr, done.stderr)


def test_lookup(village):
    done = village.peers['dora'].ask('lookup', 'bob@village', '--json')
    check(done.returncode == 0, done.stderr)
    found = last_line(done.stdout)
    check(found['address'].startswith('bob@village-') and len(found['devices']) == 1, found)
    check(village.peers['dora'].ask('lookup', 'bob@village').returncode == 0)


def test_service(village):
    done = village.peers['dora'].ask('lookup', '--service', 'voice-mail@village')
    check(done.returncode == 1 and '“voice-mail”' in done.stderr, done.returncode, done.stderr)


def test_nobody(village):
    for verb in ('lookup', 'call'):
        done = village.peers['carl'].ask(verb, 'zoe@village')
        check(done.returncode == 1 and 'zoe' in done.stderr, verb, done.returncode, done.stderr)
    done = village.peers['carl'].ask('call', 'bob@elsewhere')
    check(done.returncode == 1 and 'elsewhere' in done.stderr, done.stderr)


def test_call(village):
    carl = village.peers['carl']
    folder = carl.around.folder
    write_speech(os.path.join(folder, 'said.wav'),
                 'One two three four five, once I caught a fish alive.')
    done = carl.ask('call', 'bob@village', '--play', 'said.wav', '--record', 'heard.wav',
                    '--for', '7', '--json')
    check(done.returncode == 0, done.stderr)
    end = last_line(done.stdout)
    check(end['state'] == 'ended' and end['talked'] and end['encrypted'], end)
    check(end['path'] == 'direct' and end['ring_ms'] >= 0 and end['answer_to_sound_ms'] >= 0, end)
    said = samples_of(os.path.join(folder, 'said.wav'))[int(LEAD_S * ear.RATE):]
    heard = samples_of(os.path.join(folder, 'heard.wav'))
    longer_ms = (len(heard) - len(said)) * 1000 // ear.RATE
    check(longer_ms > 0, 'only', len(heard), 'samples were heard')
    share, delay = ear.heard(said, heard, longer_ms)
    check(share >= HEARD_MIN, 'likeness', share, 'delay', delay)


def test_missing_file(village):
    done = village.peers['carl'].ask('call', 'bob@village', '--play', 'nowhere.wav')
    check(done.returncode == 1 and 'nowhere.wav' in done.stderr, done.stderr)


def call_until(village, callee, state):
    """Carl calls, and is stopped when the call has come so far; then it ends for the callee."""
    caller = village.peers['carl'].start_asking('call', f'{callee}@village', '--json')
    for line in caller.stdout:
        if json.loads(line)['state'] == state:
            break
    caller.send_signal(signal.SIGINT)
    caller.communicate(timeout=20)
    session.wait_for('the end of the call', lambda: all(
        call['state'] == 'ended' for call in village.peers[callee].facts().get('calls', [])))


def test_hang_up(village):
    call_until(village, 'bob', 'up')


def test_unanswered(village):
    call_until(village, 'anna', 'ringing')


def test_restart(village):
    for peer in village.peers.values():
        status = peer.stop()
        check(status == 0, peer.name, 'left with', status)
    for name in ('dora', 'bob'):  # not the one that made the network
        village.peers[name].run(*(['--user', 'bob', '--answer'] if name == 'bob' else []))
    session.wait_for('dora and bob again', lambda: all(
        village.peers[name].is_ready() for name in ('dora', 'bob')), 60)
    done = village.peers['dora'].ask('lookup', 'bob@village')
    check(done.returncode == 0, done.stderr)


TESTS = [
    ('wrong-usage-is-told-and-gives-2', test_usage),
    ('a-state-folder-has-one-owner', test_one_owner),
    ('a-name-is-found', test_lookup),
    ('a-service-is-looked-for', test_service),
    ('a-name-that-is-not-there-is-told-and-gives-1', test_nobody),
    ('a-file-that-is-not-there-is-told', test_missing_file),
    ('what-is-said-comes-back-from-an-echo', test_call),
    ('a-caller-that-is-stopped-hangs-up', test_hang_up),
    ('a-caller-that-is-stopped-stops-the-ringing', test_unanswered),
    ('after-all-were-off-any-two-find-each-other', test_restart),
]


if __name__ == '__main__':
    sys.exit(tap.play('programs', Village, TESTS))
