#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The previous release and this one share an overlay, a state folder and an identity file. Usage:
test-versions.py PEAL-NODE PERSON FOLDER forward|backward. FOLDER is where the previous release is
built; `forward` has it make the overlay, `backward` has it join. Prints TAP."""
import os
import sqlite3
import sys
from types import SimpleNamespace

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'app/demo'))
import people  # noqa: E402
import previous  # noqa: E402
import session  # noqa: E402
import tap  # noqa: E402
from crowd import PATIENCE_S, check_everybody_finds, wait_for_ring  # noqa: E402
from peer import Peer  # noqa: E402
from speech import call_an_echo  # noqa: E402
from tap import check  # noqa: E402

NEW = SimpleNamespace(node=os.path.abspath(sys.argv[1]), person=os.path.abspath(sys.argv[2]))
WAY = sys.argv[4]
ECHO = ['--answer', '--echo']


class Village:
    """Anna and carl run the one release, bob and dora the other; anna begins."""

    def __init__(self, around, first, second):
        self.around, self.first, self.second = around, first, second
        self.anna, self.carl = (Peer(around, name, first.node) for name in ('anna', 'carl'))
        self.bob, self.dora = (Peer(around, name, second.node) for name in ('bob', 'dora'))
        self.peers = [self.anna, self.bob, self.carl, self.dora]
        self.anna.run('--create', 'village', '--user', 'anna', *ECHO)
        invitation = self.anna.invite()
        self.bob.run('--join', invitation, '--user', 'bob', *ECHO)
        self.carl.run('--join', self.bob.invite(), '--user', 'carl')
        self.dora.run('--join', invitation, '--user', 'dora')
        wait_for_ring(self.peers, 'four peers')


def test_overlay(village):
    check_everybody_finds(village.peers, [f'{peer.name}@village' for peer in village.peers])


def test_calls(village):
    call_an_echo(village.carl, 'bob@village')
    call_an_echo(village.dora, 'anna@village')


def records(peer):
    """How much of one's own is kept, by kind."""
    with sqlite3.connect(f'file:{peer.state}/own.db?mode=ro', uri=True) as database:
        return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
                for name in ('call', 'person')}


def takes_over(peer, release):
    """Whether that release goes on with the state folder. If not it says why, and changes nothing
    that the other one needs."""
    check(peer.stop() == 0, peer.name, 'left badly')
    before, node_id = records(peer), peer.last_node_id
    peer.node = release.node
    log = f'{peer.name}-moved'
    peer.process = peer.around.start(
        [peer.node, 'run', '--state', peer.state, '--listen', '127.0.0.1:0', '--user', peer.name],
        log, peer.run_env)
    session.wait_for(f'{peer.name} with the other release', lambda: (
        peer.process.poll() is not None or is_up(peer)), PATIENCE_S)
    if peer.process.poll() is not None:
        peer.around.processes.remove(peer.process)
        with open(os.path.join(peer.around.folder, log + '.log'), encoding='utf-8') as file:
            said = file.read()
        check(peer.process.returncode == 1 and len(said) > 10, peer.process.returncode, said)
        return False
    after = records(peer)
    check(peer.account()['node_id'] == node_id, peer.name, 'is another device')
    check(all(after[kind] >= before[kind] for kind in before), before, after)
    return True


def is_up(peer):
    return os.path.exists(os.path.join(peer.state, 'control')) and peer.is_ready()


def test_state(village):
    """To the other release and back; only to the newer one it must work."""
    carl = village.carl
    carl.last_node_id = carl.account()['node_id']
    calls = session.wait_for('the call to be kept', lambda: records(carl)['call'])
    for release in (village.second, village.first):
        if not takes_over(carl, release):
            check(release is not NEW, 'the state of the previous release is refused')
            carl.node = NEW.node
            carl.run('--user', 'carl')
            session.wait_for('carl again', carl.is_ready, PATIENCE_S)
            check(records(carl)['call'] == calls, 'a call is lost')
            break
    check_everybody_finds([village.anna, village.bob], ['carl@village'])


def test_identity(village):
    giver = people.Town(village.around.folder, village.first.person, None).person('gina')
    taker = people.Town(village.around.folder, village.second.person, None).person('gina-too')
    file = os.path.join(village.around.folder, 'gina.identity')
    try:
        giver.start().tell('create', 'home', 'gina')
        giver.await_line('account', state='alone')
        giver.tell('export', file, 'correct horse')
        giver.await_line('exported')
        taker.start().tell('import', file, 'correct horse')
        taker.await_line('imported')
        taker.ready()
        check(taker.find('account')['key-words'] == giver.find('account')['key-words'],
              'the key is another')
    except people.Trouble as trouble:
        raise AssertionError(str(trouble)) from trouble
    finally:
        for person in (giver, taker):
            if person.is_running():
                person.stop()


TESTS = [
    ('they-are-one-overlay', test_overlay),
    ('they-hear-each-other', test_calls),
    ('a-state-folder-goes-over', test_state),
    ('an-identity-file-goes-over', test_identity),
]


def main():
    try:
        old = SimpleNamespace(**previous.programs(os.path.abspath(sys.argv[3])))
    except previous.NoHistory as reason:
        print('1..0 # SKIP', reason)
        return 0
    pair = (old, NEW) if WAY == 'forward' else (NEW, old)
    return tap.play('versions-' + WAY, lambda around: Village(around, *pair), TESTS)


if __name__ == '__main__':
    sys.exit(main())
