import { hello, metalPrices, settle } from '@tickwire/testing';
import { describe, expect, it } from 'vitest';
import { auto } from '../../src/dialects/auto.js';
import { coins } from '../../src/dialects/coins.js';
import { metals } from '../../src/dialects/metals.js';
import { tickwire } from '../../src/dialects/tickwire/tickwire.js';
import { DialectBench } from './dialect-bench.js';
import { spoken } from './spoken.js';

const any = (): DialectBench => new DialectBench(auto([metals(), coins(), tickwire()]));
/** The same with what `PriceWebSocketClient` puts around it. */
const client = (dialect: 'auto' | 'coins' | 'metals' | 'tickwire' = 'auto'): DialectBench =>
  new DialectBench(spoken(dialect).dialect);
const speaks = ({ link }: DialectBench): unknown => (link?.up === true ? link.dialect.name : undefined);
const asked = (bench: DialectBench): unknown[] =>
  bench.sent.filter((frame) => (frame as { type?: unknown }).type === 'subscribe');
const coin = { type: 'subscribe', data: { coinId: 'a' } };

describe('a first frame', () => {
  it.each<[unknown, string | undefined]>([
    [hello(), 'tickwire'],
    [metalPrices({ gold: 1 }), 'metals'],
    [{ type: 'priceUpdate' }, 'metals'],
    [{ type: 'price_update', data: {} }, 'coins'],
    [{ type: 'welcome' }, 'coins'],
    [{ type: 'subscribed' }, 'coins'],
    [{ type: 'alert_triggered' }, 'coins'],
    [{ type: 'whale_movement' }, 'coins'],
    [{ type: 'social_spike' }, 'coins'],
    [{ type: 'pong' }, undefined],
    [{ type: 'error' }, undefined],
    [{ type: 'anything' }, undefined],
    [{ type: '__proto__' }, undefined],
    [{ type: 'constructor' }, undefined],
    ['hello', undefined],
    [['hello'], undefined],
    [null, undefined],
  ])('%j proves %s', (message, dialect) => {
    const bench = any().open();
    bench.receive(message);
    expect(speaks(bench)).toBe(dialect);
    if (dialect === undefined) expect(bench.told).toEqual([`unknown ${JSON.stringify(message)}`]);
  });

  it.each(['pong', 'error'])('a bare %s leaves the negotiation open', async (type) => {
    const bench = client().subscribe(1, ['metal:gold']).open();
    bench.receive({ type });
    expect(speaks(bench)).toBeUndefined();
    await bench.pass(1_500);
    expect(speaks(bench)).toBe('metals');
  });

  it('that is a greeting in name only decides nothing', () => {
    const bench = any().open();
    expect(bench.receive({ type: 'hello', data: { protocol: 'x' } })).toMatchObject({
      path: expect.any(String) as string,
    });
    expect(speaks(bench)).toBeUndefined();
    bench.receive(hello());
    expect(speaks(bench)).toBe('tickwire');
  });
});

describe('silence', () => {
  it.each([
    [['coin:a', 'metal:gold'], 'coins', [coin]],
    [['metal:gold', 'coin:a'], 'metals', [{ type: 'subscribe', metals: ['gold'] }]],
    [['coin:a'], 'coins', [coin]],
  ])('of 1.5 s is decided by the first of %j: %s', async (channels, dialect, frames) => {
    const bench = any().subscribe(1, channels).open();
    await bench.pass(1_499);
    expect([speaks(bench), bench.sent]).toEqual([undefined, []]);
    await bench.pass(1);
    expect([speaks(bench), bench.sent]).toEqual([dialect, frames]);
  });

  it('with whales is decided for coins, by the client', async () => {
    const bench = await client().subscribe(1, ['whales']).open().pass(1_500);
    expect(speaks(bench)).toBe('coins');
  });

  it('without channels is undecided until the first subscribe', async () => {
    const bench = await any().open().pass(1_500);
    expect([speaks(bench), bench.told]).toEqual(['undecided', ['silent']]);
    bench.subscribe(1, ['coin:a']);
    await settle();
    expect([speaks(bench), asked(bench)]).toEqual(['coins', [coin]]);
  });

  it('is as long as the option says', async () => {
    const bench = new DialectBench(auto([metals(), coins()], { negotiateMs: 300 })).subscribe(1, ['coin:a']).open();
    await bench.pass(300);
    expect(speaks(bench)).toBe('coins');
  });

  it('of a socket that is gone decides nothing for the next', async () => {
    const bench = any().subscribe(1, ['coin:a']).open();
    await bench.pass(1_000);
    bench.close();
    bench.open();
    await bench.pass(1_000);
    expect(speaks(bench)).toBeUndefined();
    expect(bench.clock.pending).toBe(1);
  });
});

