import { describe, expect, it } from 'vitest';
import { faultChecks } from './fault-checks.js';
import { coinsChecks, metalsChecks } from './older-checks.js';
import { runChecks, type Outcome } from './suite.js';
import { brokenServer, facade, ourServer } from './test-servers.js';
import { tickwireChecks } from './tickwire-checks.js';

const patient = { patienceMs: 10_000, channel: 'coin:bitcoin' };
const failures = (outcomes: readonly Outcome[]) => outcomes.filter(({ result }) => result !== 'passed');

describe('the reference server', () => {
  it.each([
    ['tickwire', [...tickwireChecks, ...faultChecks]],
    ['coins', coinsChecks],
    ['metals', metalsChecks],
  ] as const)('passes every check of %s', async (_dialect, checks) => {
    expect(failures(await runChecks(checks, { ...patient, url: await ourServer() }))).toEqual([]);
  });
});

describe('the facade', () => {
  it.each([
    ['tickwire', [...tickwireChecks, ...faultChecks]],
    ['metals', metalsChecks],
  ] as const)('passes every check of %s', async (_dialect, checks) => {
    expect(failures(await runChecks(checks, { ...patient, url: await facade() }))).toEqual([]);
  });
});

describe('a broken server', () => {
  const limits = { maxSubscriptions: 1, maxChannelsPerFrame: 1, maxFrameBytes: 1, messagesPerMinute: 1 };
  const hello = (more: object = {}) => ({
    type: 'hello',
    data: { protocol: 1, connectionId: 'c', serverTime: 1, heartbeatMs: 1_000, capabilities: [], limits, ...more },
  });
  const resultOf = async (url: string, words: string): Promise<Outcome | undefined> => {
    const checks = [...tickwireChecks, ...faultChecks].filter(({ title }) => title.includes(words));
    expect(checks).toHaveLength(1);
    return (await runChecks(checks, { url, patienceMs: 500, channel: 'coin:bitcoin' }))[0];
  };
  const ackWith = (entry: object) => (text: string) => {
    const { type, id } = JSON.parse(text) as { type: string; id?: unknown };
    if (type === 'ping') return [JSON.stringify({ type: 'pong', id })];
    if (type !== 'subscribe') return [];
    const position = { channel: 'coin:bitcoin', kind: 'state', epoch: 'e', seq: 5, recovered: false, reason: 'new' };
    return [
      JSON.stringify({
        type: 'ack',
        id,
        op: 'subscribe',
        data: { subscribed: [{ ...position, ...entry }], rejected: [] },
      }),
      JSON.stringify({ type: 'price_update', data: { price: 1 }, sub: 'coin:bitcoin', epoch: 'e', seq: 9 }),
    ];
  };

  it.each([
    ['without limits in hello', { limits: {} }, () => [], 'the first frame is hello'],
    ['that is mute', {}, () => [], 'a ping is answered'],
    ['whose pong has no time', {}, () => ['{"type":"pong","id":"p1","echo":1234}'], 'a ping is answered'],
    ['that accepts what it does not have', {}, ackWith({}), 'an unknown channel is rejected'],
    ['that recovers whatever it is asked', {}, ackWith({ recovered: true, reason: undefined }), 'another epoch'],
    ['that never recovers', {}, ackWith({ reason: 'too_old' }), 'nothing was missed since'],
    ['that loses numbers', {}, ackWith({}), 'numbered without a hole'],
    ['that sends no snapshot', {}, ackWith({}), 'a snapshot follows'],
    ['that sends no heartbeat', { heartbeatMs: 50 }, ackWith({}), 'a heartbeat tells'],
    ['that takes any frame', {}, () => [], 'a binary frame'],
    ['that echoes what no client decodes', {}, (text: string) => [`no JSON ${text}`], 'no JSON gets an error'],
    ['that closes for nothing and says nothing', {}, () => [], 'an unknown protocol version'],
  ] as const)('%s fails', async (_case, more, answer, words) => {
    expect(await resultOf(await brokenServer(hello(more), answer), words)).toMatchObject({ result: 'failed' });
  });
});
