import { describe, expect, it } from 'vitest';
import { Harness } from './harness.js';

describe('a hidden page', () => {
  it.each([
    ['by default', {}, 'paused', 1],
    ['with whileHidden: pause', { whileHidden: 'pause' }, 'paused', 1],
    ['with whileHidden: connect', { whileHidden: 'connect' }, 'connecting', 2],
  ] as const)('whose link is lost %s is %s after the back-off', async (_, options, status, sockets) => {
    const harness = await new Harness(options).connected();
    harness.environment.change({ visible: false });
    harness.socket.drop(1006);
    await harness.clock.advance(5_000);
    expect(harness.client.connection.get().status).toBe(status);
    expect(harness.sockets.all).toHaveLength(sockets);
    await harness.client.close();
  });

  it('that goes on dialling still sees that the machine is offline', async () => {
    const harness = await new Harness({ whileHidden: 'connect' }).connected();
    harness.environment.change({ visible: false, online: false });
    harness.socket.drop(1006);
    await harness.clock.advance(5_000);
    expect(harness.client.connection.get()).toEqual({ status: 'paused', reason: 'offline' });
    await harness.client.close();
  });

  it.each(['never', true, 5])('refuses whileHidden: %j with words', (whileHidden) => {
    expect(() => new Harness({ whileHidden: whileHidden as never })).toThrow(/whileHidden.*'connect'.*'pause'/);
  });
});