describe('a dialect once told', () => {
  it('is remembered: a reconnect to an older server does not wait', () => {
    const bench = any().subscribe(1, ['coin:a']).open();
    bench.receive({ type: 'welcome' });
    bench.close();
    expect(asked(bench)).toEqual([coin]);
    bench.open();
    expect([speaks(bench), bench.sent]).toEqual(['coins', [coin]]);
  });

  it('tickwire waits for its greeting again', () => {
    const bench = any().subscribe(1, ['coin:a']).open();
    bench.receive(hello());
    bench.close();
    expect(bench.kinds).toEqual(['hello', 'subscribe']);
    bench.open();
    expect([speaks(bench), bench.sent]).toEqual([undefined, []]);
    bench.receive(hello());
    expect([speaks(bench), bench.kinds]).toEqual(['tickwire', ['hello', 'subscribe']]);
  });

  it('is checked again: an older server that has become a tickwire server is asked anew', () => {
    const bench = any().subscribe(1, ['coin:a']).open();
    bench.receive({ type: 'welcome' });
    bench.close();
    bench.open();
    expect(bench.kinds).toEqual(['subscribe', 'subscribe']);
    bench.receive(hello());
    expect(speaks(bench)).toBe('tickwire');
    expect(bench.sent).toMatchObject([
      { type: 'hello' },
      { type: 'subscribe', data: { channels: [{ channel: 'coin:a' }] } },
    ]);
  });

  it('is corrected by a first frame that comes after the silence', async () => {
    const bench = await any().subscribe(1, ['coin:a', 'metal:gold']).open().pass(1_500);
    expect([speaks(bench), asked(bench)]).toEqual(['coins', [coin]]);
    bench.receive({ type: 'priceUpdate', data: {} });
    expect([speaks(bench), bench.sent]).toEqual(['metals', [{ type: 'subscribe', metals: ['gold'] }]]);
  });

  it('is not changed by later frames', () => {
    const bench = any().open();
    bench.receive({ type: 'welcome' });
    bench.receive({ type: 'priceUpdate', data: {} });
    expect(speaks(bench)).toBe('coins');
  });
});

describe('a dialect that the user asks for', () => {
  it.each(['coins', 'metals'] as const)('%s is spoken at once, whatever the server sends', (dialect) => {
    const bench = client(dialect).open();
    expect(speaks(bench)).toBe(dialect);
    bench.receive(hello());
    expect([speaks(bench), bench.kinds]).toEqual([dialect, []]);
  });

  it('tickwire waits for the greeting, nothing else will do', () => {
    const bench = client('tickwire').open();
    bench.receive({ type: 'priceUpdate', data: {} });
    expect([speaks(bench), bench.sent]).toEqual([undefined, []]);
    bench.receive(hello());
    expect([speaks(bench), bench.kinds]).toEqual(['tickwire', ['hello']]);
  });

  it('is not that of the server: says so once, and what it is', () => {
    const bench = client('tickwire').open();
    for (let frame = 0; frame < 3; frame += 1) bench.receive({ type: 'priceUpdate', data: {} });
    expect(bench.errors).toMatchObject([
      { code: 'BAD_MESSAGE', message: expect.stringMatching(/speaks metals/) as string },
    ]);
    bench.close();
    bench.open().receive({ type: 'priceUpdate', data: {} });
    expect(bench.errors).toHaveLength(1);
  });
});
