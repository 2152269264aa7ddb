import { afterEach, describe, expect, it } from 'vitest';
import { EngineError, type Engine } from '../src/engine/engine.js';
import { createMemoryEngine } from '../src/engine/memory.js';
import { defaultLimits } from '../src/limits.js';
import { coinTick } from './manual-source.js';
import { startTestServer, type TestServer } from './test-server.js';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function memory(): Engine {
  return createMemoryEngine({
    limits: defaultLimits,
    now: () => Date.now(),
    createEpoch: () => 'e',
    onListenerError: () => undefined,
  });
}

let server: TestServer;
afterEach(() => server.close());

describe('joining while prices flow, on an engine that answers late', () => {
  it.each(['before', 'after'] as const)('loses and doubles nothing when it dawdles %s reading', async (dawdles) => {
    const engine = memory();
    let goOn: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let asked = 0;
    let isArmed = false;
    const history = async (...request: Parameters<Engine['history']>) => {
      if (!isArmed) return engine.history(...request);
      asked += 1;
      if (dawdles === 'before') await gate;
      const answer = await engine.history(...request);
      if (dawdles === 'after') await gate;
      return answer;
    };
    server = await startTestServer({}, {}, { engine: { ...engine, history } });
    server.source.tell(coinTick('bitcoin', 1));
    const client = await server.openTickwire();
    await client.settle();
    isArmed = true;
    client.send({ type: 'subscribe', id: 'r1', data: { channels: [{ channel: 'coin:bitcoin' }] } });
    await expect.poll(() => asked).toBe(1);
    for (let price = 2; price <= 7; price += 1) server.source.tell(coinTick('bitcoin', price));
    goOn();
    await new Promise((resolve) => setImmediate(resolve));
    for (let price = 8; price <= 12; price += 1) server.source.tell(coinTick('bitcoin', price));
    const ack = await client.next('ack');
    const { seq } = (ack.data as { subscribed: { seq: number }[] }).subscribed[0]!;
    expect(await client.next()).toMatchObject({
      type: 'snapshot',
      data: { items: [{ seq, message: { data: { price: seq } } }] },
    });
    await client.next('price_update', (frame) => frame.seq === 12);
    const live = client.ofType('price_update');
    expect(live.map((frame) => frame.seq)).toEqual(Array.from({ length: 12 - seq }, (_, index) => seq + 1 + index));
    expect(live.some((frame) => frame.skip !== undefined)).toBe(false);
  });

  it('handles the requests of one connection in their order', async () => {
    const engine = memory();
    server = await startTestServer(
      {},
      {},
      {
        engine: {
          ...engine,
          history: async (...request) => {
            await pause(30);
            return engine.history(...request);
          },
        },
      },
    );
    const client = await server.openTickwire();
    client.send({ type: 'subscribe', id: 1, data: { channels: [{ channel: 'coin:bitcoin' }] } });
    client.send({ type: 'unsubscribe', id: 2, data: { channels: ['coin:bitcoin'] } });
    client.send({ type: 'catalog', id: 3 });
    for (const id of [1, 2, 3]) expect((await client.next('ack')).id).toBe(id);
    server.source.tell(coinTick('bitcoin', 1));
    await client.settle();
    expect(client.ofType('price_update')).toEqual([]);
  });
});

describe('an engine that fails', () => {
  it('costs the request an INTERNAL, and leaves neither lane nor connection behind', async () => {
    const engine = memory();
    let isBroken = false;
    server = await startTestServer(
      {},
      {},
      {
        engine: {
          ...engine,
          history: (...request) =>
            isBroken ? Promise.reject(new Error('the engine is away')) : engine.history(...request),
        },
      },
    );
    const client = await server.openTickwire();
    await client.settle();
    isBroken = true;
    client.send({ type: 'subscribe', id: 'r1', data: { channels: [{ channel: 'coin:bitcoin' }] } });
    const error = await client.next('error');
    expect(error).toMatchObject({ id: 'r1', op: 'subscribe', data: { code: 'INTERNAL', retryable: true } });
    expect(JSON.stringify(error)).not.toContain('away');
    isBroken = false;
    client.send({ type: 'subscribe', id: 'r2', data: { channels: [{ channel: 'whales' }] } });
    expect((await client.next('ack')).id).toBe('r2');
    const status = (await (await fetch(`${server.base}/api/status`)).json()) as object;
    expect(status).toMatchObject({ subscriptions: { channels: 2, lanes: 2 } });
  });
});

describe('an engine that is away', () => {
  const away = () => Promise.reject(new EngineError('UNAVAILABLE', 'it is away', 2_000));

  it('has a request answered with when to come again, and costs no line in the log', async () => {
    const engine = memory();
    let isAway = false;
    const lines: string[] = [];
    server = await startTestServer(
      {},
      { LOG_LEVEL: 'error' },
      {
        engine: { ...engine, history: (...request) => (isAway ? away() : engine.history(...request)) },
        logTo: { write: (line) => void lines.push(line) },
      },
    );
    const client = await server.openTickwire();
    await client.settle();
    isAway = true;
    client.send({ type: 'subscribe', id: 'r1', data: { channels: [{ channel: 'coin:bitcoin' }] } });
    expect(await client.next('error')).toMatchObject({
      id: 'r1',
      data: { code: 'SERVER_BUSY', retryable: true, retryAfterMs: 2_000 },
    });
    const prices = await fetch(`${server.base}/api/prices`);
    expect([prices.status, prices.headers.get('retry-after')]).toEqual([503, '2']);
    expect(lines).toEqual([]);
  });

  it('ends a connection that cannot be given what comes unasked, so that it misses nothing unawares', async () => {
    const engine = memory();
    server = await startTestServer({}, {}, { engine: { ...engine, history: away } });
    const client = server.open();
    expect(await client.closed).toEqual({ code: 1013, reason: 'server_busy;ra=2000' });
  });

  it('says so where operators look, and takes nobody in', async () => {
    const engine = memory();
    const trouble: { problem?: string } = {};
    const status = () => ({ ...engine.status(), ...trouble });
    server = await startTestServer({}, {}, { engine: { ...engine, status } });
    const ready = async () => (await fetch(`${server.base}/readyz`)).status;
    const figures = async () => (await fetch(`${server.base}/metrics`)).text();
    expect([await ready(), /^tickwire_engine_up 1$/m.test(await figures())]).toEqual([200, true]);
    trouble.problem = 'it is away';
    expect([await ready(), /^tickwire_engine_up 0$/m.test(await figures())]).toEqual([503, true]);
    expect(await server.open().refused).toBe(503);
    expect(await figures()).toMatch(/^tickwire_engine\{figure="channels"\} \d/m);
  });
});
