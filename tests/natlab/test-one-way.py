#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls whose sound goes one way alone, since something between the homes eats it in the other,
while every packet of ICE and DTLS passes: test-one-way.py PEAL-NODE PERSON. Prints TAP; with the
name of a scenario, plays it."""
import concurrent.futures
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cell  # noqa: E402
import laboratory  # noqa: E402
import people  # noqa: E402
from calls import ended, talk  # noqa: E402
from people import check, wait_for  # noqa: E402

NODE_PROGRAM, PROGRAM = (os.path.abspath(path) for path in sys.argv[1:3])
LIMIT_S = 280
AT_ONCE = 4  # they mostly wait


class Homes:
    """alice and bob behind routers, and a public peer that relays."""

    def __init__(self, around, town):
        self.laboratory = laboratory.Laboratory('port', 'port')
        srv = cell.Peer(around, NODE_PROGRAM, 'srv')
        srv.run('--create', 'home', '--relay')
        invitation = srv.ask('invite').stdout.strip()
        self.alice, self.bob = (self.join(town, name, invitation) for name in ('alice', 'bob'))
        self.bob.look_up('alice@home')
        self.alice.look_up('bob@home')

    @staticmethod
    def join(town, name, invitation):
        person = town.person(name)
        person.before = laboratory.inside(name)
        person.start('--listen', 'any')
        person.tell('join', invitation, name)
        return person.ready()

    def people(self, letter):
        """Who lives at that home, and the other."""
        return (self.alice, self.bob) if letter == 'a' else (self.bob, self.alice)


def latest(person):
    return person.find('call')


def is_well(call):
    return call['state'] == 'up' and not call['direct'] and 'arriv' not in call['warning-text']


def mended(around, town, letter):
    """Both are told, and hear each other again over the relay."""
    homes = Homes(around, town)
    talk(homes.alice, homes.bob, 'bob@home')
    for person in (homes.alice, homes.bob):
        person.await_sound()
        check(latest(person)['direct'], latest(person))
    homes.laboratory.eat_sound(letter)
    for person in (homes.alice, homes.bob):
        person.await_call('reconnecting')
    for person in (homes.alice, homes.bob):
        wait_for(f'all to be well at {person.name}', lambda: is_well(latest(person)))


def in_vain(around, town, letter):
    """Over relays neither: both learn that it is the sound that has no path, and which way."""
    homes = Homes(around, town)
    homes.laboratory.eat_sound(letter, even_relayed=True)
    talk(homes.alice, homes.bob, 'bob@home')
    unheard, deaf = homes.people(letter)
    unheard.await_line('call', warning_text=f"{deaf.name} can't hear you: nothing of yours "
                                            'arrives there')
    for person, other in ((unheard, deaf), (deaf, unheard)):
        line = ended(person, f'Phone found {other.name} but no path for sound.',
                     'A strict router is in the way.')
        known = 'sent does not arrive' if person is unheard else 'received nothing for '
        check(any(detail.startswith(known) for detail in line['details']), line['details'])


SCENARIOS = {
    'when-the-caller-is-no-longer-heard-both-are-told-and-it-is-mended': (mended, 'a'),
    'when-the-callee-is-no-longer-heard-both-are-told-and-it-is-mended': (mended, 'b'),
    'when-the-caller-is-never-heard-both-learn-what-has-no-path': (in_vain, 'a'),
    'when-the-callee-is-never-heard-both-learn-what-has-no-path': (in_vain, 'b'),
}


def play(name):
    laboratory.enter()
    with tempfile.TemporaryDirectory(prefix='peal-one-way-') as folder:
        around = cell.session.Surroundings(folder)
        town = people.Town(folder, PROGRAM, NODE_PROGRAM)
        scenario, letter = SCENARIOS[name]
        trouble = None
        try:
            scenario(around, town, letter)
        except (people.Trouble, OSError, KeyError, RuntimeError,
                subprocess.SubprocessError) as error:
            trouble = f'{type(error).__name__}: {error}'
        left = town.close()
        around.close()
        if trouble or left:
            print('#', trouble or left)
            people.tell_all(town)
        return 1 if trouble or left else 0


def run(name):
    """From outside: what it said, and whether all was well."""
    done = subprocess.run([sys.executable, os.path.abspath(__file__), NODE_PROGRAM, PROGRAM, name],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=LIMIT_S)
    return done.returncode == 0, done.stdout


def main():
    if len(sys.argv) > 3:
        return play(sys.argv[3])
    reason = laboratory.why_not()
    if reason:
        print(f'1..0 # SKIP {reason}')
        return 0
    print(f'1..{len(SCENARIOS)}', flush=True)
    failed = False
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for number, (name, (is_good, said)) in enumerate(
                zip(SCENARIOS, pool.map(run, SCENARIOS)), 1):
            if not is_good:
                print('# ' + said.replace('\n', '\n# '))
            print('ok' if is_good else 'not ok', number, f'- /one-way/{name}', flush=True)
            failed = failed or not is_good
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
