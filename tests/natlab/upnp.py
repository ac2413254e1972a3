# SPDX-License-Identifier: GPL-3.0-or-later
"""A router of the laboratory that opens ports when it is asked to: miniupnpd on it, as on so many
home routers."""
import os
import shutil

from laboratory import inside, run

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
# The daemon knows both protocols at the port that they share; the first byte is the version.
DEAF = '''
table inet deaf {{
  chain input {{
    type filter hook input priority filter;
    udp dport 5351 @th,64,8 {version} drop
  }}
}}
'''
DEAF_TO = {'natpmp': 2, 'pcp': 0}
NEEDED = 'miniupnpd'


def why_not():
    return None if shutil.which(NEEDED, path='/usr/sbin:/usr/bin') else f'{NEEDED} is not installed'


class OpenRouter:
    """By one of UPnP, NAT-PMP and PCP."""

    def __init__(self, around, router, way):
        self.router = router
        run(*inside(router, 'nft', '-f', '-'), input=CHAINS)
        if way in DEAF_TO:
            run(*inside(router, 'nft', '-f', '-'), input=DEAF.format(version=DEAF_TO[way]))
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
        around.start(inside(router, NEEDED, '-d', '-f', path, '-P',
                            os.path.join(around.folder, f'{router}.pid')), router)

    def mapped(self):
        """What it leads inside, in the words of nftables."""
        rules = run(*inside(self.router, 'nft', 'list', 'chain', 'inet', 'upnp', 'mapped'))
        return [line.strip() for line in rules.splitlines() if 'dnat' in line]
