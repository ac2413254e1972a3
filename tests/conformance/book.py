#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The conformance book: what became of each rule of the standards.

ids.tsv has one line for each sentence with a MUST or SHOULD: its id (standard, section, number of
the sentence in its section) and the word it has. rfcNNNN.tsv answers each in turn:

  id <TAB> verdict <TAB> what the rule is about, in our words

The verdict is one of

  test: /path/of/test ...   these tests fail when the rule is broken
  not-applicable: why       the rule binds somebody else, or what we do not do
  deviates: what, why, /path/of/test    named in core/README.md
  open: why                 not yet, of a SHOULD and a few only; "# open N" in the file's head says
                            how many, and only falls

book.py                     checks the book, prints TAP
book.py --table             prints the table of README.md; --write puts it there
PEAL_TEST_LOGS              logs of meson, with : between them: named tests must have run in them"""
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BOOKS = ('rfc6940', 'rfc7904', 'rfc7374', 'rfc7363', 'rfc7851', 'rfc7263')
VERDICTS = ('test', 'not-applicable', 'deviates', 'open')
DEVIATIONS_MAX = 12
OPEN_MAX = 10
MAY_BE_OPEN = ('SHOULD', 'SHOULD NOT', 'RECOMMENDED', 'NOT RECOMMENDED')
TEST = re.compile(r'(?:(?<=\s)|^)(/[^\s,;]+)')
POINT = re.compile(r'^ *(ok|not ok) \d+ (?:- )?(/[^\s#]+?):?(?:[ \t][^\n#]*)?(# *SKIP[^\n]*)?$',
                   re.M)
BEGIN, END = '<!-- conformance: book.py --write -->', '<!-- conformance ends -->'

TITLES = {
    'rfc6940': ('RELOAD', {
        '6.1': 'Receiving and forwarding', '6.2': 'Routing', '6.3': 'Message structure',
        '6.4': 'Overlay topology', '6.5': 'Forwarding and links between nodes',
        '6.6': 'Overlay links', '6.7': 'Fragmentation', '7': 'Data storage',
        '8': 'Certificate store', '9': 'TURN servers', '10': 'Chord', '11': 'Enrolment',
        '13': 'Security', '14': 'Registries'}),
    'rfc7904': ('SIP usage', {'3': 'Registering AORs', '4': 'Looking up an AOR',
                              '5': 'Forming a direct connection', '6': 'GRUUs',
                              '8': 'Security'}),
    'rfc7374': ('Service discovery (ReDiR)', {'4': 'Using ReDiR', '5': 'NODE-ID-MATCH'}),
    'rfc7363': ('Self-tuning', {'5': 'Exchanging state', '6': 'Self-tuning'}),
    'rfc7851': ('Diagnostics', {'4': 'Messages', '5': 'Diagnostic data', '6': 'Procedures',
                                '7': 'Who may ask', '9': 'Registries'}),
    'rfc7263': ('Direct response routing', {'3': 'Overview', '4': 'With symmetric routing',
                                            '5': 'Procedures', '7': 'Security'}),
}


class Row:
    def __init__(self, rule, answer):
        self.id = rule
        verdict, _, rest = answer.partition(': ')
        self.verdict, self.text = verdict, rest.strip()
        self.tests = TEST.findall(self.text) if verdict in ('test', 'deviates') else []


def lines_of(name):
    with open(os.path.join(HERE, name), encoding='utf-8') as file:
        return file.read().splitlines()


def read_ids():
    return dict(line.split('\t') for line in lines_of('ids.tsv'))


def read_book(name):
    """(number of rows that may be open, rows)"""
    lines = lines_of(name + '.tsv')
    head = re.match(r'# open (\d+)$', lines[0])
    rows = [Row(*line.split('\t')[:2]) for line in lines[1:] if line]
    return int(head[1]), rows


def read_points(logs):
    """Test -> whether it passed in every run of it; one that was skipped is none."""
    points = {}
    for path in logs:
        with open(path, encoding='utf-8') as log:
            for line in filter(str.strip, log):
                for verdict, name, skipped in POINT.findall(json.loads(line).get('stdout') or ''):
                    if not skipped:
                        points[name] = points.get(name, True) and verdict == 'ok'
    return points


def read_names():
    """Every string of the tests that looks like a test's path, as a pattern: parts of it may be
    filled in when it runs, or it is put together from a beginning and an end."""
    exact, composed = set(), []
    for folder, _, files in os.walk(os.path.join(ROOT, 'tests')):
        for file in files:
            if not file.endswith(('.c', '.py')):
                continue
            with open(os.path.join(folder, file), encoding='utf-8') as source:
                text = source.read()
                names = re.findall(r'"(/[a-z0-9][^"\\]*)"' if file.endswith('.c') else
                                   r'[\'"\s](/[a-z0-9][^\'"\\\s:]*)', text)
                if file.endswith('.c'):
                    exact |= {begin + end for begin in names if begin.endswith('/')
                              for end in re.findall(r'"([a-z0-9][^"\\]*)"', text)}
                for name in names:
                    parts = re.split(r'%s|\{\w+\}', name)
                    if len(parts) > 1:
                        composed.append(re.compile('.+'.join(map(re.escape, parts)) + '$'))
                    else:
                        exact.add(name)
    return exact, composed


def check_whole(ids, books):
    rows = [row for _, rows in books.values() for row in rows]
    seen = {}
    for row in rows:
        seen[row.id] = seen.get(row.id, 0) + 1
        if row.id not in ids:
            yield f'{row.id} is no rule'
        if row.verdict not in VERDICTS or not row.text:
            yield f'{row.id}: "{row.verdict}" without a reason'
        if row.verdict in ('test', 'deviates') and not row.tests:
            yield f'{row.id}: names no test'
    yield from (f'{rule} stands there {seen.get(rule, 0)} times' for rule in ids
                if seen.get(rule) != 1)


def check_open(ids, books):
    for name, (allowed, rows) in books.items():
        count = sum(row.verdict == 'open' for row in rows)
        if count != allowed:
            yield f'{name}.tsv: {count} rules are open, its head says {allowed}'
    still = [row.id for _, rows in books.values() for row in rows if row.verdict == 'open']
    if len(still) > OPEN_MAX:
        yield f'{len(still)} rules are open, more than {OPEN_MAX}'
    yield from (f'{rule} is open, and a {ids[rule]}' for rule in still
                if ids.get(rule, 'SHOULD') not in MAY_BE_OPEN)


def check_deviations(ids, books):
    with open(os.path.join(ROOT, 'core', 'README.md'), encoding='utf-8') as file:
        told = file.read()
    deviating = [row.id for _, rows in books.values() for row in rows if row.verdict == 'deviates']
    if len(deviating) > DEVIATIONS_MAX:
        yield f'{len(deviating)} deviations, more than {DEVIATIONS_MAX}'
    yield from (f'core/README.md does not name {rule}' for rule in deviating if rule not in told)


def check_exist(ids, books):
    exact, composed = read_names()
    for _, rows in books.values():
        for row in rows:
            for test in row.tests:
                if test not in exact and not any(c.match(test) for c in composed):
                    yield f'{row.id}: there is no test {test}'


def check_passed(books, points):
    """A name may be that of a group: then all of it."""
    for _, rows in books.values():
        for row in rows:
            for test in row.tests:
                its = [good for name, good in points.items() if (name + '/').startswith(test + '/')]
                if not its:
                    yield f'{row.id}: {test} did not run'
                elif not all(its):
                    yield f'{row.id}: {test} failed'


def check_table(ids, books):
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as file:
        if table_of(books) not in file.read():
            yield 'README.md: its table is not that of the book: book.py --write'


def section_of(name, row):
    number = row.id.split('-', 1)[1].rsplit('-', 1)[0]
    sections = TITLES[name][1]
    return next(s for s in sections if number == s or number.startswith(s + '.'))


def status_of(rows):
    count = {verdict: sum(row.verdict == verdict for row in rows) for verdict in VERDICTS}
    parts = [f'{count["test"]} tested'] if count['test'] else []
    if count['deviates']:
        parts.append(f'{count["deviates"]} otherwise, with reasons')
    if count['not-applicable']:
        parts.append(f'{count["not-applicable"]} not for us')
    if count['open']:
        parts.append(f'{count["open"]} open')
    return ', '.join(parts)


def table_of(books):
    lines = [BEGIN, '| standard | section | rules |', '| --- | --- | --- |']
    for name, (_, rows) in books.items():
        title, sections = TITLES[name]
        by_section = {section: [] for section in sections}
        for row in rows:
            by_section[section_of(name, row)].append(row)
        for section, its in by_section.items():
            if its:
                lines.append(f'| {name.upper().replace("RFC", "RFC ")}, {title} | {section} '
                             f'{sections[section]} | {status_of(its)} |')
    return '\n'.join(lines + [END])


def write_table(books):
    path = os.path.join(ROOT, 'README.md')
    with open(path, encoding='utf-8') as file:
        text = file.read()
    pattern = re.escape(BEGIN) + '.*' + re.escape(END)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(re.sub(pattern, lambda _: table_of(books), text, flags=re.S))


CHECKS = [
    ('every-rule-has-one-verdict', check_whole),
    ('only-so-many-are-open', check_open),
    ('deviations-are-few-and-told', check_deviations),
    ('every-named-test-exists', check_exist),
    ('the-readme-shows-it', check_table),
]


def report(number, name, faults):
    print('not ok' if faults else 'ok', number, f'/conformance/book/{name}', flush=True)
    for fault in faults[:60]:
        print(f'# {fault}')


def main():
    ids, books = read_ids(), {name: read_book(name) for name in BOOKS}
    if '--table' in sys.argv:
        print(table_of(books))
        return
    if '--write' in sys.argv:
        write_table(books)
        return
    print(f'1..{len(CHECKS) + 1}')
    for number, (name, check) in enumerate(CHECKS, 1):
        report(number, name, list(check(ids, books)))
    logs = [log for log in os.environ.get('PEAL_TEST_LOGS', '').split(':') if log]
    last = 'every-named-test-has-run-and-passed'
    if logs:
        report(len(CHECKS) + 1, last, list(check_passed(books, read_points(logs))))
    else:
        print('ok', len(CHECKS) + 1, f'/conformance/book/{last} # SKIP only after all suites')


main()
