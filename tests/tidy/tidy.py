#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the tree to its own rules: which folder may include which, how long files, functions and
lines may be, what the pure core may not call, and that text, desktop and format files are sound.
Prints TAP, one point per rule; a broken rule names each place as file:line."""
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 70
LINE_MAX = 100

# The arrows. A folder may include itself and what stands here: folders end in a slash.
PURE = ('core/base/', 'core/wire/', 'core/crypto/', 'core/overlay/', 'core/sip/', 'core/node')
MAY_INCLUDE = {
    'core/base/': (),
    'core/wire/': ('core/base/',),
    'core/crypto/': ('core/base/',),
    'core/overlay/': ('core/base/', 'core/wire/', 'core/crypto/'),
    'core/sip/': ('core/base/', 'core/crypto/'),
    'core/node': ('core/base/', 'core/wire/', 'core/crypto/', 'core/overlay/', 'core/sip/'),
    'core/os/': PURE + ('core/phone/call-media.h',),
    'core/phone/': ('core/base/', 'core/crypto/', 'core/node.h', 'core/os/enrolment-client.h',
                    'core/os/enrolment-server.h', 'core/os/enrolment-users.h', 'core/os/ports.h',
                    'core/os/private-file.h', 'core/os/signer.h', 'core/os/store.h',
                    'core/overlay/configuration.h'),
    'media/': ('core/base/', 'core/phone/call-media.h'),
    'ui/': ('core/base/', 'core/phone/'),
    'app/': ('core/', 'media/', 'ui/'),
    'tests/': ('app/', 'core/', 'media/', 'ui/'),
}

# System headers that a header of core/ may name; below os/ and phone/ also GIO's. Within core/os
# only its doors are meant: behind them are libraries.
HEADER_SYSTEM = {'stdint.h', 'stdbool.h', 'stddef.h', 'glib.h'}
OS_DOORS = ('core/os/ports.h', 'core/os/signer.h', 'core/os/store.h')
HEADER_SYSTEM_GIO = HEADER_SYSTEM | {'gio/gio.h', 'gio/gunixsocketaddress.h'}

# Libraries that one folder, or one file, may see.
LIBRARIES = {
    'gtk/': ('ui/', 'app/', 'tests/'),
    'gdk': ('ui/', 'app/', 'tests/'),
    'handy': ('ui/', 'app/', 'tests/'),
    'gst/sdp': ('core/sip/sdp.', 'tests/'),
    'gst/': ('media/', 'core/sip/sdp.', 'app/', 'tests/'),
    'openssl/': ('core/crypto/', 'core/os/', 'tests/'),
    'nice/': ('core/os/', 'tests/'),
    'agent.h': ('core/os/', 'tests/'),
    'sqlite3': ('core/os/', 'tests/'),
    'libsoup/': ('core/os/', 'tests/'),
    'osip': ('core/sip/', 'tests/'),
    'gio/': ('core/os/', 'core/phone/', 'media/', 'ui/', 'app/', 'tests/'),
}

# Clock, chance, disk, network and threads: the pure core has them from its ports only.
BANNED_PURE = re.compile(r'\b(g_get_(?:monotonic|real|current)_time|g_date_time_new_now\w*|time|'
                         r'clock_gettime|gettimeofday|g_timeout_\w+|g_idle_\w+|g_random_\w+|'
                         r'g_rand_\w+|rand|random|srand|RAND_bytes|getenv|g_getenv|g_usleep|'
                         r'usleep|sleep|fopen|open|socket|g_file_\w+|g_thread_\w+|pthread_\w+|'
                         r'g_print|g_printerr|printf|fprintf|puts|g_main_\w+) \(')
# ... and nobody calls these.
BANNED_ANYWHERE = re.compile(r'\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|alloca|'
                             r'g_alloca|g_newa|system|popen|tmpnam|mktemp) \(')
# A test waits for events, never for time.
BANNED_TESTS = re.compile(r'\b(g_usleep|usleep|sleep|nanosleep) \(')

# Benchmarks that let time pass, with the reason.
EXCEPT_WAITING = {
    'tests/bench/bench-call.c': 'nobody answers at once, and callers are held to a rate',
    'tests/bench/bench-idle.c': 'measures over a stretch of time',
    'tests/bench/hand.c': 'asks again for a look-up that found nobody yet',
}

# Files that a rule of the pure core leaves out, with the reason.
EXCEPT_PURE = {
    'core/crypto/backup.c': 'salts the identity file like OpenSSL makes keys; no node comes here',
    'core/sip/stack.c': 'libosip2 asks the process for the time; this file answers from the ports',
}
BAD_STEMS = {'util', 'utils', 'common', 'manager', 'helper', 'helpers', 'misc'}
SENTENCE_FOLDERS = ('ui/', 'app/', 'tests/', 'core/phone/words')
SENTENCE = re.compile(r'(?<![\w"])(?:_|C_|N_|NC_|ngettext) \(\s*"')
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def listed():
    """All files of the tree, sorted; what git ignores is left out."""
    try:
        out = subprocess.run(['git', '-C', ROOT, '-c', 'safe.directory=*', 'ls-files', '-co', '-z',
                              '--exclude-standard'], capture_output=True, check=True).stdout
        names = [n for n in out.decode().split('\0') if n]
    except (OSError, subprocess.CalledProcessError):
        names = []
        for folder, folders, files in os.walk(ROOT):
            folders[:] = [f for f in folders if f != '__pycache__' and f != '.git'
                          and not (folder == ROOT and f.startswith('build'))]
            names += [os.path.relpath(os.path.join(folder, f), ROOT) for f in files]
    return sorted(n for n in set(names) if os.path.isfile(os.path.join(ROOT, n)))


FILES = listed()
TEXT = {}


def text(name):
    if name not in TEXT:
        with open(os.path.join(ROOT, name), encoding='utf-8', errors='replace') as file:
            TEXT[name] = file.read()
    return TEXT[name]


def code(name):
    """The text with comments and strings blanked, line by line as before."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda m: re.sub(r'[^\n]', ' ', m.group()), text(name), flags=re.S)


