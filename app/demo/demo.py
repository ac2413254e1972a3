#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: an overlay of ten peers and two phones with windows, all on this machine; all listen on
loopback alone, so that they meet nobody else and nobody meets them. Alice and Bob go through the
first run at their own screens, Alice dials bob@... in her window, Bob presses Answer, each says a
sentence into the microphone, and what comes out of the other's speaker is compared with it. Prints
what happened; with --json the last line is one JSON object. Exits 0 only when each was heard.

With --nat the peers are on a small internet, and Alice and Bob each at home behind a router of
their own: the laboratory of tests/natlab, which only root can build here."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, 'tests/natlab')]
import ear  # noqa: E402
import laboratory  # noqa: E402
import session  # noqa: E402

PEERS = 10
LABEL = 'village'
HEARD_MIN = 0.7  # share of likeness from which a sentence counts as heard
TRIES = 3
SENTENCES = {
    'alice': 'Good morning Bob. It is Alice. Can you hear me well over there?',
    'bob': 'Hello Alice! Yes, you sound as if you stood right here in my kitchen.',
}
TOOLS = ['Xvfb', 'dbus-daemon', 'pulseaudio', 'pactl', 'paplay', 'parec', 'espeak-ng', 'xwininfo']


def say(text):
    print(text, flush=True)


class Loopback:
    """Where the programs run: all on this machine."""
    story = None

    def put(self, namespace, *command):
        """The command that runs that program there."""
        return [*command, '--listen', '127.0.0.1:0']


class Homes(Loopback):
    """Alice and Bob at home, each behind a router, and everybody else on the internet."""
    kinds = ('port', 'port')
    story = ('A small internet lies between Alice and Bob, each behind a home router that lets in '
             'nobody who was not spoken to first.')

    def __init__(self):
        laboratory.Laboratory(*self.kinds)

    def put(self, namespace, *command):
        return laboratory.inside(namespace, *command)


class Node:
    """A bare peer of the overlay: a peal-node of its own."""

    def __init__(self, around, place, programs, name, *arguments):
        self.env = session.clean_env(os.path.join(around.folder, name))
        self.state = os.path.join(around.folder, name, 'state')
        self.program = os.path.join(programs, 'peal-node')
        self.process = around.start(
            place.put('srv', self.program, 'run', '--state', self.state, *arguments), name,
            self.env)

    def ask(self, *arguments):
        if not os.path.exists(os.path.join(self.state, 'control')):
            return None
        done = subprocess.run([self.program, *arguments, '--state', self.state], env=self.env,
                              text=True, capture_output=True, timeout=60)
        if done.returncode != 0:
            return None
        return done.stdout.strip()

    def account(self):
        facts = self.ask('status', '--json')
        accounts = json.loads(facts)['accounts'] if facts else []
        return accounts[0] if accounts else {}

    def is_ready(self):
        return self.account().get('state') == 'ready'


