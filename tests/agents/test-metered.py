#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that is paid for by the byte, as NetworkManager says, whose part the test plays on a
system bus of its own: who has one serves nobody. Usage: test-metered.py PEAL-NODE. Prints TAP."""
import os
import sys
import threading

from gi.repository import Gio, GLib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'app/demo'))
import session  # noqa: E402
import tap  # noqa: E402
from peer import Peer  # noqa: E402
from tap import check  # noqa: E402

NODE = os.path.abspath(sys.argv[1])
NAME = 'org.freedesktop.NetworkManager'
PATH = '/org/freedesktop/NetworkManager'
XML = f'''<node><interface name='{NAME}'>
  <property name='Connectivity' type='u' access='read'/>
  <property name='State' type='u' access='read'/>
  <property name='Metered' type='u' access='read'/>
</interface></node>'''
FULL, CONNECTED_GLOBAL = 4, 70
YES, NO = 1, 2


class Manager:
    """What it says of the connection, to all on the bus."""

    def __init__(self, around):
        self.bus = 'unix:path=' + os.path.join(around.folder, 'system-bus')
        around.start(['dbus-daemon', '--session', '--nofork', '--address=' + self.bus], 'bus')
        session.wait_for('the bus', lambda: os.path.exists(self.bus.partition('=')[2]))
        self.facts = {'Connectivity': FULL, 'State': CONNECTED_GLOBAL, 'Metered': YES}
        flags = Gio.DBusConnectionFlags
        self.connection = Gio.DBusConnection.new_for_address_sync(
            self.bus, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)
        self.connection.register_object(PATH, Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0], None,
                                        self.on_get, None)
        self.connection.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus',
                                  'org.freedesktop.DBus', 'RequestName',
                                  GLib.Variant('(su)', (NAME, 0)), None,
                                  Gio.DBusCallFlags.NONE, -1, None)
        threading.Thread(target=GLib.MainLoop().run, daemon=True).start()

    def on_get(self, _connection, _sender, _path, _interface, name):
        return GLib.Variant('u', self.facts[name])

    def say(self, metered):
        self.facts['Metered'] = metered
        self.connection.emit_signal(
            None, PATH, 'org.freedesktop.DBus.Properties', 'PropertiesChanged',
            GLib.Variant('(sa{sv}as)', (NAME, {'Metered': GLib.Variant('u', metered)}, [])))


class House:
    """Anna's and Bob's connections cost nothing; Carl's is what the manager says."""

    def __init__(self, around):
        self.manager = Manager(around)
        self.anna, self.bob, self.carl = (Peer(around, name, NODE)
                                          for name in ('anna', 'bob', 'carl'))
        self.carl.run_env = {**self.carl.env, 'DBUS_SYSTEM_BUS_ADDRESS': self.manager.bus}
        self.anna.run('--create', 'home', '--user', 'anna')
        invitation = self.anna.invite()
        self.bob.run('--join', invitation, '--user', 'bob')
        session.wait_for('two peers', self.bob.is_ready, 60)
        self.carl.run('--join', invitation, '--user', 'carl')
        session.wait_for('carl to join', self.carl.is_ready, 60)

    def is_found(self):
        return self.bob.ask('lookup', 'carl@home').returncode == 0


def roles_of(peer):
    accounts = peer.facts().get('accounts')
    return {link['role'] for link in accounts[0]['links']} if accounts else set()


def expect_client(house):
    session.wait_for('carl to be a client', lambda: 'home' in roles_of(house.carl), 30)
    check('This connection is metered' in house.carl.ask('status').stdout,
          house.carl.ask('status').stdout)
    session.wait_for('bob to find carl', house.is_found, 30)


def newcomer(house):
    expect_client(house)


def free(house):
    house.manager.say(NO)
    session.wait_for('carl to be a peer', lambda: 'successor' in roles_of(house.carl), 60)
    session.wait_for('bob to find carl', house.is_found, 30)


def paid(house):
    house.manager.say(YES)
    expect_client(house)


TESTS = [('a-newcomer-who-pays-is-a-client', newcomer),
         ('who-pays-no-more-is-a-peer', free),
         ('a-peer-who-pays-becomes-a-client', paid)]

if __name__ == '__main__':
    sys.exit(tap.play('metered', House, TESTS))
