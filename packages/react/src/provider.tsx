/** Hands a client down to the hooks: the caller's, which stays the caller's, or one of its own, which it makes and closes. */
import type { ClientOptions } from '@tickwire/client';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { GivenClient, isClient, type CommonProps, type GivenClientProps } from './given-client.js';
import { pageClients, type Lease, type Wish } from './shared-client.js';
import type { Token } from './shared-entry.js';

/** A provider of its own client: one over hot updates and StrictMode, closed a second after the provider is gone. */
interface OwnClientProps extends CommonProps {
  client?: undefined;
  /** `ws://` or `wss://`; another one is another client. */
  url: string;
  /** As `token` of the client. Another text authenticates the living connection anew; the newest function is asked. */
  token?: Token | null | undefined;
  /** Whose prices these are, in your own words (a user's id): another text is another client, and so another socket. */
  session?: string | null | undefined;
  /** Anything else that the client takes; read when it is made. */
  options?: Omit<ClientOptions, 'token'> | undefined;
}

/** Props of {@link PriceStreamProvider}: either a `client`, or the `url` of one. */
export type PriceStreamProviderProps = GivenClientProps | OwnClientProps;

const prepared = (wish: Wish, alone = false) => ({ ...wish, ...pageClients.prepare(wish, alone) });

function OwnClient({ url, token, session, options, ...rest }: OwnClientProps): ReactElement {
  const [held, setHeld] = useState(() => prepared({ url, token, session, options }));
  const lease = useRef<Lease>(undefined);
  if (held.url !== url || held.session !== session) setHeld(prepared({ url, token, session, options }));

  useEffect(() => {
    const own = held.hold(() => setHeld(prepared(held, true)));
    lease.current = own;
    return () => {
      lease.current = undefined;
      own.release();
    };
  }, [held]);
  useEffect(() => {
    // Signed out, or another user where others share the client: that is another client.
    lease.current?.offer(token, () => setHeld(prepared({ url, token, session, options })));
  }, [token, url, session, options]);

  return <GivenClient {...rest} client={held.client} />;
}

/** What a caller without types may have passed. */
function problemOf({ client, url }: { client?: unknown; url?: unknown }): string | undefined {
  const isGiven = isClient(client);
  if (client !== undefined && client !== null && !isGiven)
    return 'its client is none. Pass a PriceWebSocketClient, or url="wss://…" in its place';
  if (isGiven && url !== undefined) return 'it has a client and a url. Pass one of them';
  if (!isGiven && (typeof url !== 'string' || url === ''))
    return 'it has neither a client nor a url. Write <PriceStreamProvider url="wss://prices.example/ws">';
  return undefined;
}

/**
 * Gives the hooks below it their client, and gathers price changes so that a burst is one render.
 *
 * @throws Error without a client and a url; PriceStreamError `CONFIGURATION` where the url or an option is wrong
 * @example <PriceStreamProvider url="wss://prices.example/ws" token={getToken} session={userId}>…</PriceStreamProvider>
 */
export function PriceStreamProvider(props: PriceStreamProviderProps): ReactElement {
  const problem = problemOf(props);
  if (problem !== undefined) throw new Error(`<PriceStreamProvider>: ${problem}.`);
  return props.url === undefined ? <GivenClient {...props} /> : <OwnClient {...props} />;
}
