# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls and their ends, with the words for each side."""
import array
import math
import os
import wave

from buddies import befriend
from people import check, wait_for

RATE = 48000
HEARD_MIN = 0.6


def ring(caller, callee, address):
    caller.tell('dial', address)
    callee.await_call('ringing', is_incoming=True)
    caller.await_call('ringing')


def talk(caller, callee, address):
    ring(caller, callee, address)
    callee.tell('answer')
    caller.await_call('up', encrypted=True)
    callee.await_call('up', encrypted=True)


def ended(person, text, hint=''):
    """The end of a call in the words shown."""
    line = person.await_call('ended')
    words = line['end-text']
    matches = words.startswith(text[:-1]) if text.endswith('*') else words == text
    check(matches, person.name, 'read', words, 'instead of', text)
    check(hint in line['end-hint'], person.name, 'was advised', line['end-hint'])
    return line


def answer_and_end(town):
    alice, bob = town.pair('alice', 'bob')
    talk(alice, bob, 'bob@home')
    alice.tell('end')
    ended(alice, 'Call ended · *')
    line = ended(bob, 'Call ended · *')
    check(line['encrypted'], line)
    talk(bob, alice, 'sip:alice@home')  # the other way, over the link that stands
    alice.tell('end')
    ended(bob, 'Call ended · *')
    for person in (alice, bob):
        person.await_history(calls=2)


def hold(town):
    alice, bob = town.pair('alice', 'bob')
    talk(alice, bob, 'bob@home')
    for holder, held in ((alice, bob), (bob, alice)):
        holder.tell('hold', 'yes')
        holder.await_line('call', is_held=True)
        held.await_line('call', is_held_by_peer=True)
        holder.tell('hold', 'no')
        holder.await_line('call', is_held=False)
        held.await_line('call', is_held_by_peer=False)
    bob.tell('end')
    ended(alice, 'Call ended · *')


def decline(town):
    alice, bob = town.pair('alice', 'bob')
    ring(alice, bob, 'bob@home')
    bob.tell('decline')
    ended(alice, 'bob declined')
    ended(bob, 'You declined')


def give_up(town):
    alice, bob = town.pair('alice', 'bob')
    ring(alice, bob, 'bob@home')
    alice.tell('end')
    ended(alice, 'Call ended')
    ended(bob, 'Missed call from alice')
    bob.await_history(missed=1)


def busy(town):
    alice, bob, carol = town.pair('alice', 'bob', 'carol')
    talk(alice, bob, 'bob@home')
    carol.tell('dial', 'bob@home')
    ended(carol, 'bob is busy')
    bob.tell('end')
    ended(alice, 'Call ended · *')
    talk(carol, bob, 'bob@home')


def no_answer(town):
    alice, bob = town.pair('alice', 'bob')
    ring(alice, bob, 'bob@home')
    line = alice.await_line('call', 90, state='ended')
    check(line['end-text'] == 'No answer', line)
    ended(bob, 'Missed call from alice')


def nobody(town):
    alice, _ = town.pair('alice', 'bob')
    alice.tell('dial', 'zoe@home')
    ended(alice, 'Nobody called “zoe” is in “home”.', 'Check the spelling.')
    for number in ('112', '911'):
        alice.tell('dial', number)
        check('emergency' in alice.await_line('error')['text'])


def offline(town):
    alice, bob, _ = town.pair('alice', 'bob', 'carol')
    bob.stop()
    alice.look_away('bob@home')
    alice.tell('dial', 'bob@home')
    ended(alice, 'bob is offline*')


def killed_ringing(town):
    alice, bob, carol = town.pair('alice', 'bob', 'carol')
    ring(alice, bob, 'bob@home')
    bob.kill()
    ended(alice, 'bob is not reachable')
    bob.start().ready()
    ring(carol, bob, 'bob@home')
    carol.kill()
    ended(bob, 'Missed call from carol')


def killed_talking(town):
    alice, bob = town.pair('alice', 'bob')
    talk(alice, bob, 'bob@home')
    bob.kill()
    alice.await_call('reconnecting')
    ended(alice, 'The connection to bob was lost')
    bob.start().ready()
    bob.await_history(calls=1)  # also that which was cut


def second_device(town):
    alice, bob = town.pair('alice', 'bob')
    file = os.path.join(town.folder, 'bob.identity')
    bob.tell('export', file, 'correct horse')
    bob.await_line('exported')
    phone = town.person('bob-pocket').start()
    phone.tell('import', file, 'correct horse')
    phone.await_line('imported')
    phone.ready()
    alice.await_line('account', peers=3)
    alice.look_up('bob@home', devices=2)
    alice.tell('add', 'bob@home')
    alice.tell('dial', 'bob@home')
    bob.await_call('ringing')
    phone.await_call('ringing')
    bob.tell('answer')
    alice.await_call('up', encrypted=True)
    ended(phone, 'Answered on another device')
    alice.tell('end')
    ended(bob, 'Call ended · *')
    check(not alice.find('call', is_key_changed=True), 'a second device is no other key')
    alice.tell('dial', 'bob@home')
    bob.await_call('ringing')
    phone.await_call('ringing')
    phone.tell('answer')
    alice.await_call('up', encrypted=True)
    line = bob.await_call('ended', end_text='Answered on another device')
    check(line['is-incoming'], line)