def line_of(body, position):
    return body.count('\n', 0, position) + 1


def sources(*endings):
    return [n for n in FILES if n.endswith(endings)]


def is_script(name):
    return name.endswith(('.py', '.sh')) or (
        '.' not in os.path.basename(name) and text(name).startswith('#!'))


def folder_of(name):
    return max((f for f in MAY_INCLUDE if name.startswith(f)), key=len, default=None)


def is_pure(name):
    return name.startswith(PURE) and name not in EXCEPT_PURE


def check_arrows():
    for name in sources('.c', '.h'):
        folder = folder_of(name)
        if folder is None:
            yield f'{name}: a source outside the tree'
            continue
        body = text(name)
        for found in INCLUDE.finditer(body):
            kind, path = found.groups()
            place = f'{name}:{line_of(body, found.start())}'
            if kind == '<':
                continue
            if '/' not in path:
                if path not in ('config.h',) and not os.path.exists(os.path.join(ROOT, path)):
                    yield f'{place}: "{path}" is not written from the root'
            elif not path.startswith((folder,) + MAY_INCLUDE[folder]):
                yield f'{place}: {folder} must not include {path}'
            elif (path.endswith('-private.h') and os.path.dirname(path) != os.path.dirname(name)
                  and not name.startswith('tests/')):
                yield f'{place}: {path} is private to its folder'


def check_libraries():
    for name in sources('.c', '.h'):
        body = text(name)
        for found in INCLUDE.finditer(body):
            path = found.group(2)
            if found.group(1) == '"' and '/' in path:
                continue
            place = f'{name}:{line_of(body, found.start())}'
            for prefix, where in LIBRARIES.items():
                if path.startswith(prefix):
                    if not name.startswith(where):
                        yield f'{place}: <{path}> does not belong here'
                    break
            inside_os = name.startswith('core/os/') and name not in OS_DOORS
            if (name.startswith('core/') and name.endswith('.h') and '-private' not in name
                    and not inside_os):
                gio = name.startswith(('core/os/', 'core/phone/'))
                if path not in (HEADER_SYSTEM_GIO if gio else HEADER_SYSTEM):
                    yield f'{place}: <{path}> in a header of core'


