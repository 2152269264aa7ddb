import { describe, expect, it } from 'vitest';
import { coinsWelcome, settle, subscribeAck } from '@tickwire/testing';
import type { PriceStreamError } from '@tickwire/client';
import { Harness } from './harness.js';

const steps: readonly (readonly [code: string, step: RegExp])[] = [
  ['UNKNOWN_CHANNEL', /catalog\(\) lists/],
  ['UNAUTHENTICATED', /token option/],
  ['AUTH_REQUIRED', /token option/],
  ['FORBIDDEN_CHANNEL', /rights of the token/],
];

describe('a refused channel', () => {
  it.each(steps)('says the next step, in the ack of a list: %s', async (code, step) => {
    const harness = await new Harness().connected();
    const errors = harness.record('error') as PriceStreamError[];
    const wait = harness.client.subscribe('user', () => undefined).ready();
    await settle();
    const [asked] = harness.socket.taken();
    harness.socket.receive(subscribeAck(asked?.['id'], [], [{ channel: 'user', code, retryable: false }]));
    const told = expect.objectContaining({ code, message: expect.stringMatching(step) as unknown }) as unknown;
    await expect(wait).rejects.toEqual(told);
    expect(errors).toEqual([told]);
  });

  it.each(steps)('says the next step after the words of the server, and stays short: %s', async (code, step) => {
    const harness = await new Harness().connected();
    const wait = harness.client.subscribe('user', () => undefined).ready();
    await settle();
    const id = harness.socket.taken()[0]?.['id'];
    harness.socket.receive({ type: 'error', id, op: 'subscribe', data: { code, message: 'No!', retryable: false } });
    const error = (await wait.catch((cause: unknown) => cause)) as PriceStreamError;
    expect(error).toMatchObject({ code, message: expect.stringMatching(step) as unknown });
    expect(error.message).toMatch(/^No! /);
    expect(new TextEncoder().encode(error.message).length).toBeLessThanOrEqual(256);
  });

  it('says what to do where the dialect does not carry it', async () => {
    const harness = await new Harness().connected(coinsWelcome());
    const wait = harness.client.subscribe('metal:gold', () => undefined).ready();
    await expect(wait).rejects.toMatchObject({
      code: 'UNKNOWN_CHANNEL',
      message: expect.stringMatching(/dialect has no metal:gold\. .*another server\./) as unknown,
    });
  });

  it('F17: is said without ready() where the dialect does not carry it, once and not at each reconnect, many together', async () => {
    const harness = new Harness();
    const errors = harness.record('error') as PriceStreamError[];
    harness.client.subscribe(['metal:gold', 'coin:bitcoin', 'metal:a', 'metal:b', 'metal:c'], () => undefined);
    await harness.connected(coinsWelcome());
    const words = (): string[] => errors.map(({ code, message }) => `${code}: ${message}`);
    const first =
      'UNKNOWN_CHANNEL: The coins dialect has no metal:gold, metal:a, metal:b and 1 more. It takes another server.';
    expect(words()).toEqual([first]);
    harness.client.subscribe('metal:gold', () => undefined);
    harness.client.subscribe('metal:silver', () => undefined).unsubscribe();
    const second = 'UNKNOWN_CHANNEL: The coins dialect has no metal:silver. It takes another server.';
    expect(words()).toEqual([first, second]);
    harness.socket.drop(1006);
    await harness.clock.advance(2_000);
    harness.socket.open();
    harness.socket.receive(coinsWelcome());
    expect(harness.client.connection.get().status).toBe('connected');
    expect(words()).toEqual([first, second]);
  });

  it('has no step where none is known', async () => {
    const harness = await new Harness().connected();
    const wait = harness.client.subscribe('coin:a', () => undefined).ready();
    await settle();
    const [asked] = harness.socket.taken();
    const rejected = [{ channel: 'coin:a', code: 'constructor', retryable: false }];
    harness.socket.receive(subscribeAck(asked?.['id'], [], rejected));
    await expect(wait).rejects.toMatchObject({ message: 'The server refused coin:a.' });
  });
});
