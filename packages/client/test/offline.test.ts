import { afterEach, describe, expect, it } from 'vitest';
import { hello, settle } from '@tickwire/testing';
import type { ClientOptions, UrlSource } from '@tickwire/client';
import { isNearby } from '../src/io/environment.js';
import { Harness } from './harness.js';

const open: Harness[] = [];
afterEach(async () => {
  for (const harness of open.splice(0)) await harness.client.close();
});

/** A client whose platform says that it is offline, and whose connection has just gone. */
async function lost(options: ClientOptions = {}, url?: UrlSource): Promise<Harness> {
  const harness = await new Harness(options, url).connected();
  open.push(harness);
  harness.environment.change({ online: false });
  harness.socket.drop(1006);
  await settle();
  return harness;
}

describe('a platform that says it is offline', () => {
  it('F4: is given a hint: connect() dials all the same', async () => {
    const harness = await lost();
    expect(harness.client.connection.get()).toEqual({ status: 'paused', reason: 'offline' });
    const connected = harness.client.connect();
    expect(harness.sockets.all).toHaveLength(2);
    harness.socket.open();
    harness.socket.receive(hello());
    await connected;
    expect(harness.client.connection.get().status).toBe('connected');
  });

  it('F4: is not believed for ever: a slow try goes on, and costs none of the attempts', async () => {
    const harness = await lost({ reconnect: { maxAttempts: 2 } });
    for (let dials = 2; dials <= 8; dials += 1) {
      // 30 to 60 s apart, by chance.
      await harness.clock.advance(44_999);
      expect(harness.sockets.all).toHaveLength(dials - 1);
      await harness.clock.advance(1);
      expect(harness.sockets.all).toHaveLength(dials);
      if (dials === 8) break;
      harness.socket.drop(1006);
      await settle();
      expect(harness.client.connection.get()).toEqual({ status: 'paused', reason: 'offline' });
    }
    harness.socket.open();
    harness.socket.receive(hello());
    await settle();
    expect(harness.client.connection.get().status).toBe('connected');
  });

  it('F4: and a page that nobody sees is left alone', async () => {
    const harness = await lost();
    harness.environment.change({ visible: false });
    await harness.clock.advance(600_000);
    expect(harness.sockets.all).toHaveLength(1);
  });

  it.each(['closes', 'comes back'] as const)('F4: leaves no slow try behind when it %s', async (how) => {
    const harness = await lost();
    if (how === 'closes') await harness.client.close();
    else harness.environment.change({ online: true });
    await harness.clock.advance(9_000);
    expect(harness.sockets.all).toHaveLength(how === 'closes' ? 1 : 2);
    if (how === 'closes') expect(harness.clock.pending).toBe(0);
  });

  it.each([['ws://localhost:3001/ws'], [() => 'ws://192.168.1.7/ws'], [() => Promise.resolve('ws://kiosk.local/ws')]])(
    'F4: says nothing of a server nearby: %s is tried with the usual back-off',
    async (url) => {
      const harness = new Harness({}, url);
      open.push(harness);
      harness.environment.change({ online: false });
      void harness.client.connect().catch(() => undefined);
      await settle();
      harness.socket.drop(1006);
      await settle();
      expect(harness.client.connection.get().status).toBe('reconnecting');
      harness.environment.change({ online: false });
      expect(harness.client.connection.get().status).toBe('reconnecting');
      await harness.clock.advance(1_000);
      expect(harness.sockets.all).toHaveLength(2);
    },
  );
});

describe('a server', () => {
  it.each([
    'localhost',
    'app.localhost',
    '127.0.0.1',
    '127.9.8.7',
    '[::1]',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.10',
    '169.254.1.1',
    '[fe80::1]',
    '[fd12:3456::1]',
    '[fc00::1]',
    'kiosk',
    'kiosk.local',
    'prices.lan',
    'db.internal',
    'tv.home.arpa',
    'LOCALHOST',
  ])('F4: is nearby at %s', (host) => {
    expect(isNearby(`ws://${host}:3001/ws?x=1`)).toBe(true);
  });

  it.each([
    'prices.example',
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '192.169.0.1',
    '11.0.0.1',
    '127.example.com',
    '10.0.0.1.example',
    'localhost.example',
    '[2001:db8::1]',
    '[ff02::1]',
    'local.example',
  ])('F4: is on the internet at %s', (host) => {
    expect(isNearby(`wss://${host}/ws`)).toBe(false);
  });

  it('F4: without an address is nowhere', () => {
    expect(isNearby('')).toBe(false);
  });
});
