# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom one talks to: words to compare, and names that several people have."""
import subprocess

from buddies import befriend
from calls import ended, talk
from people import check, wait_for


def words_match(town):
    alice, bob = town.pair('alice', 'bob')
    befriend(alice, bob, 'bob@home')
    talk(alice, bob, 'bob@home')
    words = [wait_for(f'words at {person.name}', lambda: person.find('call')['words'])
             for person in (alice, bob)]
    check(words[0] == words[1] and len(words[0].split()) == 4, words)
    alice.await_latest('call', state='up',
                       security_text='Encrypted · compare words to be sure it is bob')
    alice.tell('compare', 'same')
    alice.await_latest('contact', is_verified=True)
    alice.await_latest('call', state='up', security_text='Encrypted and verified')
    alice.tell('end')
    ended(bob, 'Call ended · *')
    alice.stop()
    alice.start().ready()
    bob.look_up('alice@home')
    talk(bob, alice, 'alice@home')
    alice.await_latest('call', state='up', security_text='Encrypted and verified')
    again = wait_for('words at bob', lambda: bob.find('call')['words'])
    check(again != words[0], 'the words are the same in another call')


def words_differ(town):
    alice, bob = town.pair('alice', 'bob')
    talk(alice, bob, 'bob@home')
    wait_for('words at bob', lambda: bob.find('call')['words'])
    bob.tell('compare', 'other')
    line = ended(bob, 'Call ended · *')
    check(line['security-text'] ==
          'The words do not match: somebody may be listening between you and alice.', line)
    ended(alice, 'Call ended · *')


def several_owners(town):
    alice, bob, _ = town.pair('alice', 'bob', 'carol')
    other = town.person('other-bob').start()
    other.tell('join', alice.invitation(), 'bob')
    key = wait_for('the other one', lambda: (other.find('account') or {}).get('key-words'))
    choices = wait_for('two to choose from', lambda: dial_and_end(alice)).split(', ')
    check(sorted(choices) == sorted([key, bob.find('account')['key-words']]), choices)
    alice.tell('choose', str(choices.index(key)))
    other.await_call('ringing', is_incoming=True)
    line = alice.find('call')
    check(line['state'] != 'ended', line)
    alice.tell('end')
    ended(other, 'Missed call from alice')
    alice.stop()
    done = subprocess.run([town.node_program, 'call', 'bob@home', *alice.choice], env=alice.env,
                          text=True, capture_output=True, timeout=60)
    check(done.returncode == 1, done.returncode, done.stderr)
    check('Several people are called bob@home.' in done.stderr, done.stderr)
    check(all('  ' + words in done.stderr for words in choices), done.stderr)
    check('choose there' in done.stderr, done.stderr)


def dial_and_end(alice):
    """The choices that a call ends with; none while only one has been found."""
    alice.tell('dial', 'bob@home')
    alice.await_call('looking')
    line = wait_for('an answer', lambda: (
        alice.find('call') if alice.find('call')['state'] in ('ringing', 'ended') else None))
    if line['state'] == 'ringing':
        alice.tell('end')
        alice.await_call('ended')
    return line['choices']


SCENARIOS = [
    ('words-that-match-verify-the-key-for-good', words_match),
    ('words-that-differ-end-the-call', words_differ),
    ('of-several-who-have-a-name-one-is-chosen', several_owners),
]
