#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people do with the windows, done through the names that a screen reader sees: each point
presses, and looks at the words on the screen and at what the phone was asked for."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import stage  # noqa: E402
from stage import find, has_text, is_there, press, see, until, write  # noqa: E402


def asked(line):
    """The phone was asked for it since the scene began."""
    def ask():
        play.drain()
        return line in play.said[play.mark:]
    until(f'the phone to be asked: {line}', ask)


def starts_a_network():
    play.scene('welcome')
    see('Peal cannot call emergency services. Use a mobile or landline phone.')
    write('Name', 'Zoë Lindqvist')
    until('the address to follow', lambda: text_of('Address') == 'zoe')
    write('Address', 'zo')
    write('Name', 'Alice Lindqvist')
    press('Start')
    asked('create home as zo (Alice Lindqvist)')
    see('Nobody here yet. Add someone by name, or share an invitation.')


def refuses_a_bad_name():
    play.scene('welcome')
    write('Address', 'al ice')
    see('Use letters, digits, dots and dashes.')
    until('Start to be greyed out', lambda: not is_sensitive('Start'))
    write('Address', 'alice')
    until('Start to be offered', lambda: is_sensitive('Start'))


def joins_by_invitation():
    play.scene('welcome-join')
    see('Chidi invites you to “club”.')
    write('Address', 'taken')
    press('Start')
    see('Someone is already called taken@club. Try taken2.')
    write('Address', 'alice')
    press('Start')
    asked('join as alice')
    see('Nobody here yet. Add someone by name, or share an invitation.')


def joins_where_a_server_gives_out_names():
    Atspi = stage.atspi()
    play.scene('welcome-join')
    write('Invitation', 'peal:enrol')
    until('the name that the invitation is for',
          lambda: Atspi.Text.get_text(find('text', 'Address'), 0, -1) == 'dora')
    press('Start')
    see('This code is not right. Check it, or ask for a new one.')
    write('Code', 'abcd-efgh')
    press('Start')
    asked('join as dora')
    see('Nobody here yet. Add someone by name, or share an invitation.')


def is_told_when_not_let_in():
    play.scene('welcome-nearby')
    write('Address', 'alice')
    press('Start')
    asked('join-nearby club of 3 as alice')
    see('Nobody there let you in. Ask someone for an invitation.')


def offers_all_networks_nearby():
    """Two of one name too."""
    play.scene('welcome-homes')
    larger = until('the larger one', lambda: next((
        n for n in stage.nodes() if n.get_role_name() == 'radio button' and n.get_description() ==
        'There is already a network “home” here with 4 people.'), None))
    stage.atspi().Action.do_action(larger, 0)
    write('Address', 'alice')
    press('Start')
    asked('join-nearby home of 4 as alice')


def asks_for_a_code_where_a_network_nearby_wants_one():
    play.scene('welcome-nearby')
    write('Address', 'dora')
    press('Start')
    asked('join-nearby club of 3 as dora')
    see('“club” asks for a code. Ask its owner for one.')
    write('Code', 'abcd-efgh')
    press('Start')
    asked('join as dora')
    see('Nobody here yet. Add someone by name, or share an invitation.')


def dials_what_is_typed():
    play.scene('people')
    write('Name or address', 'zoe@home')
    press('Call')
    asked('dial zoe@home')
    see('Nobody called “zoe” is in “home”.')
    press('Add for later')
    until('the address to be filled in', lambda: text_of('Address') == 'zoe@home')


def dials_the_only_match():
    play.scene('people')
    write('Name or address', 'nowak')
    until('the others to go', lambda: not has_text('Bob Ruiz'))
    press('Call')
    asked('dial ewa@home')


def offers_to_dial_what_matches_nobody():
    play.scene('people')
    write('Name or address', 'zzz')
    see('No one matches “zzz”.')
    press('Call zzz@home')
    asked('dial zzz@home')


def refuses_emergency_numbers():
    play.scene('people')
    write('Name or address', '112')
    press('Call')
    see('Peal cannot call emergency services. Use a mobile or landline phone.')


def names_the_network_that_is_unknown():
    play.scene('error')
    see('You are not in a network called “work”.')
    press('Join with an invitation')
    find('text', 'Invitation')


def answers():
    play.scene('people')
    play.scene('.ring')
    see('Bob Ruiz is calling')
    press('Answer')
    asked('answer 1')
    see('In call · 02:31')
    see('Encrypted · compare words to be sure it is Bob Ruiz · direct connection')


def compares_words():
    play.scene('call-up')
    press('Compare')
    see('maroon velvet cobra agile')
    press('They Match')
    asked('compared 1')
    see('Encrypted and verified · direct connection')
    until('nothing more to compare', lambda: not is_there('push button', 'Compare'))


def finds_words_that_differ():
    play.scene('call-up')
    press('Compare')
    press('They Differ')
    asked('compared 0')
    see('The words do not match: somebody may be listening between you and Bob Ruiz.')


