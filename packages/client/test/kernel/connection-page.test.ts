import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { auto, coins, metals, tickwire } from '@tickwire/client/dialects';
import { coinPrice, coinsAck, hello, metalPrices, subscribeAck } from '@tickwire/testing';
import { describe, expect, it } from 'vitest';
import { PriceStreamError } from '../../src/kernel/errors.js';
import { lifeIn, type LifeBench, type Status } from './life-bench.js';
import { Story, tableOf, type Line } from './story.js';
import { mine } from './stream-bench.js';

const page = path.resolve(import.meta.dirname, '../../../../docs/connection.md');
const again = 'TICKWIRE_PRINT=1 pnpm test packages/client/test/kernel/connection-page.test.ts';

const statuses: readonly Status[] = ['idle', 'connecting', 'connected', 'reconnecting', 'paused', 'closed', 'failed'];
const dead = new PriceStreamError('HEARTBEAT_TIMEOUT', 'The other side stopped answering.', { retryable: true });
const events: readonly (readonly [what: string, where: readonly Status[], happen: (bench: LifeBench) => unknown])[] = [
  ['connect()', statuses, (bench) => bench.connect()],
  ['close()', statuses, (bench) => bench.on((life) => life.close())],
  ['the server greets, or need not', ['connecting'], (bench) => bench.greeted()],
  ['no greeting for 10 s', ['connecting'], (bench) => bench.fire('connect')],
  ['closed(1006)', ['connecting', 'connected'], (bench) => bench.closed(1006)],
  ['closed(1013)', ['connected'], (bench) => bench.closed(1013)],
  ['closed(1000)', ['connected'], (bench) => bench.closed(1000)],
  [
    'closed for good, as the dialect says',
    ['connected'],
    (bench) => bench.closed(4999, { verdict: { action: 'fail', meaning: 'forbidden', code: 'FORBIDDEN' } }),
  ],
  [
    'no answer to a ping',
    ['connected'],
    (bench) => bench.on((life) => life.lost(dead, {}, false, 'heartbeat_timeout')),
  ],
  ['10 s after the greeting', ['connected'], (bench) => bench.fire('stable')],
  ['the server goes away in 1 s', ['connected'], (bench) => bench.on((life) => life.moving(1_000, 10_000))],
  ['its time to wait is over', ['reconnecting', 'paused'], (bench) => bench.fire('reconnect')],
  ['the machine goes offline', statuses, (bench) => bench.surroundings(false, true)],
  ['the page is hidden', statuses, (bench) => bench.surroundings(bench.life.online, false)],
  ['online, visible or awake again', statuses, (bench) => bench.surroundings(true, true, true)],
];

/** What follows when something happens to a life in a state. */
function following(status: Status, happen: (bench: LifeBench) => unknown): string {
  const bench = lifeIn(status);
  const { state, attempt } = bench.life;
  happen(bench);
  const startsOver = attempt > 0 && bench.life.attempt === 0 ? ['the attempts start over'] : [];
  const becomes = bench.life.state === state ? [] : [`→ ${bench.is}`];
  return [...bench.asked, ...startsOver, ...becomes].join(' · ');
}

/** The life alone, asked as a table; states that answer alike share a line. */
function life(): string {
  const lines = events.flatMap(([what, where, happen]): Line[] => {
    const byAnswer = new Map<string, Status[]>();
    for (const status of where) {
      const follows = following(status, happen);
      byAnswer.set(follows, [...(byAnswer.get(follows) ?? []), status]);
    }
    return [...byAnswer].map(([follows, alike]) => [`${alike.join(', ')} × ${what}`, follows]);
  });
  return tableOf(lines);
}

async function told(story: Story): Promise<string> {
  // Nothing of what is told is of the end of the test.
  await Promise.resolve();
  return tableOf(story.lines);
}

async function prices(): Promise<string> {
  const story = new Story(metals(), { lingerMs: 1_000 });
  await story.subscribes('metal:gold');
  await story.opens();
  await story.frame('priceUpdate, gold at 5420.5', metalPrices({ gold: 5_420.5 }));
  await story.subscribes('metal:silver', 'metal:gold');
  await story.frame('priceUpdate, silver at 58.25', metalPrices({ silver: 58.25 }));
  await story.frame('priceUpdate, gold at "much"', metalPrices({ gold: { price: 'much' }, silver: 58.5 }));
  await story.frame('that is no JSON', '{');
  await story.passes(15_000, ' without a frame');
  await story.passes(40);
  await story.frame('pong', { type: 'pong' });
  return told(story);
}

async function losses(): Promise<string> {
  const story = new Story(metals());
  await story.subscribes('metal:gold');
  await story.opens();
  await story.frame('priceUpdate, gold at 5420.5', metalPrices({ gold: 5_420.5 }));
  await story.passes(15_000, ' without a frame');
  await story.passes(5_000, ' without an answer');
  await story.passes(625);
  await story.opens();
  await story.closes(1008, 'Rate limit exceeded');
  await story.passes(60_875);
  await story.closes(1006);
  await story.passes(2_125);
  await story.passes(10_000, ' without an opening');
  await story.passes(4_125);
  await story.opens();
  await story.frame('priceUpdate, gold at 5421', metalPrices({ gold: 5_421 }));
  await story.passes(10_000);
  await story.closes(1006);
  await story.when('close()', ({ client }) => void client.close());
  await story.when('connect()', ({ client }) => void client.connect().catch(() => undefined));
  return told(story);
}