class Person:
    """Somebody at a screen of their own, with a phone on it and a hand to use it."""

    def __init__(self, around, place, programs, name, server):
        self.name = name
        self.node_program = os.path.join(programs, 'peal-node')
        self.around = around
        self.state = os.path.join(around.folder, name, 'state')
        self.env = {**session.start_desk(around, name), 'PULSE_SERVER': server,
                    'PULSE_SINK': f'{name}_out', 'PULSE_SOURCE': f'{name}_mic'}
        self.hand = around.start(['/usr/bin/python3', os.path.join(HERE, 'hand.py')],
                                 name + '-hand', self.env, stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        self.phone = around.start(place.put(name, os.path.join(programs, 'peal'), '--state',
                                            self.state), name + '-phone', self.env)

    def do(self, *request):
        self.hand.stdin.write(json.dumps(request) + '\n')
        self.hand.stdin.flush()
        answer = json.loads(self.hand.stdout.readline() or '{"error": "the hand is gone"}')
        if 'error' in answer:
            self.do_quietly('picture', os.path.join(self.around.folder, self.name + '-stuck.png'))
            raise RuntimeError(f"{self.name}: {answer['error']}")
        return answer['ok']

    def do_quietly(self, *request):
        self.hand.stdin.write(json.dumps(request) + '\n')
        self.hand.stdin.flush()
        self.hand.stdout.readline()

    def facts(self):
        done = subprocess.run([self.node_program, 'status', '--json', '--state', self.state],
                              env=self.env, text=True, capture_output=True, timeout=60)
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def look_up(self, address):
        """What the overlay tells of it; None when it knows nobody of that name."""
        done = subprocess.run([self.node_program, 'lookup', address, '--json', '--state',
                               self.state], env=self.env, text=True, capture_output=True,
                              timeout=60)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def first_run(self, invitation):
        self.do('fill', 'Name', self.name.title())
        self.do('press', 'Join with an invitation')
        self.do('fill', 'Invitation', invitation)
        self.do('press', 'Start')
        self.do('see', r'^Ready · ')

    def speak(self, wav, meanwhile):
        """Says a sentence; gives when it began and ended."""
        begin = time.monotonic()
        with subprocess.Popen(['paplay', '-d', f'{self.name}_in', wav], env=self.env) as voice:
            meanwhile(begin)
        if voice.returncode != 0:
            raise RuntimeError(f'{self.name} has no voice')
        return begin, time.monotonic()


def build_overlay(around, place, programs):
    first = Node(around, place, programs, 'peer0', '--create', LABEL)
    invitation = session.wait_for('the first peer', lambda: first.ask('invite'))
    nodes = [first] + [Node(around, place, programs, f'peer{i}', '--join', invitation)
                       for i in range(1, PEERS)]
    session.wait_for('ten peers', lambda: all(node.is_ready() for node in nodes), 60)
    return nodes, first.ask('invite')


def place_call(alice, bob, take_picture):
    """Dials and answers by the windows; gives what the callers saw, and when."""
    alice.do('fill', 'Name or address', f'bob@{LABEL}')
    dialled = alice.do('press', 'Call')
    rang = bob.do('see', '(?i)^alice is calling$')[1]
    take_picture(alice, 'dialling')
    bob.do('can-press', 'Answer')
    take_picture(bob, 'ringing')
    bob.do('press', 'Answer')
    alice.do('see', r'^In call')
    bob.do('see', r'^In call')
    return {'window_ring_ms': round((rang - dialled) * 1000)}


def say_sentence(around, speaker, listener, take_picture):
    """Gives (share heard, delay in ms)."""
    wav = os.path.join(around.folder, speaker.name + '.wav')
    subprocess.run(['espeak-ng', '-s', '150', '-w', wav, SENTENCES[speaker.name]], check=True)
    said = ear.Recording(f'{speaker.name}_in.monitor')
    listened = ear.Recording(f'{listener.name}_out.monitor')
    session.wait_for('the recorders', lambda: said.samples and listened.samples)

    def look_at_speaker(begin):
        session.wait_for(f"{speaker.name}'s voice", lambda: said.hears_anything(begin))
        take_picture(speaker, 'talking')
    begin, end = speaker.speak(wav, look_at_speaker)
    session.wait_for('the last words', lambda: listened.reaches(end + ear.DELAY_MAX_MS / 1000))
    said.stop()
    listened.stop()
    return ear.heard(said.between(begin, end),
                     listened.between(begin, end + ear.DELAY_MAX_MS / 1000))


def talk(around, people, take_picture):
    """Each says a sentence, and again when a machine that had other things to do swallowed some of
    it; gives, by listener, (share heard, delay in ms)."""
    results = {}
    for name, other in (('alice', 'bob'), ('bob', 'alice')):
        for _ in range(TRIES):
            results[other] = say_sentence(around, people[name], people[other], take_picture)
            if results[other][0] >= HEARD_MIN:
                break
            say(f'{other.title()}: “Pardon?”')
    return results


def last_call(person):
    calls = person.facts().get('calls') or [{}]
    return calls[0]


def run_demo(around, place, programs, pictures):
    names = []

    def take_picture(person, what):
        path = os.path.join(pictures, f'{person.name}-{what}.png')
        person.do('picture', path)
        if path not in names:
            names.append(path)

    if place.story:
        say(place.story)
    say(f'Starting {PEERS} peers that make up the overlay “{LABEL}” …')
    peers, invitation = build_overlay(around, place, programs)
    say('Alice and Bob open their phones, each at a screen of their own …')
    server = session.start_sound(around, list(SENTENCES))
    os.environ['PULSE_SERVER'] = server
    people = {name: Person(around, place, programs, name, server) for name in SENTENCES}
    alice, bob = people['alice'], people['bob']
    for person in people.values():
        person.first_run(invitation)
        take_picture(person, 'ready')
    lookup = session.wait_for('alice to find bob', lambda: alice.look_up(f'bob@{LABEL}'))
    session.wait_for('bob to find alice', lambda: bob.look_up(f'alice@{LABEL}'))
    say(f'Alice dials bob@{LABEL} …')
    seen = place_call(alice, bob, take_picture)
    say('Bob has answered; they talk …')
    heard = talk(around, people, take_picture)
    call = last_call(alice)
    alice.do('press', 'End call')
    bob.do('see', '^Call ended')
    shares = {name: round(share, 2) for name, (share, delay) in heard.items()}
    delays = sorted(delay for share, delay in heard.values())
    return {
        'peers': PEERS,
        'lookup_ms': lookup['lookup_ms'],
        'ring_ms': call.get('ring_ms', seen['window_ring_ms']),
        'answer_to_sound_ms': call.get('answer_to_sound_ms'),
        'path': call.get('path'),
        'encrypted': call.get('encrypted', False),
        'mouth_to_ear_ms': round(sum(delays) / len(delays)),
        'heard_by_alice': shares['alice'],
        'heard_by_bob': shares['bob'],
        'pictures': names,
    }


def tell(facts):
    say(f"Bob's phone rang {facts['ring_ms']} ms after Alice had dialled; the look-up alone took "
        f"{facts['lookup_ms']} ms.")
    secret = 'encrypted' if facts['encrypted'] else 'NOT encrypted'
    say(f"The call: {facts['path']} path, {secret}, first sound "
        f"{facts['answer_to_sound_ms']} ms after the answer, "
        f"{facts['mouth_to_ear_ms']} ms from mouth to ear.")
    for name, other in (('alice', 'Bob'), ('bob', 'Alice')):
        share = facts[f'heard_by_{name}']
        say(f"{name.title()} {'heard' if share >= HEARD_MIN else 'did NOT hear'} what {other} said "
            f"(likeness {share:.2f}).")
    say('Pictures: ' + ' '.join(facts['pictures']))


def is_good(facts):
    return facts['encrypted'] and all(
        facts[key] >= HEARD_MIN for key in ('heard_by_alice', 'heard_by_bob'))


def enter_laboratory():
    """Comes back in networks of its own."""
    if os.geteuid() != 0:
        sys.exit('The demo behind routers makes networks of its own, which only root can do here.')
    reason = laboratory.why_not()
    if reason:
        sys.exit(f'The demo behind routers is not possible on this machine: {reason}.')
    laboratory.enter()


def main():
    parser = argparse.ArgumentParser(prog='app/run --demo')
    parser.add_argument('--json', action='store_true')
    parser.add_argument('--nat', action='store_true',
                        help='Alice and Bob each behind a router; root only')
    parser.add_argument('--keep', metavar='DIR', default=os.path.join(ROOT, 'build/demo'),
                        help='where pictures and logs go')
    parser.add_argument('--programs', metavar='DIR', default=os.path.join(ROOT, 'build/app'))
    options = parser.parse_args()
    missing = session.missing_tools(TOOLS)
    if missing:
        sys.exit('The demo needs ' + ', '.join(missing) + '.')
    if options.nat:
        enter_laboratory()
    folder = os.path.abspath(options.keep)
    os.makedirs(folder, exist_ok=True)
    # What GStreamer finds out about its plug-ins is found out once for all of them.
    os.environ.setdefault('GST_REGISTRY', os.path.join(folder, 'gstreamer-registry'))
    around = session.Surroundings(tempfile.mkdtemp(prefix='run-', dir=folder))
    try:
        place = Homes() if options.nat else Loopback()
        facts = run_demo(around, place, os.path.abspath(options.programs), folder)
    except (RuntimeError, OSError, subprocess.SubprocessError, ValueError) as error:
        sys.exit(f'The demo failed: {error}\nThe logs are in {around.folder}.')
    finally:
        around.close()
    tell(facts)
    for name in around.failed:
        say(f'{name} did not end well; the logs are in {around.folder}.')
    if options.json:
        print(json.dumps(facts))
    sys.exit(0 if is_good(facts) and not around.failed else 1)


if __name__ == '__main__':
    main()
