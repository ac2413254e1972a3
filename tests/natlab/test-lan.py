#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""People on networks that have neither a router nor addresses to give: test-lan.py PERSON. Prints
TAP; with the name of a scenario, plays it."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import laboratory  # noqa: E402
from lan import Lan, Neighbourhood, people  # noqa: E402
from calls import ended, talk  # noqa: E402
from people import check, wait_for  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
LIMIT_S = 200


def create(town, name):
    person = town.switch_on(person_at(town, name))
    person.tell('create', 'home', name)
    person.await_line('account', state='alone')
    return person


def person_at(town, name):
    return next(person for person in town.people if person.name == name)


def join_nearby(town, name):
    person = town.switch_on(person_at(town, name))
    person.await_line('nearby', label='home')
    person.tell('join-nearby', 'home', name)
    return person.ready()


def meet_and_talk(town, addresses):
    """Two who were never told of each other."""
    lan = Lan('cable')
    for name in ('alice', 'bob'):
        town.resident(name)
        lan.plug(name, addresses.get(name))
    alice, bob = create(town, 'alice'), join_nearby(town, 'bob')
    for one, other in ((alice, bob), (bob, alice)):
        one.look_up(f'{other.name}@home')
        talk(one, other, f'{other.name}@home')
        one.tell('end')
        ended(other, 'Call ended · *')


def without_dhcp(town):
    meet_and_talk(town, {'alice': '169.254.17.3/16', 'bob': '169.254.200.9/16'})


def without_ipv4(town):
    meet_and_talk(town, {})


def without_route(town):
    meet_and_talk(town, {'alice': '192.168.7.1/24', 'bob': '192.168.7.2/24'})


def networks_heard(person):
    return {line['network'] for line in person.lines
            if line['what'] == 'nearby' and line['label'] == 'home'}


def two_of_one_label(town):
    """Made while they did not hear each other; then one switch connects all."""
    lans = [Lan('left'), Lan('right')]
    for number, name in enumerate(('alice', 'bob')):
        town.resident(name)
        lans[number].plug(name, f'192.168.7.{number + 1}/24')
    alice, bob = create(town, 'alice'), create(town, 'bob')
    lans[1].pull('bob')
    lans[0].plug('bob', '192.168.7.2/24')
    town.resident('carol')
    lans[0].plug('carol', '192.168.7.3/24')
    carol = town.switch_on(person_at(town, 'carol'))
    wait_for('both to be shown', lambda: len(networks_heard(carol)) == 2)
    for person in (alice, bob):
        check(person.find('account')['state'] == 'alone', person.find('account'))


def laptop(town):
    """From one network to another and back, with a `home` in each."""
    lans = [Lan('left'), Lan('right')]
    for number, name in enumerate(('alice', 'bob', 'carol', 'dora')):
        town.resident(name)
        lans[number // 2].plug(name, f'192.168.7.{number + 1}/24')
    alice, carol = create(town, 'alice'), create(town, 'carol')
    bob, dora = join_nearby(town, 'bob'), join_nearby(town, 'dora')
    alice.look_up('bob@home')
    carol.look_up('dora@home')
    lans[0].pull('bob')
    lans[1].plug('bob', '192.168.7.9/24')
    for person in (alice, bob):
        wait_for(f'{person.name} to be alone', lambda: (
            person.find('account')['state'] == 'alone'))
    wait_for('the other home to be shown', lambda: len(networks_heard(bob)) == 2)
    talk(carol, dora, 'dora@home')
    for person in (carol, dora):
        check(person.find('account')['peers'] == 2, person.find('account'))
    lans[1].pull('bob')
    lans[0].plug('bob', '192.168.7.2/24')
    for person in (alice, bob):
        wait_for(f'{person.name} to be together again', lambda: (
            person.find('account')['state'], person.find('account')['peers']) == ('ready', 2))
    bob.look_up('alice@home')
    talk(alice, bob, 'bob@home')


SCENARIOS = {
    'addresses-that-computers-give-themselves-do': without_dhcp,
    'ipv6-alone-without-a-router-does': without_ipv4,
    'no-way-to-anywhere-is-needed': without_route,
    'two-networks-of-one-name-are-both-shown': two_of_one_label,
    'a-laptop-that-is-carried-about-keeps-networks-apart': laptop,
}


def play(name):
    laboratory.enter()
    with tempfile.TemporaryDirectory(prefix='peal-lan-') as folder:
        town = Neighbourhood(folder, PROGRAM, None)
        trouble = None
        try:
            SCENARIOS[name](town)
        except (people.Trouble, OSError, KeyError, RuntimeError) as error:
            trouble = f'{type(error).__name__}: {error}'
        left = town.close()
        if trouble or left:
            print('#', trouble or left)
            people.tell_all(town)
        return 1 if trouble or left else 0


def main():
    if len(sys.argv) > 2:
        return play(sys.argv[2])
    reason = laboratory.why_not()
    if reason:
        print(f'1..0 # SKIP {reason}')
        return 0
    print(f'1..{len(SCENARIOS)}', flush=True)
    failed = False
    for number, name in enumerate(SCENARIOS, 1):
        done = subprocess.run([sys.executable, os.path.abspath(__file__), PROGRAM, name],
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=LIMIT_S)
        if done.returncode != 0:
            print('# ' + done.stdout.replace('\n', '\n# '))
        print('ok' if done.returncode == 0 else 'not ok', number, f'- /lan/{name}', flush=True)
        failed = failed or done.returncode != 0
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
