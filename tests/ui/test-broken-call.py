#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real call in a real window, broken: bob's phone stands still for a while, and goes on.
test-broken-call.py PROGRAMS [PICTURES]: with a folder for pictures, it leaves some there. Prints
TAP."""
import os
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, *folder) for folder in (
    ('..', '..', 'app', 'demo'), ('..', 'agents'), ('..', 'natlab'))]
import demo  # noqa: E402
import session  # noqa: E402
import tap  # noqa: E402

PROGRAMS, PICTURES = (os.path.abspath(path) for path in (sys.argv[1:] + ['.'])[:2])
BOB = 'bob@home'


class Stage:
    """alice at her window, bob at none."""

    def __init__(self, around):
        place = demo.Loopback()
        server = session.start_sound(around, ['alice'])
        self.bob = demo.Node(around, place, PROGRAMS, 'bob', '--create', 'home', '--user', 'bob',
                             '--answer', '--echo')
        invitation = session.wait_for('bob', lambda: self.bob.ask('invite'))
        self.alice = demo.Person(around, place, PROGRAMS, 'alice', server)
        self.alice.first_run(invitation)
        session.wait_for('alice to find bob', lambda: self.alice.look_up(BOB))
        self.alice.do('fill', 'Name or address', BOB)
        self.alice.do('press', 'Call')
        self.alice.do('see', '^In call')
        session.wait_for('sound', lambda: demo.last_call(
            self.alice).get('answer_to_sound_ms') is not None)
        self.alice.do('listen')
        self.bob.process.send_signal(signal.SIGSTOP)

    def picture(self, name):
        if len(sys.argv) > 2:
            self.alice.do('picture', os.path.join(PICTURES, name + '.png'))


def test_told(stage):
    stage.alice.do('see', '^Reconnecting…')
    stage.alice.do('hear', '^Reconnecting…')


def test_warned(stage):
    warning = "^You can't hear bob: nothing is arriving$"
    stage.alice.do('see', warning)
    stage.alice.do('hear', warning)
    stage.alice.do('see', '^Poor$')
    stage.picture('reconnecting')


def test_over(stage):
    stage.bob.process.send_signal(signal.SIGCONT)
    stage.alice.do('see', '^In call')
    stage.alice.do('hear', '^In call')
    session.wait_for('the words to vanish', lambda: not any(
        text.startswith(('Reconnecting', "You can't hear")) for text in stage.alice.do('read')))
    stage.picture('in-call-again')


TESTS = [
    ('that-nothing-is-heard-is-shown-and-announced', test_told),
    ('it-is-poor-then-and-who-is-not-heard-is-named', test_warned),
    ('the-words-go-when-sound-comes-back', test_over),
]


def main():
    missing = demo.session.missing_tools(demo.TOOLS)
    if missing:
        print('1..0 # SKIP missing: ' + ', '.join(missing))
        return 0
    return tap.play('broken-call', Stage, TESTS)


if __name__ == '__main__':
    sys.exit(main())