def write_tone(path, frequency, seconds=20):
    samples = array.array('h', (round(9000 * math.sin(2 * math.pi * frequency * i / RATE))
                                for i in range(RATE * seconds)))
    with wave.open(path, 'wb') as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def tone_share(path, frequency):
    """How much of the clearest fifth of a second is that tone (Goertzel), 0..1; none before the
    file is whole."""
    try:
        with wave.open(path) as file:
            rate, channels = file.getframerate(), file.getnchannels()
            samples = array.array('h', file.readframes(file.getnframes()))[::channels]
    except (FileNotFoundError, EOFError, ValueError, wave.Error):
        return 0.0
    best, window = 0.0, rate // 5
    for at in range(0, len(samples) - window, window):
        piece = samples[at:at + window]
        power = sum(x * x for x in piece)
        if power < window * 10000:  # a whisper
            continue
        c = 2 * math.cos(2 * math.pi * frequency / rate)
        s1 = s2 = 0.0
        for x in piece:
            s1, s2 = x + c * s1 - s2, s1
        best = max(best, (s1 * s1 + s2 * s2 - c * s1 * s2) * 2 / window / power)
    return best


def listen(person, seconds=3):
    """For that long from the first sound on; a little of it has to come through whole."""
    person.await_sound()
    path = person.home + '/heard.wav'
    person.await_size(path, 1)
    person.await_size(path, os.path.getsize(path) + RATE * 2 * seconds)


def both_hear(town):
    alice, bob = town.pair('alice', 'bob')
    tones = {alice: 440, bob: 1000}
    for person, frequency in tones.items():
        write_tone(person.home + '/say.wav', frequency)
        person.tell('sound', 'files', person.home + '/say.wav', person.home + '/heard.wav')
    talk(alice, bob, 'bob@home')
    listen(alice)
    listen(bob)
    alice.tell('end')
    ended(bob, 'Call ended · *')
    for person, other in ((alice, bob), (bob, alice)):  # a file is whole when its call is over
        wait_for(f'the tone of {other.name} at {person.name}', lambda: tone_share(
            person.home + '/heard.wav', tones[other]) > HEARD_MIN)


def echo(town):
    alice, bob = town.pair('alice', 'bob')
    write_tone(alice.home + '/say.wav', 600)
    alice.tell('sound', 'files', alice.home + '/say.wav', alice.home + '/heard.wav')
    bob.tell('sound', 'echo')
    talk(alice, bob, 'bob@home')
    listen(alice)
    alice.tell('end')
    ended(alice, 'Call ended · *')
    wait_for('an echo', lambda: tone_share(alice.home + '/heard.wav', 600) > HEARD_MIN)


def changed_key(town):
    alice, bob, _ = town.pair('alice', 'bob', 'carol')
    invitation = alice.invitation()
    befriend(alice, bob, 'bob@home')
    bob.stop()
    alice.look_away('bob@home')
    other = town.person('other-bob').start()
    other.tell('join', invitation, 'bob')
    other.await_line('account')
    alice.look_up('bob@home')
    alice.tell('dial', 'bob@home')
    ended(alice, "bob's key has changed since *", 'It may be a new device, or someone else.')
    check(not other.find('call'), 'it rang at somebody else')
    alice.tell('accept-key', 'bob@home')
    ring(alice, other, 'bob@home')


SCENARIOS = [
    ('no-answer-in-45-seconds-ends-the-call', no_answer),
    ('a-callee-killed-in-the-call-is-lost-and-the-call-is-kept', killed_talking),
    ('a-callee-or-caller-killed-while-it-rings-is-lost', killed_ringing),
    ('answered-and-ended-from-either-side', answer_and_end),
    ('either-side-puts-the-other-on-hold', hold),
    ('a-declined-call-says-so-on-both-sides', decline),
    ('a-caller-that-gives-up-is-a-missed-call', give_up),
    ('somebody-who-talks-is-busy', busy),
    ('a-name-that-is-not-there-is-told', nobody),
    ('somebody-who-went-is-offline', offline),
    ('a-second-device-rings-and-loses', second_device),
    ('another-key-under-a-known-name-stops-the-call', changed_key),
    ('both-hear-what-the-other-says', both_hear),
    ('an-echo-comes-back', echo),
]