def check_calls():
    for name in sources('.c', '.h'):
        body = code(name)
        rules = [BANNED_ANYWHERE]
        if is_pure(name):
            rules.append(BANNED_PURE)
        if name.startswith('tests/') and name not in EXCEPT_WAITING:
            rules.append(BANNED_TESTS)
        for rule in rules:
            for found in rule.finditer(body):
                before = body[max(0, found.start() - 2):found.start()]
                if before.endswith(('->', '.')):  # a port, not the system's function
                    continue
                yield f'{name}:{line_of(body, found.start())}: calls {found.group(1)}()'


def check_sizes():
    for name in FILES:
        if not (name.endswith(('.c', '.h', 'meson.build')) or is_script(name)):
            continue
        lines = text(name).split('\n')
        if len(lines) - 1 > FILE_LINES_MAX:
            yield f'{name}: {len(lines) - 1} lines, more than {FILE_LINES_MAX}'
        for number, line in enumerate(lines, 1):
            if len(line) > LINE_MAX:
                yield f'{name}:{number}: {len(line)} columns, more than {LINE_MAX}'
            if line != line.rstrip():
                yield f'{name}:{number}: space at the end'
        if name.endswith('.c'):
            yield from long_functions(name, lines)


def long_functions(name, lines):
    start = None
    for number, line in enumerate(lines, 1):
        if line == '{':
            start = number
        elif line == '}' and start is not None:
            if number - start - 1 > FUNCTION_LINES_MAX:
                yield f'{name}:{start}: a function of {number - start - 1} lines'
            start = None


def check_heads():
    for name in FILES:
        if name.endswith(('.c', '.h')):
            tag = '/* SPDX-License-Identifier: GPL-3.0-or-later */'
            if text(name).split('\n', 1)[0] != tag:
                yield f'{name}:1: no licence tag'
            if name.endswith('.h') and '\n#pragma once\n' not in text(name):
                yield f'{name}: no #pragma once'
        elif is_script(name):
            if not any('SPDX-License-Identifier: GPL-3.0-or-later' in line
                       for line in text(name).split('\n')[:2]):
                yield f'{name}:1: no licence tag'
        if os.path.splitext(os.path.basename(name))[0] in BAD_STEMS:
            yield f'{name}: a name that says nothing'


def check_built():
    builds = {os.path.dirname(n): text(n) for n in sources('meson.build')}
    for name in sources('.c'):
        folder, base = os.path.split(name)
        stem = re.escape(re.sub(r'^(test|fuzz|bench|sim)-', '', base[:-2]))
        named = re.compile(r"'[^'\n]*(?:" + re.escape(base) + r"|\b" + stem + r")'")
        while True:
            if folder in builds and named.search(builds[folder]):
                break
            if not folder:
                yield f'{name}: in no meson.build'
                break
            folder = os.path.dirname(folder)


def check_tests():
    """A source is tested by a program of its name, or of the noun it is a part of, or by one that
    includes its header."""
    programs = {os.path.basename(n) for n in FILES if n.startswith('tests/')}
    included = {found.group(2) for n in sources('.c', '.h') if n.startswith('tests/')
                for found in INCLUDE.finditer(text(n))}
    for name in sources('.c'):
        words = os.path.basename(name)[:-2].split('-')
        nouns = {'-'.join(words[:count]) for count in range(1, len(words) + 1)}
        tested = name[:-2] + '.h' in included or any(f'test-{n}.c' in programs for n in nouns)
        if name.startswith('core/') and not tested:
            yield f'{name}: no test-{"-".join(words)}.c, and no test includes its header'


