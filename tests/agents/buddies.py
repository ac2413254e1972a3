# SPDX-License-Identifier: GPL-3.0-or-later
"""Buddies: requests and presence."""
from people import check


def befriend(asker, other, address):
    asker.tell('add', address)
    request = other.await_line('request', kind='buddy')
    check(request['text'] == f'{asker.name}@home wants to add you', request)
    other.tell('accept')
    asker.await_line('contact', presence_text='Available')
    other.await_line('contact', presence_text='Available')


def accept(town):
    alice, bob, _ = town.pair('alice', 'bob', 'carol')
    befriend(alice, bob, 'bob@home')
    bob.stop()
    alice.await_line('contact', presence_text='Offline')
    bob.start().ready()
    alice.await_line('contact', 90, presence_text='Available')
    bob.await_line('contact', 90, presence_text='Available')


def refuse(town):
    alice, bob = town.pair('alice', 'bob')
    alice.tell('add', 'bob@home')
    bob.await_line('request', kind='buddy')
    bob.tell('refuse')
    alice.await_line('contact', presence_text='Not confirmed')
    check(not alice.find('contact', presence_text='Available'), 'presence without a yes')


def in_call(town):
    alice, bob, carol = town.pair('alice', 'bob', 'carol')
    befriend(alice, bob, 'bob@home')
    carol.tell('dial', 'bob@home')
    bob.await_call('ringing')
    bob.tell('answer')
    alice.await_line('contact', presence_text='In a call')
    bob.tell('end')
    alice.await_line('contact', presence_text='Available')


def later(town):
    """A request to somebody who is away waits for them."""
    alice, bob, _ = town.pair('alice', 'bob', 'carol')
    bob.stop()
    alice.tell('add', 'bob@home')
    alice.await_line('contact')
    bob.start().ready()
    bob.await_line('request', 90, kind='buddy')


SCENARIOS = [
    ('a-request-accepted-shows-presence-both-ways', accept),
    ('a-request-refused-is-not-confirmed', refuse),
    ('somebody-who-talks-is-shown-in-a-call', in_call),
    ('a-request-waits-for-who-is-away', later),
]
