# SPDX-License-Identifier: GPL-3.0-or-later
"""Two homes, a small internet, and a public machine, each in a network namespace of its own:

    alice -- router-a [-- carrier-a] -- net -- [carrier-b --] router-b -- bob
                                         |
                                        srv

Whoever calls enter() comes to live in private namespaces for networks, mounts and processes:
nothing of a laboratory can be seen from outside, several stand side by side, and all of it, with
the programs that run there, goes when the process ends. Both homes have the same private network,
as they so often do."""
import os
import subprocess
import sys
import time

from router import Router

HERE = os.path.dirname(os.path.abspath(__file__))
INSIDE = 'PEAL_NATLAB_INSIDE'
SERVER = '192.0.2.10'
SERVER_V6 = '2001:db8:0:1::10'
NEEDED = ('ip', 'nft', 'nsenter', 'unshare')
OVERLAP_S = 1
# RTP and RTCP (RFC 7983), bare, in ChannelData, and in a Data indication behind the peer's address.
RTP = '128-191'
SOUND = (f'@th,64,8 {RTP}', f'@th,64,8 64-79 @th,96,8 {RTP}', f'@th,64,16 0x17 @th,352,8 {RTP}')
PATH = '/usr/sbin:/usr/bin:/sbin:/bin'
# Forgets the connections of the namespace it runs in: IPCTNL_MSG_CT_DELETE without a filter.
FORGET = '''
import socket, struct
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)  # NETLINK_NETFILTER
s.send(struct.pack('=IHHIIBBH', 20, 1 << 8 | 2, 5, 1, 0, 0, 0, 0))
s.recv(4096)
'''


class Site:
    """The addresses of one side."""

    def __init__(self, letter, person, public, number):
        self.letter = letter
        self.person = person
        self.public = public  # the first three numbers of what the internet knows it by
        self.private = '192.168.1'
        self.host = {'a': 10, 'b': 20}[letter]
        self.carrier_net = f'100.64.{number}'
        self.v6 = f'2001:db8:{letter}'


SITES = {'a': Site('a', 'alice', '198.51.100', 1), 'b': Site('b', 'bob', '203.0.113', 2)}


def unshare_command():
    return ['unshare', *(['-r'] if os.geteuid() else []), '-nmpf', '--kill-child', '--mount-proc']


def why_not():
    """What keeps a laboratory from being built on this machine; None when nothing does."""
    done = subprocess.run(
        [*unshare_command(), 'sh', '-c',
         'mount -t tmpfs none /run && ip link add veth0 type veth peer name veth1 && '
         'nft add table ip t && nft add chain ip t c "{ type nat hook postrouting priority 100; }"'
         ' && nft add rule ip t c masquerade'],
        env={'PATH': PATH}, capture_output=True, text=True)
    if done.returncode == 0:
        return None
    said = (done.stderr.strip().splitlines() or ['no reason given'])[-1]
    return f'no network namespaces with nftables here ({said})'


def enter():
    """Starts the running program again inside; returns there."""
    if INSIDE not in os.environ:
        os.environ.update({INSIDE: '1', 'PATH': PATH})
        os.execvp('unshare', [*unshare_command(), sys.executable, *sys.argv])
    run('mount', '-t', 'tmpfs', 'none', '/run')


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f'{" ".join(command)}: {done.stderr.strip()}')
    return done.stdout


def inside(namespace, *command):
    """That command, to be run there."""
    return ['nsenter', f'--net=/run/netns/{namespace}', *command]


def ip(namespace, *words):
    run('ip', '-n', namespace, *words)


def add_namespace(name, is_router):
    run('ip', 'netns', 'add', name)
    ip(name, 'link', 'set', 'lo', 'up')
    switches = {'ipv6/conf/default/accept_dad': 0, 'ipv6/conf/all/accept_dad': 0}
    if is_router:
        switches.update({'ipv4/ip_forward': 1, 'ipv6/conf/all/forwarding': 1})
    script = '\n'.join(f'echo {value} >/proc/sys/net/{path}' for path, value in switches.items())
    run(*inside(name, 'sh', '-ec', script))


def add_cable(namespace, interface, other, other_interface):
    run('ip', 'link', 'add', interface, 'netns', namespace, 'type', 'veth',
        'peer', 'name', other_interface, 'netns', other)
    ip(namespace, 'link', 'set', interface, 'up')
    ip(other, 'link', 'set', other_interface, 'up')


