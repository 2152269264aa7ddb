/** Which peers count as one for a limit: an IPv4 address, or the /64 that one IPv6 customer has. Pure. */
import { isIPv4, isIPv6 } from 'node:net';

const groupsOfPrefix = 4;

/** The key of an address, as limits count it. What is no address has one key for all. */
export function addressKey(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  if (isIPv4(address)) return address;
  const [bare = ''] = address.split('%', 1);
  if (!isIPv6(bare)) return 'unknown';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail = ''] = bare.toLowerCase().split('::', 2);
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  // A dotted end stands for two groups.
  const groups = left.length + right.length + (bare.includes('.') ? 1 : 0);
  const zeros = bare.includes('::') ? Array.from({ length: 8 - groups }, () => '0') : [];
  const prefix = [...left, ...zeros, ...right].slice(0, groupsOfPrefix);
  return `${prefix.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}
