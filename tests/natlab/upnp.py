# SPDX-License-Identifier: GPL-3.0-or-later
"""A router of the laboratory that opens ports when it is asked to: miniupnpd on it, as on so many
home routers."""
import os
import shutil

from cell import session
from laboratory import add_address, inside, run

CHAINS = '''
table inet upnp {
  chain forward { type filter hook forward priority -10; policy accept; jump opened; }
  chain prerouting { type nat hook prerouting priority -100; jump mapped; }
  chain postrouting { type nat hook postrouting priority 90; jump unmapped; }
  chain opened { }
  chain mapped { }
  chain unmapped { }
}
'''
# In place of the laboratory's: what nobody has asked for is let in here, or nowhere.
WALL = '''
flush ruleset
table inet upnp {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established, related accept
    iifname "lan" accept
    meta l4proto ipv6-icmp accept
    jump opened
  }
  chain opened { }
  chain mapped { }
  chain unmapped { }
}
'''
# The daemon knows both protocols at the port that they share, whatever it is told; the first byte
# is the version.
DEAF = '''
table inet deaf {{
  chain input {{
    type filter hook input priority filter;
    udp dport 5351 {to} drop
  }}
}}
'''
DEAF_TO = {'natpmp': '@th,64,8 2', 'pcp': '@th,64,8 0', 'upnp': ''}
NEEDED = 'miniupnpd'
PORTS = {'natpmp': 5351, 'pcp': 5351, 'upnp': 1900}


def why_not():
    return None if shutil.which(NEEDED, path='/usr/sbin:/usr/bin') else f'{NEEDED} is not installed'


class OpenRouter:
    """By one of UPnP, NAT-PMP and PCP."""

    rules = CHAINS
    sockets = 'udp'  # as the kernel calls their table

    def __init__(self, around, router, way):
        self.router = router
        run(*inside(router, 'nft', '-f', '-'), input=self.rules)
        run(*inside(router, 'nft', '-f', '-'), input=DEAF.format(to=DEAF_TO[way]))
        path = os.path.join(around.folder, f'{router}.conf')
        with open(path, 'w', encoding='ascii') as file:
            file.write('\n'.join([
                'ext_ifname=wan', 'listening_ip=lan', 'http_port=5000',
                f'enable_upnp={"yes" if way == "upnp" else "no"}',
                f'enable_natpmp={"no" if way == "upnp" else "yes"}',
                'upnp_table_name=upnp', 'upnp_nat_table_name=upnp', 'upnp_forward_chain=opened',
                'upnp_nat_chain=mapped', 'upnp_nat_postrouting_chain=unmapped',
                'secure_mode=yes', 'system_uptime=yes', 'uuid=' + '0' * 8 + '-0000' * 3 + '-' +
                '0' * 12, 'allow 1024-65535 192.168.1.0/24 1024-65535', 'deny 0-65535 0.0.0.0/0 '
                '0-65535']) + '\n')
        process = around.start(inside(router, NEEDED, '-d', '-f', path, '-P',
                                      os.path.join(around.folder, f'{router}.pid')), router)
        session.wait_for('the router to listen', lambda: self.listens(process.pid, PORTS[way]))

    def listens(self, pid, port):
        with open(f'/proc/{pid}/net/{self.sockets}', encoding='ascii') as table:
            return any(line.split()[1].endswith(f':{port:04X}') for line in table)

    def listed(self, chain, verdict):
        rules = run(*inside(self.router, 'nft', 'list', 'chain', 'inet', 'upnp', chain))
        return [line.strip() for line in rules.splitlines() if verdict in line]

    def mapped(self):
        """What it leads inside, in the words of nftables."""
        return self.listed('mapped', 'dnat')


class OpenFirewall(OpenRouter):
    """Of IPv6, by UPnP or PCP. The daemon itself does not run without IPv4."""

    rules = WALL
    sockets = 'udp6'

    def __init__(self, around, router, way):
        add_address(router, 'lan', '192.168.1.1/24')
        add_address(router, 'wan', '11.0.1.2/29')
        super().__init__(around, router, way)

    def opened(self):
        """What it lets in, in the words of nftables."""
        return self.listed('opened', 'accept')
