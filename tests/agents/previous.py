# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of the release before this one, built from this clone's own history. The file
previous-release names it: a commit, and what it is called."""
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROGRAMS = {'node': 'app/peal-node', 'person': 'tests/agents/person'}
BUILD_S = 1200


class NoHistory(Exception):
    """Why there is nothing to build it from."""


def git(*arguments, **options):
    # The clone may be somebody else's; nothing in it is run by git.
    return subprocess.run(['git', '-c', 'safe.directory=*', '-C', ROOT, *arguments],
                          capture_output=True, check=False, **options)


def named():
    with open(os.path.join(HERE, 'previous-release'), encoding='ascii') as file:
        commit, version = file.read().split()
    return commit, version


def unpack(commit, folder):
    if shutil.which('git') is None:
        raise NoHistory('git is not here')
    if git('cat-file', '-e', commit + '^{commit}').returncode != 0:
        raise NoHistory(f'this clone does not have commit {commit}')
    archive = git('archive', commit).stdout
    os.makedirs(folder)
    subprocess.run(['tar', '-x', '-C', folder], input=archive, check=True)


def quietly(*arguments, env):
    done = subprocess.run(arguments, env=env, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=BUILD_S, check=False)
    if done.returncode != 0:
        raise RuntimeError(f'{arguments[0]}: {done.stdout[-3000:]}')


def programs(folder):
    """Paths of its programs, by their names in PROGRAMS; built once below the folder."""
    commit, _ = named()
    build = os.path.join(folder, commit, 'build')
    paths = {name: os.path.join(build, path) for name, path in PROGRAMS.items()}
    if all(map(os.path.exists, paths.values())):
        return paths
    shutil.rmtree(os.path.join(folder, commit), ignore_errors=True)
    source = os.path.join(folder, commit, 'source')
    unpack(commit, source)
    compiler = 'ccache gcc' if shutil.which('ccache') else 'gcc'
    env = {**os.environ, 'CC': os.environ.get('CC', compiler),
           'PATH': '/usr/bin:' + os.environ['PATH']}
    quietly('meson', 'setup', build, source, '-Dbuildtype=plain', env=env)
    quietly('ninja', '-C', build, *PROGRAMS.values(), env=env)
    return paths
