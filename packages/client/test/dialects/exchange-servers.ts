/** Exchanges on real sockets: they answer subscriptions as the real ones do, and say what a test tells them to. */
import { ScriptedServer, type Peer } from '@tickwire/testing';

interface Request {
  readonly type?: string;
  readonly product_ids?: readonly string[];
  readonly channels?: readonly string[];
  readonly method?: string;
  readonly params?: readonly string[];
  readonly id?: unknown;
}

/** What an exchange of a test is told. */
export interface ExchangeScript {
  /** What exists there. @default everything */
  has?: (name: string) => boolean;
  /** A link has been granted something; `links` counts them from 1. */
  granted?: (peer: Peer, names: readonly string[], links: number) => void;
}

/** Coinbase Exchange: a list with one unknown product is refused as a whole, and answers are cumulative. */
export function coinbaseServer({ has = () => true, granted }: ExchangeScript = {}): Promise<ScriptedServer> {
  const byPeer = new Map<Peer, Map<string, Set<string>>>();
  return ScriptedServer.start({
    connected: (peer) => byPeer.set(peer, new Map()),
    received(peer, message) {
      const { type, product_ids: products = [], channels = [] } = message as Request;
      const stands = byPeer.get(peer) ?? new Map<string, Set<string>>();
      const unknown = products.find((product) => !has(product));
      if (unknown !== undefined) {
        peer.send({ type: 'error', message: 'Failed to subscribe', reason: `${unknown} is not a valid product` });
        return;
      }
      for (const channel of channels) {
        const known = stands.get(channel) ?? new Set();
        for (const product of products) {
          if (type === 'subscribe') known.add(product);
          else known.delete(product);
        }
        stands.set(channel, known);
      }
      const list = [...stands].map(([name, names]) => ({ name, product_ids: [...names], account_ids: null }));
      peer.send({ type: 'subscriptions', channels: list.filter(({ product_ids: names }) => names.length > 0) });
      if (type === 'subscribe' && channels.includes('ticker')) granted?.(peer, products, byPeer.size);
    },
  });
}

/** Binance: an unknown symbol is granted like any other; a list with an ill-formed stream is refused as a whole. */
export function binanceServer({ has = () => true, granted }: ExchangeScript = {}): Promise<ScriptedServer> {
  let links = 0;
  return ScriptedServer.start({
    connected: () => (links += 1),
    received(peer, message) {
      const { method, params = [], id } = message as Request;
      if (method === 'GET_PROPERTY') peer.send({ result: true, id });
      else if (params.every(has)) {
        peer.send({ result: null, id });
        if (method === 'SUBSCRIBE') granted?.(peer, params, links);
      } else peer.send({ error: { code: 2, msg: 'Invalid request: invalid stream' }, id });
    },
  });
}
