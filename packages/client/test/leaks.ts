/** After every test of the client: its sockets, timers, listeners and promises are gone, and no error was left unhandled. */
import type { LeakCheck } from '@tickwire/lab';
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { opened } from './opened.js';

const path = expect.getState().testPath ?? '';
const isOfClient = path.includes('packages/client/test/');
// Pure rooms make no client; loading one for them would cost more than they do.
const makesStreams = /\/test\/kernel\/(bad-dialects|connection-page|link)[\w.-]*\.test\.ts$/;
const isPure = path.includes('/test/kernel/') && !makesStreams.test(path);
const hasClients = isOfClient && !isPure;
let check: LeakCheck | undefined;

/** Has every promise that a method gives expected to be settled in the end. */
function follow(owner: object, ...names: readonly string[]): void {
  const methods = owner as Record<string, (...given: unknown[]) => Promise<unknown>>;
  for (const name of names) {
    const real = methods[name];
    if (real === undefined) throw new Error(`There is no ${name}() to follow.`);
    methods[name] = function (this: unknown, ...given) {
      const promise = real.apply(this, given);
      return check?.settles(`of ${name}()`, promise) ?? promise;
    };
  }
}

if (hasClients) {
  // Not at the top: what a test file replaces is replaced before the client loads.
  beforeAll(async () => {
    const { PriceWebSocketClient } = await import('@tickwire/client');
    const { PriceStream } = await import('../src/kernel/stream.js');
    const { Handle } = await import('../src/kernel/handle.js');
    follow(PriceStream.prototype, 'connect', 'close');
    follow(PriceWebSocketClient.prototype, 'connect', 'close', 'authenticate', 'catalog', 'history');
    follow(Handle.prototype, 'ready');
  });
}

if (isOfClient) {
  beforeEach(async () => {
    opened.clear();
    // The fakes bring the client along.
    const lab = await import('@tickwire/lab');
    check = lab.LeakCheck.start();
  });

  afterEach(async () => {
    const { settle } = await import('@tickwire/testing');
    for (const { client, sockets, clock, environment } of opened) {
      // Whatever state the test has left it in, close() lets everything go.
      const closed = client.close();
      await settle();
      await clock.advance(3_000);
      await closed;
      expect({
        sockets: sockets.alive,
        timers: clock.pending,
        listeners: environment.listeners,
      }).toEqual({ sockets: 0, timers: 0, listeners: 0 });
    }
    opened.clear();
    await check?.end(30_000);
    check = undefined;
  });
}
