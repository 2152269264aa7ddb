/** Whether a page of some origin may open a socket. Pure. Only exact matches count. */
import { isIP } from 'node:net';

/** Who may connect. */
export interface OriginPolicy {
  /** Exact origins, and no others; absent: the server's own. */
  readonly allowed?: readonly string[];
  /** Whether a request without an Origin (a program, no browser) is refused. */
  readonly required: boolean;
  /** Names under which the server is reached, without ports: a page of one of them is the server's own. */
  readonly servedHosts?: readonly string[];
  /** Whether pages of this machine may connect, whatever port they come from. */
  readonly isLoopbackAllowed?: boolean;
}

/** What is told of an origin at most. */
const longestTold = 100;

/** An origin of a browser's page, taken apart; `undefined` for what no browser sends. */
function pageOf(origin: string): URL | undefined {
  if (!URL.canParse(origin)) return undefined;
  const url = new URL(origin);
  return url.origin === origin && /^https?:$/.test(url.protocol) ? url : undefined;
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    (hostname.startsWith('127.') && isIP(hostname) === 4)
  );
}

/**
 * Whether the page came from this server. The Host header alone does not say so: anybody's name can be made to lead here, and
 * the page under it would then name itself. Nobody else can have an address, or a name of this machine, for an origin.
 */
function isOwn(origin: string, { hostname }: URL, host: string, servedHosts: readonly string[]): boolean {
  const isSame = origin === `http://${host.toLowerCase()}` || origin === `https://${host.toLowerCase()}`;
  const isAddress = isIP(hostname.replace('[', '').replace(']', '')) !== 0;
  return isSame && (isAddress || isLoopback(hostname) || servedHosts.includes(hostname));
}

/** Decides by the headers `Origin` and `Host` of the upgrade. */
export function isOriginAllowed(origin: string | undefined, host: string | undefined, policy: OriginPolicy): boolean {
  if (origin === undefined) return !policy.required;
  if (policy.allowed !== undefined) return policy.allowed.includes(origin);
  const page = pageOf(origin);
  if (page === undefined) return false;
  if (policy.isLoopbackAllowed && isLoopback(page.hostname)) return true;
  return host !== undefined && isOwn(origin, page, host, policy.servedHosts ?? []);
}

/** An origin as the log may have it: short, and nothing of what an outsider may have put behind it. */
export function tellableOrigin(origin: string): string {
  if (origin === 'null') return origin;
  const told = URL.canParse(origin) ? new URL(origin).origin : 'null';
  if (told === 'null') return 'unreadable';
  return told.length > longestTold ? `${told.slice(0, longestTold)}…` : told;
}
