#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A computer whose firewall lets nobody in who was not asked: test-firewall.py PEAL-NODE. Prints
TAP."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import play  # noqa: E402
from cell import JOIN_S, Peer, session  # noqa: E402
from laboratory import Laboratory, inside, run  # noqa: E402
from tap import check  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
TRIED_S = 120
SEARCHES = 8
WALL = '''
table inet wall {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, icmpv6 } accept
  }
}
'''


class Home:
    """alice has the wall; bob is in her home, and joins later."""

    def __init__(self, around):
        Laboratory('open', 'lan')
        run(*inside('alice', 'nft', '-f', '-'), input=WALL)
        self.srv, self.alice, self.bob = (Peer(around, PROGRAM, name)
                                          for name in ('srv', 'alice', 'bob'))
        self.srv.run('--create', 'home', '--relay')
        self.invitation = self.srv.ask('invite').stdout.strip()
        self.alice.run('--join', self.invitation, '--user', 'alice')
        session.wait_for('alice to join', self.alice.is_ready, JOIN_S)

    def await_verdict(self, person, verdict):
        session.wait_for(f'the verdict on {person.name}: {verdict}', lambda: person.facts().get(
            'reach', {}).get('verdict') == verdict, TRIED_S)

    def await_check(self, reach):
        """What an invitation of alice's is said to be good for."""
        found = {}

        def is_said():
            done = self.alice.ask('invite', '--json')
            found.update(json.loads(done.stdout) if done.stdout else {})
            return found.get('reach') == reach
        session.wait_for(f'an invitation that is {reach}', is_said, TRIED_S)
        return found


def test_elsewhere(home):
    home.await_verdict(home.alice, 'closed')
    said = home.alice.ask('status').stdout
    check('A firewall of this computer or of the router keeps others out (port 6084).' in said,
          said)


def providers(home):
    """Of relaying, as somebody elsewhere finds them who asks again and again."""
    found = [home.srv.ask('lookup', '--service', 'turn-server', '--json') for _ in range(SEARCHES)]
    return {json.loads(done.stdout)['provider'] for done in found if done.returncode == 0}


def test_no_relay(home):
    srv = home.srv.facts()['node_id']
    session.wait_for('srv alone to relay', lambda: providers(home) == {srv}, TRIED_S)


def test_open(home):
    home.await_verdict(home.srv, 'unknown')
    facts = home.srv.facts()['reach']
    check(facts['knocks'] >= 1, facts)


def test_neighbor(home):
    home.bob.run('--join', home.invitation, '--user', 'bob')
    session.wait_for('bob to join', home.bob.is_ready, JOIN_S)
    session.wait_for('bob to try', lambda: home.alice.ask('invite', '--json').stdout and
                     home.alice.facts()['reach']['verdict'] == 'closed-here', TRIED_S)
    said = home.alice.ask('status').stdout
    check("This computer's firewall keeps others out (port 6084)." in said, said)


def test_bob(home):
    home.await_verdict(home.bob, 'open')


def test_invitation(home):
    found = home.await_check('open')  # by srv, which the invitation names as well
    check(found['more'], found)


def test_taken_down(home):
    run(*inside('alice', 'nft', 'delete', 'table', 'inet', 'wall'))
    session.wait_for('others to come in', lambda: home.alice.ask('invite', '--json').stdout and
                     home.alice.facts()['reach']['verdict'] == 'open', TRIED_S)
    facts = home.alice.facts()['reach']
    check(facts['udp'] and facts['tcp'], facts)
    said = home.alice.ask('status').stdout
    check('People elsewhere can reach this computer directly.' in said, said)
    alice = home.alice.facts()['node_id']
    session.wait_for('alice to relay', lambda: alice in providers(home), TRIED_S)


TESTS = [
    ('somebody-elsewhere-finds-it-closed', test_elsewhere),
    ('who-keeps-others-out-relays-for-nobody', test_no_relay),
    ('who-knocks-counts-it', test_open),
    ('a-neighbor-finds-whose-wall-it-is', test_neighbor),
    ('who-has-no-wall-is-told-so', test_bob),
    ('an-invitation-names-others-too', test_invitation),
    ('without-the-wall-they-come-in', test_taken_down),
]


if __name__ == '__main__':
    sys.exit(play.suite('firewall', Home, TESTS))