def add_address(namespace, interface, address):
    ip(namespace, 'addr', 'add', address, 'dev', interface, *(['nodad'] if ':' in address else []))


def add_way(namespace, to, via):
    ip(namespace, *(['-6'] if ':' in via else []), 'route', 'replace', to, 'via', via)


class Laboratory:
    """Built for one pair of kinds; `b` may be "lan": in the home of alice."""

    def __init__(self, a, b):
        self.routers = {}
        self.renumbered = set()
        for name in ('net', 'srv'):
            add_namespace(name, name == 'net')
        add_cable('srv', 'eth0', 'net', 'to-srv')
        for address, gateway in ((f'{SERVER}/24', '192.0.2.1'),
                                 (f'{SERVER_V6}/64', '2001:db8:0:1::1')):
            add_address('net', 'to-srv', gateway + address[address.index('/'):])
            add_address('srv', 'eth0', address)
            add_way('srv', 'default', gateway)
        self._add_site(SITES['a'], a)
        if b == 'lan':
            self._add_person(SITES['b'], SITES['a'], a)
        else:
            self._add_site(SITES['b'], b)

    def _add_site(self, site, kind):
        router = f'router-{site.letter}'
        add_namespace(router, True)
        above = 'net'
        if kind == 'double':
            above = f'carrier-{site.letter}'
            add_namespace(above, True)
            self._connect(site, above, 'net', 'port')
            self._load(above, 'port')
        self._connect(site, router, above, kind)
        ip(router, 'link', 'add', 'lan', 'type', 'bridge')
        ip(router, 'link', 'set', 'lan', 'up')
        self._load(router, 'port' if kind == 'double' else kind)
        if kind == 'v6':
            add_address(router, 'lan', f'{site.v6}:2::1/64')
        elif Router(kind).has_public_homes:
            add_address(router, 'lan', f'{site.public}.129/25')
        else:
            add_address(router, 'lan', f'{site.private}.1/24')
        self._add_person(site, site, kind)

    @staticmethod
    def _connect(site, router, above, kind):
        """The router's way to the internet."""
        port = f'to-{site.letter}'
        add_cable(router, 'wan', above, port if above == 'net' else 'lan')
        if kind == 'v6':
            add_address(above, port, f'{site.v6}:1::1/64')
            add_address(router, 'wan', f'{site.v6}:1::2/64')
            add_way(router, 'default', f'{site.v6}:1::1')
            add_way(above, f'{site.v6}:2::/64', f'{site.v6}:1::2')
            return
        if above != 'net':
            add_address(above, 'lan', f'{site.carrier_net}.1/24')
            add_address(router, 'wan', f'{site.carrier_net}.2/24')
            add_way(router, 'default', f'{site.carrier_net}.1')
            return
        add_address(above, port, f'{site.public}.1/29')
        add_address(router, 'wan', f'{site.public}.2/29')
        add_way(router, 'default', f'{site.public}.1')
        if Router(kind).has_public_homes:
            add_way(above, f'{site.public}.128/25', f'{site.public}.2')

    @staticmethod
    def _add_person(site, home, kind):
        """`site` says who, `home` behind which router."""
        router = f'router-{home.letter}'
        add_namespace(site.person, False)
        add_cable(site.person, 'eth0', router, f'port-{site.letter}')
        ip(router, 'link', 'set', f'port-{site.letter}', 'master', 'lan')
        if kind == 'v6':
            address, gateway = f'{home.v6}:2::{site.host}/64', f'{home.v6}:2::1'
        elif Router(kind).has_public_homes:
            address, gateway = f'{home.public}.{130 + site.host}/25', f'{home.public}.129'
        else:
            address, gateway = f'{home.private}.{site.host}/24', f'{home.private}.1'
        add_address(site.person, 'eth0', address)
        add_way(site.person, 'default', gateway)

    def _load(self, router, kind, ports=''):
        self.routers[router] = Router(kind, ports)
        run(*inside(router, 'nft', '-f', '-'), input=self.routers[router].rules())

    # ---- What happens to networks ----

    @staticmethod
    def spoil(around, letter, loss, jitter_ms):
        """From now on what passes between that side and the internet is lost at times, and late."""
        tunnel, table = f'bad-{letter}', str(100 + ord(letter))
        ip('net', 'tuntap', 'add', 'dev', tunnel, 'mode', 'tun')
        ip('net', 'link', 'set', tunnel, 'up')
        run(*inside('net', 'sh', '-ec', f'for i in all {tunnel}; do '
                    'echo 0 >/proc/sys/net/ipv4/conf/$i/rp_filter; done'))
        around.start(inside('net', sys.executable, os.path.join(HERE, 'weather.py'), tunnel,
                            str(loss), str(jitter_ms)), tunnel)
        ip('net', 'route', 'add', 'default', 'dev', tunnel, 'table', table)
        ip('net', 'rule', 'add', 'iif', tunnel, 'lookup', 'main', 'priority', '10')
        for which in (('iif', f'to-{letter}'), ('to', f'{SITES[letter].public}.0/24')):
            ip('net', 'rule', 'add', *which, 'lookup', table, 'priority', '11')

    def restart_router(self, letter, ports=''):
        """It forgets who has sent what to whom; with `ports`, it then gives out some of these."""
        for router in (f'router-{letter}', f'carrier-{letter}'):
            if router in self.routers:
                self._load(router, self.routers[router].kind, ports)
                run(*inside(router, sys.executable, '-c', FORGET))

    def renumber(self, letter):
        """The provider gives the router another public address; a second time, the first again."""
        site = SITES[letter]
        carrier = f'carrier-{letter}'
        router = carrier if carrier in self.routers else f'router-{letter}'
        old, new = (3, 2) if letter in self.renumbered else (2, 3)
        self.renumbered ^= {letter}
        ip(router, 'addr', 'del', f'{site.public}.{old}/29', 'dev', 'wan')
        add_address(router, 'wan', f'{site.public}.{new}/29')
        add_way(router, 'default', f'{site.public}.1')
        self.restart_router(letter)

    def change_cable(self, letter):
        """The person's machine gets a second interface, and a moment later loses the first: from
        Wi-Fi to cable."""
        site = SITES[letter]
        router = f'router-{letter}'
        add_cable(site.person, 'eth1', router, f'second-{letter}')
        ip(router, 'link', 'set', f'second-{letter}', 'master', 'lan')
        add_address(site.person, 'eth1', f'{site.private}.{site.host + 1}/24')
        time.sleep(OVERLAP_S)
        ip(site.person, 'addr', 'flush', 'dev', 'eth0')
        ip(site.person, 'link', 'set', 'eth0', 'down')
        add_way(site.person, 'default', f'{site.private}.1')

    @staticmethod
    def eat_sound(letters='ab', even_relayed=False):
        """From now on no RTP of these homes passes to the other: STUN and DTLS do (RFC 7983), and
        what goes over a relay, or not even that."""
        nets = {letter: f'{site.public}.0/24' for letter, site in SITES.items()}
        rules = []
        for letter in letters:
            other = nets['b' if letter == 'a' else 'a']
            source = '' if even_relayed else f'ip saddr {nets[letter]} '
            rules += [f'{source}ip daddr {other} meta l4proto udp {shape} drop'
                      for shape in SOUND[:None if even_relayed else 1]]
        run(*inside('net', 'nft', '-f', '-'), input=f'''
table ip eater {{
  chain eat {{
    type filter hook forward priority filter;
    {'; '.join(rules)}
  }}
}}''')

    @staticmethod
    def part():
        """From now on no datagram passes between the homes but over a relay."""
        a, b = (f'{SITES[letter].public}.0/24' for letter in 'ab')
        run(*inside('net', 'nft', '-f', '-'), input=f'''
table ip wall {{
  chain part {{
    type filter hook forward priority filter;
    ip saddr {{ {a}, {b} }} ip daddr {{ {a}, {b} }} meta l4proto udp drop
  }}
}}''')

    @staticmethod
    def unite():
        run(*inside('net', 'nft', 'delete', 'table', 'ip', 'wall'))

    @staticmethod
    def pull(letter):
        """The cable between the router and the internet."""
        ip('net', 'link', 'set', f'to-{letter}', 'down')

    @staticmethod
    def plug(letter):
        ip('net', 'link', 'set', f'to-{letter}', 'up')
