/** The fake client of `@tickwire/testing`, and what a component asks of it, written down. */
import { createFakeClient, type FakeClient, type FakeClientOptions } from '@tickwire/testing';

export interface ObservedClient {
  /** To be handed to what is tested, and to be told what the server does. */
  readonly client: FakeClient;
  /** `+coin:bitcoin` for each subscribe, `-coin:bitcoin` for each unsubscribe, `connect`, `close`, `authenticate "…"`. */
  readonly log: string[];
  /** Listeners of prices and of the connection that have not been taken away. */
  listenerCount(): number;
}

export function observedClient(options?: FakeClientOptions): ObservedClient {
  const client = createFakeClient(options);
  const log: string[] = [];
  let listening = 0;
  const counted = (undo: () => void): (() => void) => {
    listening += 1;
    let held = true;
    return () => {
      if (held) listening -= 1;
      held = false;
      undo();
    };
  };
  const seen: Partial<Record<keyof FakeClient, unknown>> = {
    subscribe: (...given: Parameters<FakeClient['subscribe']>) => {
      const subscription = client.subscribe(...given);
      log.push(`+${String(given[0])}`);
      const unsubscribe = subscription.unsubscribe.bind(subscription);
      subscription.unsubscribe = () => {
        log.push(`-${String(given[0])}`);
        unsubscribe();
      };
      return subscription;
    },
    prices: {
      ...client.prices,
      subscribe: (...given: Parameters<FakeClient['prices']['subscribe']>) =>
        counted(client.prices.subscribe(...given)),
    },
    connection: {
      ...client.connection,
      subscribe: (...given: Parameters<FakeClient['connection']['subscribe']>) =>
        counted(client.connection.subscribe(...given)),
    },
    connect: () => {
      log.push('connect');
      return client.connect();
    },
    authenticate: (credential: Parameters<FakeClient['authenticate']>[0]) => {
      log.push(`authenticate ${JSON.stringify(credential)}`);
      return client.authenticate(credential);
    },
    close: () => {
      log.push('close');
      return client.close();
    },
  };
  const observed = new Proxy(client, {
    // What the client asks of itself is not seen: its methods run on the client, not on what stands before it.
    get: (target, key) => {
      if (Object.hasOwn(seen, key)) return seen[key as keyof FakeClient];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { client: observed, log, listenerCount: () => listening };
}