def check_sentences():
    potfiles = set(text('po/POTFILES').split()) if 'po/POTFILES' in FILES else set()
    for name in sources('.c', '.h', '.ui', '.py'):
        if name.startswith('tests/'):
            continue
        found = (re.search(r'translatable="yes"', text(name)) if name.endswith('.ui')
                 else SENTENCE.search(text(name)))
        if not found:
            continue
        if not name.startswith(SENTENCE_FOLDERS):
            yield f'{name}:{line_of(text(name), found.start())}: a sentence for people'
        if name not in potfiles:
            yield f'{name}: not in po/POTFILES'
    for name in potfiles:
        if name not in FILES:
            yield f'po/POTFILES: {name} does not exist'


def check_notes():
    for name in sources('.c', '.h', '.ui', '.css', 'meson.build'):
        for found in re.finditer(r'\b(TODO|FIXME|XXX|HACK)\b', text(name)):
            if name.endswith(('.c', '.h')) and found.group() in code(name)[
                    found.start():found.end()]:
                continue  # a name of the language, not a note
            yield f'{name}:{line_of(text(name), found.start())}: {found.group()}'


def run(tool, *arguments):
    """Lines of complaint of an outside judge; None when it is not installed."""
    path = shutil.which(tool, path='/usr/bin:/bin:' + os.environ.get('PATH', ''))
    if path is None:
        return None
    done = subprocess.run([path, *arguments], cwd=ROOT, capture_output=True, text=True)
    out = (done.stdout + done.stderr).strip().split('\n')
    return [] if done.returncode == 0 else [line for line in out if line][:40] or ['failed']


def check_format():
    names = sources('.c', '.h')
    half = len(names) // 2
    for part in (names[:half], names[half:]):
        if part:
            yield run('clang-format', '--dry-run', '--Werror', *part)


def check_translations():
    for name in sources('.po'):
        yield run('msgfmt', '--check', '-o', '/dev/null', name)
        if shutil.which('msgfmt'):
            done = subprocess.run(['msgfmt', '--statistics', '-o', '/dev/null', name], cwd=ROOT,
                                  capture_output=True, text=True)
            whole = not re.search(r'fuzzy|untranslated', done.stderr)
            yield [] if whole else [f'{name}: {done.stderr.strip()}']


def check_desktop():
    for name in sources('.desktop', '.desktop.in'):
        yield run('desktop-file-validate', name)


def check_metainfo():
    for name in sources('.metainfo.xml', '.metainfo.xml.in'):
        yield run('appstreamcli', 'validate', '--no-net', name)


RULES = [
    ('arrows/a-folder-includes-only-what-it-may', check_arrows),
    ('libraries/each-library-is-seen-in-its-folder-only', check_libraries),
    ('calls/the-pure-core-has-the-world-from-its-ports', check_calls),
    ('sizes/files-functions-and-lines-fit-on-a-screen', check_sizes),
    ('heads/every-file-carries-its-licence-and-a-name-that-says-something', check_heads),
    ('build/every-source-is-built', check_built),
    ('tests/every-core-source-has-its-test', check_tests),
    ('words/sentences-stand-where-translators-find-them', check_sentences),
    ('notes/nothing-is-left-to-do', check_notes),
]
JUDGES = [
    ('format/clang-format-agrees', check_format),
    ('words/translations-are-whole', check_translations),
    ('desktop/the-desktop-file-is-valid', check_desktop),
    ('desktop/the-metainfo-is-valid', check_metainfo),
]


def main():
    print(f'1..{len(RULES) + len(JUDGES)}')
    failed = False
    for number, (name, rule) in enumerate(RULES + JUDGES, 1):
        skipped = False
        if number <= len(RULES):
            faults = list(rule())
        else:
            answers = list(rule())
            skipped = any(a is None for a in answers)
            faults = [line for a in answers for line in a or []]
        for fault in faults:
            print(f'# {fault}')
        print('not ok' if faults else 'ok', number, f'- /tidy/{name}',
              *(['# SKIP not installed'] if skipped and not faults else []), flush=True)
        failed = failed or bool(faults)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
