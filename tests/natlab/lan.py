# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks without a router: cables between a few computers, and people who have phones there, each
computer in a network namespace of its own. No address is given out, no route leads anywhere."""
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
for folder in ('app/demo', 'tests/agents'):
    sys.path.insert(0, os.path.join(ROOT, folder))
import people  # noqa: E402
from laboratory import add_address, add_cable, add_namespace, inside, ip  # noqa: E402


class Lan:
    """A switch; computers are plugged in and pulled out."""

    def __init__(self, name):
        self.name = name
        add_namespace(name, False)
        ip(name, 'link', 'add', 'switch', 'type', 'bridge', 'mcast_snooping', '0')
        ip(name, 'link', 'set', 'switch', 'up')

    def plug(self, computer, address=None):
        """With an address, or with what IPv6 gives itself."""
        add_cable(computer, 'eth0', self.name, computer)
        ip(self.name, 'link', 'set', computer, 'master', 'switch')
        if address:
            add_address(computer, 'eth0', address)

    def pull(self, computer):
        ip(self.name, 'link', 'delete', computer)


class Neighbourhood(people.Town):
    """People on computers of their own, who listen wherever they can be reached."""

    def resident(self, name):
        add_namespace(name, False)
        person = self.person(name)
        person.before = inside(name)
        return person

    @staticmethod
    def switch_on(person):
        return person.start('--listen', 'any')
