/** F60: somebody sets the machine's clock, and no span of the server becomes longer or shorter by it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from './manual-clock.js';
import { startTestServer, type TestServer } from './test-server.js';

const hour = 3_600_000;

describe.each([
  ['back', -hour],
  ['forward', hour],
])('F60: a clock that is set %s by an hour', (_case, step) => {
  let clock: ManualClock;
  let server: TestServer;
  beforeEach(async () => {
    clock = createManualClock();
    server = await startTestServer({ connectBurst: 2, connectsPerSecond: 1 }, {}, { clock });
  });
  afterEach(() => server.close());

  it('leaves the limits of addresses and of the server as they were', async () => {
    const dial = () => server.open([], { localAddress: '127.0.0.2' });
    await dial().next('hello');
    await dial().next('hello');
    clock.set(step);
    expect(await dial().refused).toBe(429);
    clock.leap(2_000);
    await dial().next('hello');
    await dial().next('hello');
  });

  it('ends no connection, and no budget of messages', async () => {
    const client = await server.openTickwire();
    for (let index = 0; index < 39; index += 1) client.send({ type: 'ping', id: index });
    await client.next('pong', ({ id }) => id === 38);
    clock.set(step);
    clock.advance(1_000);
    client.send({ type: 'ping', id: 'after' });
    await client.next('pong', ({ id }) => id === 'after');
    expect(client.ofType('error')).toEqual([]);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    expect(server.app.connections.size).toBe(1);
  });

  it('still beats', async () => {
    const client = await server.openTickwire();
    await client.settle();
    clock.set(step);
    for (let beat = 0; beat < 11; beat += 1) clock.advance(1_000);
    const { data } = await client.next('heartbeat');
    expect(Math.abs(clock.now() - data.serverTime)).toBeLessThan(20_000);
  });

  it('keeps the past as long as it is promised', async () => {
    const client = await server.openTickwire();
    for (const message of ['one', 'two']) {
      await server.app.realtime.broadcastGlobal({ type: 'announcement', data: { message } });
    }
    const { epoch = '', seq = 0 } = await client.next('announcement');
    clock.set(step);
    const ask = async () => {
      client.send({ type: 'history', id: 'h', data: { channel: 'global', since: { epoch, seq } } });
      return (await client.next('ack')).data as { complete: boolean; messages: unknown[] };
    };
    expect(await ask()).toMatchObject({ complete: true });
    await server.app.realtime.broadcastGlobal({ type: 'announcement', data: { message: 'three' } });
    clock.leap(121_000);
    await server.app.realtime.broadcastGlobal({ type: 'announcement', data: { message: 'four' } });
    expect(await ask()).toMatchObject({ complete: false });
  });
});