def chooses_among_several():
    play.scene('call-choose')
    see('Several people are called bob@home. Whom do you want to call?')
    press('mustard kitchen walrus puzzle orbit daisy')
    asked('choose 1')


def chooses_who_a_contact_is():
    play.scene('person-several')
    see('Several people are called gil@home. Say which of them is Gil.')
    press('Choose')
    asked('dial gil@home')


def declines():
    play.scene('people')
    play.scene('.ring')
    press('Decline')
    asked('decline 1')
    see('You declined')


def mutes_holds_and_ends():
    play.scene('call-up')
    press('Mute', 'toggle button')
    asked('mute 1')
    press('Hold', 'toggle button')
    asked('hold 1')
    see('You put Bob Ruiz on hold')
    press('Hold', 'toggle button')
    asked('hold 0')
    press('End call')
    asked('end 1')
    until('the end of the call', lambda: is_there('push button', 'Close'))


def dials_digits():
    play.scene('call-up')
    press('Keypad', 'toggle button')
    press('5')
    asked('digit 5')
    press('#')
    asked('digit #')


def leads_to_the_call_from_the_main_window():
    play.scene('call-bar')
    play.scene('.talk')
    find('push button', 'In call with Bob Ruiz · 02:31')
    press('End')
    asked('end 1')


def calls_again():
    play.scene('call-out')
    play.scene('.busy')
    see('Bob Ruiz is busy')
    press('Call again')
    asked('dial bob@home')
    see('Ringing…')


def removes_and_undoes():
    play.scene('notice')
    see('Dana Levi was removed.')
    until('Dana to go', lambda: not has_text('Dana Levi'))
    press('Undo')
    asked('undo')
    see('Dana Levi')


def renames():
    play.scene('person')
    play.scene('.show-person("bob@home")')
    menu = find('toggle button', 'More about this person')
    stage.atspi().Action.do_action(menu, 0)
    press('Rename…', 'push button')
    write('Name', 'Bobby')
    press('Rename')
    asked('rename Bobby')
    see('Bobby')


def key_changed(text):
    """The sentence names the day, which is another one each time."""
    until(text, lambda: any(
        n.get_name().startswith("Chidi Okafor's key has changed since ") for n in stage.nodes()))


def compares_words_with_a_new_key():
    play.scene('person-key')
    key_changed('what has changed')
    press('Compare words')
    asked('dial-new-key chidi@home')
    play.scene('.talk')
    press('Compare')
    press('They Match')
    asked('compared 1')
    see('Encrypted and verified · direct connection')
    until('nothing more to explain', lambda: not is_there('push button', 'What does this mean?'))


def explains_and_trusts_a_new_key():
    play.scene('person-key')
    press('What does this mean?')
    press('Trust the New Key')
    asked('accept-key chidi@home')
    see("Calls are encrypted. You will be told if Chidi Okafor's key changes.")


def explains_a_new_key_that_was_dialled():
    play.scene('call-key')
    see('It may be a new device, or someone else.')
    press('What does this mean?')
    press('Call and Compare Words')
    asked('dial-new-key chidi@home')


def explains_a_new_key_during_a_call():
    play.scene('call-key-up')
    press('What does this mean?')
    see('Call, and compare words: when you know the voice of Chidi Okafor and the words match, '
        'all is well.')
    if is_there('push button', 'Trust the New Key'):
        return ['it may be trusted without comparing what can be compared']
    return []


def offers_another_microphone():
    play.scene('call-warning')
    see('Another program is using the microphone.')
    press('Choose another')
    find('combo box', 'Microphone')


def offers_the_sound_settings():
    play.scene('call-no-microphone')
    see('No microphone found. You can listen, but Bob Ruiz will not hear you.')
    press('Sound settings')
    find('push button', 'Record 3 seconds and play back')


def tells_details_of_a_call_that_failed():
    play.scene('call-no-path')
    see('Phone found Bob Ruiz but no path for sound.')
    press('Details', 'toggle button')
    see('Address: bob@home\nReached: ringing\nReason: no-media-path\n'
        'Search for a path: failed, 7900 ms\n'
        'Here: host 192.168.1.10:40312\nHere: reflexive 198.51.100.2:40312\n'
        'Here: relayed 192.0.2.10:61002\nThere: host [2001:db8:b:2::20]:51877\n'
        'Relay: 192.0.2.10:6084 answered\nYour sound: not reported\n'
        'Their sound: nothing for 16 s\nWay there: 1. 63f1ee08469bcdac9fa33526abda8479 12 ms')
    press('Copy')


def lets_people_in():
    play.scene('requests')
    press('Accept')
    asked('accept farid@home')
    press('Let in')
    asked('accept chidi')
    until('the section to go', lambda: not has_text('Requests'))


def adds_a_person():
    play.scene('add-person')
    write('Address', 'hana@home')
    press('Add')
    asked('add hana@home')
    see('hana@home has not accepted you yet. You can call once they do.')


def checks_the_sound():
    play.scene('sound')
    asked('watch 1')
    press('Record 3 seconds and play back')
    asked('record')
    see('That is how others hear you.')


