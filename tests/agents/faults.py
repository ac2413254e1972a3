# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be broken on a computer: each has a sentence, nothing crashes and nothing is lost."""
import glob
import os
import shutil
import socket
import subprocess

from calls import ended, ring, talk
from joining import free_port
from people import Trouble, check, wait_for


class Skip(Exception):
    """This cannot be tried here."""


def sound_server(town, *modules):
    """A sound server of the test's own; gives PULSE_SERVER."""
    home = os.path.join(town.folder, 'sound')
    os.makedirs(home, mode=0o700)
    path = os.path.join(home, 'native')
    script = os.path.join(home, 'sound.pa')
    with open(script, 'w', encoding='utf-8') as file:
        file.write('\n'.join([
            *modules,  # before anybody can ask for them
            f'load-module module-native-protocol-unix auth-anonymous=1 socket={path}']) + '\n')
    env = {'PATH': '/usr/bin:/bin', 'HOME': home, 'XDG_RUNTIME_DIR': home, 'LC_ALL': 'C.UTF-8'}
    town.others.append(subprocess.Popen(
        ['pulseaudio', '-n', '-F', script, '--daemonize=no', '--exit-idle-time=-1',
         '--realtime=no', '--high-priority=no'], env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    wait_for('the sound server', lambda: os.path.exists(path))
    return f'unix:{path}'


def speak_with(town, server, warning):
    """A call of somebody with that sound server: it works but for the sound, and says why."""
    alice, bob = town.pair('alice', 'bob')
    alice.stop()
    alice.start(env={'PULSE_SERVER': server})
    alice.ready()
    bob.look_up('alice@home')
    alice.look_up('bob@home')
    alice.tell('sound', 'devices')
    talk(alice, bob, 'bob@home')
    wait_for('the warning: ' + warning, lambda: alice.find('call')['warning-text'] == warning)
    bob.tell('end')
    ended(alice, 'Call ended · *')


def no_sound_server(town):
    speak_with(town, f'unix:{town.folder}/nothing',
               'This computer\'s sound does not work, so you cannot hear each other.')


def no_microphone(town):
    # A sink alone; its monitor is no microphone.
    speak_with(town, sound_server(town, 'load-module module-null-sink sink_name=out'),
               'No microphone found. You can listen, but bob will not hear you.')


def busy_port(town):
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, \
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
        udp.bind(('127.0.0.1', port))
        tcp.bind(('127.0.0.1', port))
        tcp.listen()
        alice = town.person('alice').start('--listen', f'127.0.0.1:{port}')
        alice.tell('create', 'home', 'alice')
        sentence = alice.await_line('error')['text']
        check(sentence == 'No network connection could be opened. Another program may be using '
                          'the port.', sentence)
        check(alice.is_running(), 'alice fell')
    alice.stop()
    if not town.is_alone:
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(('0.0.0.0', 6084))
        bob = town.person('bob').start('--listen', 'any')
        bob.tell('create', 'home', 'bob')
        bob.await_line('account', state='alone')


def mounted(town, folder, size):
    os.makedirs(folder, mode=0o700, exist_ok=True)
    done = subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={size},mode=0700', 'none', folder],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise Skip('no file systems of our own here')
    town.mounts.append(folder)


def on_disk(town, size):
    """alice's state in a file system of its own."""
    alice = town.person('alice')
    alice.take_own_folders()
    mounted(town, alice.state, size)
    alice.start()
    alice.tell('create', 'home', 'alice')
    alice.await_line('account', state='alone')
    bob = town.person('bob').start()
    bob.tell('join', alice.invitation(), 'bob')
    bob.ready()
    alice.look_up('bob@home')
    return alice, bob


def read_only(town):
    alice, bob = on_disk(town, '4m')
    alice.stop()
    subprocess.run(['mount', '-o', 'remount,ro', alice.state], check=True)
    alice.start()
    alice.await_latest('status', text='Peal cannot write to its folder, so nothing can be kept.')
    alice.await_latest('account', state='ready')
    bob.look_up('alice@home')
    talk(bob, alice, 'alice@home')
    alice.stop()
    subprocess.run(['mount', '-o', 'remount,rw', alice.state], check=True)
    alice.start().ready()
    bob.look_up('alice@home')
    talk(bob, alice, 'alice@home')


def full(town):
    alice, bob = on_disk(town, '1m')
    try:
        with open(os.path.join(alice.state, 'ballast'), 'wb', buffering=0) as ballast:
            while ballast.write(bytes(4096)):
                pass
    except OSError:
        pass
    talk(bob, alice, 'alice@home')
    bob.tell('end')
    ended(alice, 'Call ended · *')
    alice.tell('add', 'bob@home')
    alice.await_latest('status', text='No space left to save calls and contacts. '
                                      'Calls still work.')
    alice.stop()
    alice.start()
    wait_for('alice, or her sentence', lambda: alice.find('error') or alice.find('account'))
    wait_for('the end of it', lambda: not alice.is_running() or alice.find('account'))
    if alice.is_running():
        alice.stop()
    os.unlink(os.path.join(alice.state, 'ballast'))
    alice.start().ready()
    bob.look_up('alice@home')
    talk(bob, alice, 'alice@home')


def damaged(town):
    alice, bob = town.pair('alice', 'bob')
    alice.tell('add', 'bob@home')
    alice.await_line('contact')
    node = alice.find('account')['address']
    alice.stop()
    for path in glob.glob(os.path.join(alice.state, 'own.db*')):
        with open(path, 'r+b') as file:
            file.write(os.urandom(8192))
    alice.start()
    sentence = alice.await_line('error')['text']
    check(sentence == 'Your call data could not be opened. Your identity is safe.', sentence)
    alice.await_line('exit', status=1)
    alice.start('--repair').ready()
    check(alice.find('account')['address'] == node, 'another address')
    check(glob.glob(os.path.join(alice.state, '*corrupt*')), 'the old file is gone')
    bob.look_up('alice@home')
    talk(bob, alice, 'alice@home')


def damaged_key(town):
    alice, _ = town.pair('alice', 'bob')
    alice.stop()
    for path in glob.glob(os.path.join(alice.state, 'keys', '**', '*'), recursive=True):
        if os.path.isfile(path):
            with open(path, 'wb') as file:
                file.write(b'none')
    alice.start()
    sentence = alice.await_line('error')['text']
    check('identity file is damaged' in sentence, sentence)
    alice.await_line('exit', status=1)


def wrong_clock(town):
    alice, bob = town.pair('alice', 'bob')
    late = town.person('late').start('--clock-offset-h', '-12')
    late.tell('join', alice.invitation(), 'late')
    late.ready()
    early = town.person('early').start('--clock-offset-h', '12')
    early.tell('join', alice.invitation(), 'early')
    early.ready()
    bob.look_up('late@home', 'early@home')
    talk(bob, late, 'late@home')
    bob.tell('end')
    ended(late, 'Call ended · *')
    talk(early, alice, 'alice@home')
    check('clock' not in alice.last_status(), alice.last_status())


def second_instance(town):
    alice, _ = town.pair('alice', 'bob')
    other = town.person('again')
    other.share_state(alice)
    other.start()
    sentence = other.await_line('error')['text']
    check('already running' in sentence, sentence)
    other.await_line('exit', status=1)
    check(alice.is_running(), 'the first fell')


def same_identity(town):
    alice, bob = town.pair('alice', 'bob')
    bob.stop()
    twin = town.person('twin')
    shutil.copytree(bob.state, twin.state)
    bob.start().ready()
    alice.look_up('bob@home')
    twin.start()
    twin.await_line('status', text='Peal is already running with this identity on another '
                                   'computer.')
    ring(alice, bob, 'bob@home')
    check(not bob.find('account', state='duplicate'), 'the first gave way')


SCENARIOS = [
    ('no-sound-server', no_sound_server),
    ('no-microphone', no_microphone),
    ('busy-port', busy_port),
    ('read-only-disk', read_only),
    ('full-disk', full),
    ('damaged-database', damaged),
    ('damaged-key', damaged_key),
    ('clocks-twelve-hours-off', wrong_clock),
    ('second-instance', second_instance),
    ('same-identity-on-two-computers', same_identity),
]
__all__ = ['SCENARIOS', 'Skip', 'Trouble']
