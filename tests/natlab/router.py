# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands between a home and the internet, as rules for nftables.

The kinds differ in what RFC 4787 calls mapping and filtering:

    kind      mapping                 filtering
    open      none, public address    none
    firewall  none, public address    address and port
    fullcone  endpoint-independent    endpoint-independent
    addr      endpoint-independent    address
    port      endpoint-independent    address and port: the usual home router
    sym       address and port        address and port
    noudp     as port, but no UDP passes
    web       as port, but only TCP to the ports of the web passes
    double    port behind another port: a carrier's NAT
    v6        no IPv4 at all; no mapping, filtering by address and port

The kernel keeps a port where it is free, towards every destination: endpoint-independent mapping,
unless the rule asks for random ones. What it lets in is what it has sent to: filtering by address
and port. The milder kinds remember on their own what has gone out, and who it was."""
from dataclasses import dataclass

KINDS = ('open', 'firewall', 'fullcone', 'addr', 'port', 'sym', 'noudp', 'web', 'double', 'v6')
REMEMBERED_S = 120  # no less than two minutes, says RFC 4787, 4.3


@dataclass(frozen=True)
class Router:
    kind: str
    ports: str = ''  # other ones than those that the homes use, from and to

    @property
    def has_public_homes(self):
        return self.kind in ('open', 'firewall')

    def maps(self):
        """Whether it maps, and if so with which option."""
        if self.kind in ('open', 'firewall', 'v6'):
            return None
        return 'fully-random' if self.kind == 'sym' else ''

    def lets_out(self):
        """What may leave, in the words of nftables."""
        return {'noudp': 'meta l4proto != udp', 'web': 'tcp dport { 80, 443 }'}.get(self.kind, '')

    def memory(self):
        """Who stands behind each port, and whom it has sent to."""
        if self.kind not in ('fullcone', 'addr'):
            return ''
        known = {'fullcone': '', 'addr': 'ip saddr . udp dport @met '}[self.kind]
        kept = f'flags dynamic, timeout; timeout {REMEMBERED_S}s; size 4096;'
        inner = 'ct original ip saddr . ct original proto-src'
        return f'''
  map home {{ type inet_service : ipv4_addr . inet_service; {kept} }}
  set met {{ type ipv4_addr . inet_service; {kept} }}
  chain remember {{
    type filter hook postrouting priority srcnat + 20;
    oifname "wan" udp sport != 0 update @met {{ ip daddr . udp sport }}
    oifname "wan" udp sport != 0 update @home {{ udp sport : {inner} }}
  }}
  chain recall {{
    type nat hook prerouting priority dstnat;
    iifname "wan" {known}dnat ip to udp dport map @home
  }}'''

    def mapping(self):
        if self.maps() is None:
            return ''
        others = f'oifname "wan" meta l4proto udp masquerade to :{self.ports}' if self.ports else ''
        return f'''
  chain map_out {{
    type nat hook postrouting priority srcnat;
    {others}
    oifname "wan" masquerade {self.maps()}
  }}'''

    def filtering(self):
        if self.kind == 'open':
            return ''
        return f'''
  chain to_router {{
    # Also keeps what comes too early from taking a port in the table of connections.
    type filter hook input priority filter; policy drop;
    iifname != "wan" accept
    meta l4proto {{ icmp, ipv6-icmp }} accept
  }}
  chain through {{
    type filter hook forward priority filter; policy drop;
    ct state established, related accept
    ct status dnat accept
    iifname "lan" oifname "lan" accept
    iifname "lan" oifname "wan" {self.lets_out()} accept
    meta l4proto ipv6-icmp accept
  }}'''

    def rules(self):
        """For `nft -f`: in place of what was there."""
        ip = self.memory() + self.mapping()
        return (f'flush ruleset\ntable inet filters {{{self.filtering()}\n}}\n'
                f'table ip homes {{{ip}\n}}\n')