def says_where_an_invitation_works():
    play.scene('invite')
    see("Nobody could reach this computer. This computer's firewall keeps others out (port 6084).")
    press('More', 'toggle button')
    until('why', lambda: any('sudo ufw allow 6084' in n.get_name() for n in stage.nodes()))
    press('Copy the command')


def starts_at_login():
    play.scene('preferences')
    path = os.path.join(os.environ['XDG_CONFIG_HOME'], 'autostart/org.pealphone.Peal.desktop')
    press('Start when you log in', 'toggle button')
    until('the entry', lambda: os.path.exists(path))
    with open(path) as file:
        text = file.read()
    if '\nExec="/' not in text or '/gallery" --gapplication-service\n' not in text:
        return ['the entry is ' + text]
    press('Start when you log in', 'toggle button')
    until('the entry to go', lambda: not os.path.exists(path))
    return []


def puts_a_card_away():
    play.scene('empty')
    press('Dismiss “Check your sound”')
    until('the card to go', lambda: not has_text('Check your sound'))


def says_aloud_what_happens():
    """A state that changes is announced, not only drawn."""
    Atspi = stage.atspi()
    heard = []
    listener = Atspi.EventListener.new(lambda event: heard.append(event.any_data))
    listener.register('object:announcement')
    play.scene('call-out')
    play.scene('.busy')
    until('the announcement', lambda: 'Bob Ruiz is busy' in heard)
    listener.deregister('object:announcement')


def is_sensitive(name):
    Atspi = stage.atspi()
    return any(n.get_role_name() == 'push button' and stage.name_of(n) == name and
               n.get_state_set().contains(Atspi.StateType.SENSITIVE) for n in stage.nodes())


def text_of(name):
    Atspi = stage.atspi()
    return any(Atspi.Text.get_text(n, 0, -1) for n in stage.nodes()
               if n.get_role_name() == 'text' and stage.name_of(n) == name) and \
        Atspi.Text.get_text(find('text', name), 0, -1)


POINTS = [
    ('first-run/starts-a-network', starts_a_network),
    ('first-run/a-bad-name-is-refused-while-typing', refuses_a_bad_name),
    ('first-run/joins-by-invitation', joins_by_invitation),
    ('first-run/joins-where-a-server-gives-out-names', joins_where_a_server_gives_out_names),
    ('first-run/asks-a-network-nearby', is_told_when_not_let_in),
    ('first-run/offers-all-networks-nearby', offers_all_networks_nearby),
    ('first-run/asks-for-the-code-of-a-network-nearby',
     asks_for_a_code_where_a_network_nearby_wants_one),
    ('people/dials-what-is-typed', dials_what_is_typed),
    ('people/dials-the-only-match', dials_the_only_match),
    ('people/offers-to-dial-what-matches-nobody', offers_to_dial_what_matches_nobody),
    ('people/refuses-emergency-numbers', refuses_emergency_numbers),
    ('people/names-the-network-that-is-unknown', names_the_network_that_is_unknown),
    ('people/requests-are-accepted-and-go', lets_people_in),
    ('people/a-removed-person-can-be-brought-back', removes_and_undoes),
    ('people/a-card-stays-away', puts_a_card_away),
    ('person/renames', renames),
    ('person/compares-words-with-a-new-key', compares_words_with_a_new_key),
    ('person/explains-a-new-key-and-trusts-it', explains_and_trusts_a_new_key),
    ('person/of-several-one-is-chosen', chooses_who_a_contact_is),
    ('person/adds', adds_a_person),
    ('call/answers', answers),
    ('call/compares-words', compares_words),
    ('call/words-that-differ-warn', finds_words_that_differ),
    ('call/of-several-one-is-chosen', chooses_among_several),
    ('call/explains-a-new-key-that-was-dialled', explains_a_new_key_that_was_dialled),
    ('call/explains-a-new-key-while-it-is-up', explains_a_new_key_during_a_call),
    ('call/offers-another-microphone', offers_another_microphone),
    ('call/offers-the-sound-settings', offers_the_sound_settings),
    ('call/tells-details-when-it-failed', tells_details_of_a_call_that_failed),
    ('call/declines', declines),
    ('call/mutes-holds-and-ends', mutes_holds_and_ends),
    ('call/dials-digits', dials_digits),
    ('call/the-bar-of-the-main-window-ends-it', leads_to_the_call_from_the_main_window),
    ('call/calls-again', calls_again),
    ('call/a-state-is-announced', says_aloud_what_happens),
    ('invite/says-where-it-works', says_where_an_invitation_works),
    ('preferences/starts-at-login', starts_at_login),
    ('sound/records-and-plays-back', checks_the_sound),
]

stage.enter()
points = stage.Points()
play = stage.Stage(*sys.argv[1:3])
for name, body in POINTS:
    points.point('/ui/' + name, body)
points.point('/ui/closes-in-good-order', lambda: [] if play.close() == 0 else ['it failed'])
points.finish()
