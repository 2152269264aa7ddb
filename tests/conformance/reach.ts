/** Looks whether a server of WebSockets is at an address at all, and says in words what is there instead. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';

/** What is at the address. `firstType`: of the first frame, where one came in time and says its type. */
export type Reach =
  | { readonly ok: true; readonly firstType?: string }
  | { readonly ok: false; readonly why: string; readonly next: string };

/** The address as a URL of a WebSocket, or what is wrong with it. */
export function readAddress(text: string): URL | string {
  if (!URL.canParse(text)) return `${text} is no address: expected one like ws://localhost:3001/ws`;
  const url = new URL(text);
  if (url.protocol === 'http:' || url.protocol === 'https:') {
    return `A WebSocket's address begins with ws:// or wss://: try ${text.replace(/^http/i, 'ws')}`;
  }
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') return `${text} does not begin with ws:// or wss://`;
  return url.hash === '' ? url : 'The address of a WebSocket has no part after #';
}

function ofStatus({ statusCode = 0, headers }: IncomingMessage, url: URL): { why: string; next: string } {
  const why = `${url.host} answers the upgrade of ${url.pathname} with HTTP status ${statusCode}`;
  if (statusCode === 401 || statusCode === 403) {
    return { why, next: 'It wants an origin or a token: run one for the checks that takes anonymous connections.' };
  }
  if (statusCode === 429 || statusCode === 503) {
    const wait = headers['retry-after'] === undefined ? 'Wait' : `Wait ${headers['retry-after']} s`;
    return { why, next: `It is full or slows this address down. ${wait}, or raise its limits, and try again.` };
  }
  if (statusCode >= 300 && statusCode < 400) {
    return { why, next: `Name the address that it leads to: ${headers.location ?? 'it does not say which'}` };
  }
  return { why, next: 'It is an HTTP server without a WebSocket there: check port and path (often /ws).' };
}

function ofError(error: Error, url: URL): { why: string; next: string } {
  const code = 'code' in error ? String(error.code) : '';
  const secure = url.protocol === 'wss:';
  const other = url.href.replace(/^wss?/, secure ? 'ws' : 'wss');
  if (code === 'ECONNREFUSED') {
    return { why: `Nothing listens at ${url.host}`, next: 'Start the server, or check host and port.' };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return { why: `There is no host ${url.hostname}`, next: 'Check its spelling, or the network.' };
  }
  if (secure && (code === 'EPROTO' || code.startsWith('ERR_SSL') || code === 'ECONNRESET')) {
    return { why: `${url.host} does not answer in TLS`, next: `If it has none, try ${other}` };
  }
  if (secure && /CERT|SELF_SIGNED|ISSUER|ALTNAME/.test(code)) {
    return {
      why: `The certificate of ${url.host} is not trusted (${code})`,
      next: 'Name its authority in NODE_EXTRA_CA_CERTS, or use a name that stands in the certificate.',
    };
  }
  if (!secure && (code.startsWith('HPE_') || code === 'ECONNRESET')) {
    return { why: `${url.host} does not answer in HTTP (${code})`, next: `If it has TLS, try ${other}` };
  }
  return { why: `No WebSocket at ${url.href}: ${error.message}`, next: 'Is it the address of the right server?' };
}

/** Dials once, and hangs up. */
export async function reach(url: URL, patienceMs: number): Promise<Reach> {
  const socket = new WebSocket(url, { handshakeTimeout: patienceMs });
  const end = new AbortController();
  try {
    return await new Promise<Reach>((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve({ ok: false, ...ofStatus(response, url) }));
      socket.on('error', (error) => {
        const isLate = error.message.includes('timed out');
        const late = {
          why: `${url.host} did not answer within ${patienceMs} ms`,
          next: 'Give it more: --patience 10000',
        };
        resolve({ ok: false, ...(isLate ? late : ofError(error, url)) });
      });
      socket.on('open', () => {
        // A server may be silent at first; what it says tells which dialect it speaks.
        const timer = setTimeout(() => resolve({ ok: true }), Math.min(1_500, patienceMs));
        end.signal.addEventListener('abort', () => clearTimeout(timer));
      });
      socket.on('message', (data: Buffer) => resolve({ ok: true, ...typeOf(data.toString('utf8')) }));
      socket.on('close', () => resolve({ ok: true }));
    });
  } finally {
    end.abort();
    const closed = once(socket, 'close').catch(() => undefined);
    socket.terminate();
    if (socket.readyState !== WebSocket.CLOSED) await closed;
  }
}

function typeOf(text: string): { firstType?: string } {
  try {
    const { type } = JSON.parse(text) as { type?: unknown };
    return typeof type === 'string' && /^\w{1,40}$/.test(type) ? { firstType: type } : {};
  } catch {
    return {};
  }
}
