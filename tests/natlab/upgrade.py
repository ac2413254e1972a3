# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls over a relay, which seek a direct way while they go on."""
from cell import session

FOUND_S = 60


def paths(cell):
    return [call['path'] for person in (cell.alice, cell.bob) for call in person.calls()]


def part(laboratory):
    """Nothing passes between the homes but over the relay."""
    laboratory.part()


def reunite(cell):
    session.wait_for('both to know that it is a relay', lambda: paths(cell) == ['relay'] * 2)
    cell.laboratory.unite()
    session.wait_for('both to go directly', lambda: paths(cell) == ['direct'] * 2, FOUND_S)


def seek_in_vain(cell):
    """Who called looks once more when the first time has come to nothing, and stays where it is."""
    def seeks():
        return cell.alice.facts()['facts']
    session.wait_for('alice to seek', lambda: seeks()['direct_sought'] > 1, FOUND_S)
    if paths(cell) != ['relay'] * 2 or seeks()['direct_found']:
        raise RuntimeError(f'not relayed any more: {paths(cell)}')