async function surroundings(): Promise<string> {
  const story = new Story(metals());
  await story.subscribes('metal:gold');
  await story.opens();
  await story.when('the machine goes offline', ({ environment }) => environment.change({ online: false }));
  await story.closes(1006);
  await story.passes(45_000);
  await story.closes(1006);
  await story.when('the machine is online', ({ environment }) => environment.change({ online: true }));
  await story.passes(1_000);
  await story.opens();
  await story.when('the page is hidden', ({ environment }) => environment.change({ visible: false }));
  await story.closes(1006);
  await story.passes(3_600_000);
  await story.when('the page is visible', ({ environment }) => environment.change({ visible: true }));
  await story.opens();
  await story.passes(5_000);
  await story.when('the machine wakes up', ({ environment }) => environment.resume());
  await story.passes(3_000, ' without an answer');
  return told(story);
}

async function negotiation(): Promise<string> {
  const any = (): Story => new Story(auto([metals(), coins(), tickwire()]));
  const silent = any();
  await silent.subscribes('coin:bitcoin');
  await silent.opens();
  await silent.passes(1_500, ' of silence');
  await silent.frame('price_update, bitcoin at 67000', coinPrice('bitcoin', 67_000));
  await silent.frame('price_update, an ack', coinsAck('subscribe', 'bitcoin'));
  const spoken = any();
  await spoken.when('connect()', ({ client }) => void client.connect());
  await spoken.opens();
  await spoken.passes(1_500, ' of silence');
  await spoken.subscribes('metal:gold');
  await spoken.frame('priceUpdate, gold at 5420.5', metalPrices({ gold: 5_420.5 }));
  return `${await told(silent)}\n\n${await told(spoken)}`;
}

async function contract(): Promise<string> {
  const story = new Story(tickwire());
  const { bench } = story;
  await story.subscribes('coin:bitcoin', 'coin:nope');
  await story.opens();
  await story.frame('hello', hello());
  await story.frame(
    'ack of r1, coin:nope is rejected',
    subscribeAck('r1', ['coin:bitcoin'], [{ channel: 'coin:nope', code: 'UNKNOWN_CHANNEL' }]),
  );
  await story.frame(
    'price_update 2, bitcoin at 67000',
    coinPrice('bitcoin', 67_000, { sub: 'coin:bitcoin', seq: 2, epoch: 'e1' }),
  );
  await story.frame('price_update 2 again', coinPrice('bitcoin', 67_000, { sub: 'coin:bitcoin', seq: 2, epoch: 'e1' }));
  await story.frame('going_away, in 1000 ms, for 5000 ms', {
    type: 'going_away',
    data: { reconnectAfterMs: 1_000, deadlineMs: 5_000 },
  });
  await story.passes(1_100);
  const [old] = bench.sockets.all;
  await story.when('the old socket: price_update 3, bitcoin at 67001', () =>
    old?.receive(coinPrice('bitcoin', 67_001, { sub: 'coin:bitcoin', seq: 3, epoch: 'e1' })),
  );
  await story.opens();
  await story.frame('hello', hello());
  await story.frame('ack of r2, coin:nope is rejected', {
    ...subscribeAck('r2', []),
    data: {
      subscribed: [{ channel: 'coin:bitcoin', kind: 'state', epoch: 'e1', seq: 3, recovered: true }],
      rejected: [{ channel: 'coin:nope', code: 'UNKNOWN_CHANNEL' }],
    },
  });
  await story.closes(4403);
  return told(story);
}

async function slips(): Promise<string> {
  const story = new Story(
    mine({
      read(message, link) {
        const { gold } = message as { gold: { bid: number } };
        link.price({ channel: 'gold', id: 'gold', price: gold.bid, timestamp: undefined }, message);
      },
    }),
  );
  await story.subscribes('gold');
  await story.opens();
  await story.frame('{"gold":{"bid":5420.5}}', { gold: { bid: 5_420.5 } });
  await story.frame('{"gold":{"bid":"5420.5"}}', { gold: { bid: '5420.5' } });
  await story.frame('{"silver":{"bid":58.25}}', { silver: { bid: 58.25 } });
  await story.frame('{"silver":{"bid":58.5}}', { silver: { bid: 58.5 } });
  return told(story);
}

const sections: Readonly<Record<string, () => string | Promise<string>>> = {
  ...{ life, prices, losses, surroundings, negotiation, contract, slips },
};

describe('docs/connection.md', () => {
  it('prints what a connection does, as it does it', async () => {
    const text = readFileSync(page, 'utf8');
    let printed = text;
    for (const [name, print] of Object.entries(sections)) {
      const [begin, end] = [`<!-- printed: ${name} -->`, '<!-- until here -->'];
      const from = printed.indexOf(begin);
      const to = printed.indexOf(end, from);
      expect([name, from >= 0 && to >= 0]).toEqual([name, true]);
      const block = `${begin}\n\`\`\`text\n${await print()}\n\`\`\`\n`;
      printed = printed.slice(0, from) + block + printed.slice(to);
    }
    if (process.env['TICKWIRE_PRINT'] !== undefined) writeFileSync(page, printed);
    else expect(text, `The page is not what a connection does. If that is right: ${again}`).toBe(printed);
  });

  it('has a place for each table, and no other', () => {
    const names = [...readFileSync(page, 'utf8').matchAll(/<!-- printed: (\w+) -->/g)].map(([, name]) => name);
    expect(names).toEqual(Object.keys(sections));
  });
});
