/** F55: what recoveries cost is spread over turns of the event loop, and shared fairly. Counted, not timed. */
import { describe, expect, it } from 'vitest';
import { createCatalog } from '../src/catalog.js';
import { createCounters } from '../src/counters.js';
import type { PublishedMessage } from '../src/engine/engine.js';
import { createMemoryEngine } from '../src/engine/memory.js';
import { defaultLimits } from '../src/limits.js';
import { Connection } from '../src/plugins/connection.js';
import { Audience } from '../src/services/audience.js';
import { Delivery } from '../src/services/delivery.js';
import { Membership, type Wish } from '../src/services/membership.js';
import { MetalsDigest } from '../src/services/metals-digest.js';
import { createManualClock } from './manual-clock.js';

const channels = ['whales', 'social', 'whales:bitcoin', 'social:bitcoin'];
const messages = 950;
/** A message is looked at when its filter's values are read, and once more when it is sent. */
const inTurn = 2 * 100 + defaultLimits.sliceRecovered;

async function setUp() {
  const clock = createManualClock();
  const limits = defaultLimits;
  const memory = createMemoryEngine({
    limits,
    now: () => clock.now(),
    createEpoch: () => 'e',
    onListenerError: () => undefined,
  });
  let reads = 0;
  const known = new Map<PublishedMessage, PublishedMessage>();
  function counted(message: PublishedMessage): PublishedMessage {
    const made = known.get(message) ?? {
      ...message,
      get body() {
        reads += 1;
        return message.body;
      },
    };
    known.set(message, made);
    return made;
  }
  for (const channel of channels) {
    for (let index = 0; index < messages; index += 1) {
      await memory.publish(channel, JSON.stringify({ type: 'whale_movement', data: { usdValue: index } }));
    }
  }
  const engine: typeof memory = {
    ...memory,
    async history(channel, request) {
      const log = await memory.history(channel, request);
      return { ...log, messages: log.messages.map(counted) };
    },
  };
  const due: (() => void)[] = [];
  const nextTurn = (callback: () => void) => (due.push(callback), () => undefined);
  const counters = createCounters();
  const audience = new Audience(engine);
  const digest = new MetalsDigest();
  const delivery = new Delivery({ audience, digest, clock, limits, counters, nextTurn });
  const catalog = createCatalog();
  const membership = new Membership({ engine, catalog, audience, delivery, digest, clock, limits, nextTurn });
  const shared = {
    limits,
    counters,
    now: () => clock.now(),
    random: () => 0.5,
    onTaskError: () => undefined,
    slowFrame: () => '',
  };

  const connect = (address: string) => {
    const sent: string[] = [];
    const socket = {
      readyState: 1,
      bufferedAmount: 0,
      send: (data: string | Buffer) => void sent.push(data.toString()),
      ping: () => undefined,
      close: () => undefined,
      terminate: () => (socket.readyState = 3),
    };
    const connection = new Connection({ id: address, socket, shared, address });
    connection.dialect = 'tickwire';
    const ask = (wishes: readonly Wish[]) =>
      connection.enqueue(() => membership.join(connection, wishes, () => ['{"type":"ack"}']));
    return { connection, sent, ask, acks: () => sent.filter((frame) => frame === '{"type":"ack"}').length };
  };
  /** Runs what is due, and says how many bodies were read in it. */
  const turn = async () => {
    const from = reads;
    for (const callback of due.splice(0)) callback();
    await new Promise((resolve) => setImmediate(resolve));
    return reads - from;
  };
  return { connect, turn, due, membership };
}

const filter = Array.from({ length: 8 }, (_, place) => ({
  key: 'usdValue' as const,
  cmp: 'nin' as const,
  vals: Array.from({ length: 100 }, (_item, index) => -1 - place * 100 - index),
}));
const wishes = channels.map((channel) => ({ channel, since: { epoch: 'e', seq: 0 }, filter }));

describe('F55: recoveries of ill will', () => {
  it('look at a bounded number of messages in a turn, however many connections ask for how much', async () => {
    const { connect, turn, due } = await setUp();
    const attackers = Array.from({ length: 10 }, () => connect('10.0.0.1'));
    for (const { ask } of attackers) for (let index = 0; index < 4; index += 1) ask(wishes);
    let most = 0;
    let turns = 0;
    do {
      // A body is read for its size, for its values, and for its frame.
      most = Math.max(most, (await turn()) / 3);
      turns += 1;
    } while (due.length > 0 && turns < 5_000);
    expect(attackers.map(({ acks }) => acks())).toEqual(attackers.map(() => 4));
    expect(most).toBeLessThanOrEqual(inTurn);
    expect(turns).toBeGreaterThan((10 * 4 * channels.length * messages) / inTurn);
  });

  it('hold up nobody else: who comes from another address is answered in the next turns', async () => {
    const { connect, turn } = await setUp();
    const attackers = Array.from({ length: 10 }, () => connect('10.0.0.1'));
    for (const { ask } of attackers) for (let index = 0; index < 36; index += 1) ask(wishes);
    await turn();
    const neighbour = connect('10.0.0.2');
    neighbour.ask([{ channel: 'coin:bitcoin' }]);
    for (let index = 0; index < 6; index += 1) await turn();
    expect(neighbour.acks()).toBe(1);
  });

  it('end with their connection', async () => {
    const { connect, turn, due, membership } = await setUp();
    const attacker = connect('10.0.0.1');
    for (let index = 0; index < 36; index += 1) attacker.ask(wishes);
    await turn();
    attacker.connection.terminate();
    membership.leaveAll(attacker.connection);
    let turns = 0;
    while (due.length > 0 && turns < 100) {
      await turn();
      turns += 1;
    }
    expect(turns).toBeLessThan(10);
    expect(membership.turns.waiting).toBe(0);
  });
});
