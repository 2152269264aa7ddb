/** Which peers count as one for a limit: an IPv4 address, or the /64 that one IPv6 customer has. Pure. */
import { isIP, isIPv4, isIPv6 } from 'node:net';

const groupsOfPrefix = 4;
const groupsInAll = 8;

/** The address without a zone, and without the port that some proxies write behind it. */
function withoutPort(text: string): string {
  const [, bracketed] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text) ?? [];
  const [, plain] = /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(text) ?? [];
  const [bare = ''] = (bracketed ?? plain ?? text).split('%', 1);
  return bare;
}

/** The eight groups in the shortest form of each, however the address is written. */
function groupsOf(address: string): readonly string[] {
  const { hostname } = new URL(`http://[${address}]`);
  const [head = '', tail = ''] = hostname.slice(1, -1).split('::', 2);
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: groupsInAll - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right];
}

/** The IPv4 address that an IPv6 one stands for: mapped (RFC 4291 section 2.5.5.2) or translated (RFC 6052). */
function embeddedIPv4(groups: readonly string[]): string | undefined {
  const prefix = groups.slice(0, 6).join(':');
  if (prefix !== '0:0:0:0:0:ffff' && prefix !== '64:ff9b:0:0:0:0') return undefined;
  const bytes = groups.slice(6).flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
  return bytes.join('.');
}

/** The key of an address, as limits count it. What is no address has one key for all. */
export function addressKey(address: string | undefined): string {
  const bare = withoutPort(address ?? '');
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return 'unknown';
  const groups = groupsOf(bare);
  const embedded = embeddedIPv4(groups);
  if (embedded !== undefined && isIP(embedded) === 4) return embedded;
  const prefix = groups.slice(0, groupsOfPrefix);
  // No network has the prefix of zeros: ::1 is one address and not the other 2^64 that could be written with it.
  if (prefix.every((group) => group === '0')) return groups.join(':');
  return `${prefix.join(':')}::/64`;
}
