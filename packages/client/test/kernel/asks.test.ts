import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '@tickwire/testing';
import { Asks } from '../../src/kernel/asks.js';
import { Channels, type Holder } from '../../src/kernel/channels.js';
import type { Ask, Dialect } from '../../src/kernel/dialect.js';
import { PriceStreamError } from '../../src/kernel/errors.js';

const nothing = (): void => undefined;
const refusal = new PriceStreamError('UNKNOWN_CHANNEL', 'There is no such channel.');

/** A dialect of which only what the asks look at matters: a channel of `x:y` is asked for as `x`. */
const dialect: Dialect = {
  name: 'test',
  carry: (channel) => {
    if (channel === 'none') return undefined;
    return channel === 'itself' ? true : (channel.split(':')[0] ?? channel);
  },
  read: nothing,
};
/** What is wanted of a key besides that it is wanted. */
const interval = new Map<string, number>();
const signatureOf = (key: string): string => `${key} ${interval.get(key) ?? ''}`;

class Bench {
  readonly clock = new FakeClock();
  readonly channels: Channels;
  readonly asks: Asks;
  now = 0;
  #requests = 0;
  readonly #holders = new Map<number, Holder>();

  constructor(lingerMs = 0) {
    this.channels = new Channels(this.clock, lingerMs, (released) => this.asks.release(released));
    this.asks = new Asks(this.channels, (channel) => dialect.carry(channel));
  }

  subscribe(holder: number, ...channels: string[]): this {
    const held = { channels, options: {}, accept: nothing, handDue: () => Infinity, drop: nothing, over: nothing };
    this.#holders.set(holder, held);
    this.channels.hold(held);
    this.asks.want(channels);
    return this;
  }

  unsubscribe(holder: number): this {
    const held = this.#holders.get(holder);
    if (held !== undefined) this.channels.letGo(held, true);
    return this;
  }

  get owed(): string[] {
    return [...this.asks.work(signatureOf).owed];
  }

  get gone(): string[] {
    return [...this.asks.work(signatureOf).gone];
  }

  /** A frame goes out. @returns the number of its request */
  send(ask: Omit<Ask, 'frame'>): string {
    this.#requests += 1;
    const id = `r${this.#requests}`;
    expect(this.asks.isNews({ frame: {}, ...ask })).toBe(true);
    this.asks.sent({ frame: {}, ...ask }, id, this.now + 5_000, signatureOf);
    return id;
  }

  /** Everything that is owed goes out in one frame. */
  sendAll(): string {
    return this.send({ asked: this.owed });
  }

  statuses(...keys: string[]): (string | undefined)[] {
    return keys.map((key) => this.asks.get(key)?.status);
  }

  /** The channels whose standing has changed since this was asked last. */
  get changed(): string[] {
    const changed = [...(this.channels.changed ?? [])];
    this.channels.changed = new Set();
    return changed;
  }
}

beforeEach(() => interval.clear());

describe('what a server is asked for', () => {
  it('is each key once, whoever wants a channel of it, in the order of the wishes', () => {
    const bench = new Bench().subscribe(1, 'b:1', 'a').subscribe(2, 'b:2', 'b:1', 'c');
    expect(bench.owed).toEqual(['b', 'a', 'c']);
    expect([...bench.asks.channels('b')]).toEqual(['b:1', 'b:2']);
  });

  it('is nothing for what comes by itself or cannot come', () => {
    expect(new Bench().subscribe(1, 'itself', 'none').owed).toEqual([]);
  });

  it('is owed until a frame says it, and no longer', () => {
    const bench = new Bench().subscribe(1, 'a', 'b');
    bench.send({ asked: ['a'] });
    expect([bench.owed, bench.statuses('a', 'b')]).toEqual([['b'], ['asked', undefined]]);
    bench.sendAll();
    expect([bench.owed, bench.gone]).toEqual([[], []]);
  });

  it('is let go once nobody wants it, where it had been asked for', () => {
    const bench = new Bench().subscribe(1, 'a').subscribe(2, 'b').subscribe(3, 'c');
    bench.send({ asked: ['a', 'b'] });
    bench.unsubscribe(1).unsubscribe(3);
    expect([bench.owed, bench.gone]).toEqual([[], ['a']]);
    bench.send({ gone: ['a'] });
    expect([bench.gone, bench.statuses('a')]).toEqual([[], [undefined]]);
  });

  it('stays while another channel of its key is wanted, and is looked at anew', () => {
    const bench = new Bench().subscribe(1, 'b:1').subscribe(2, 'b:2');
    bench.sendAll();
    interval.set('b', 1);
    bench.unsubscribe(1);
    expect([bench.owed, bench.gone, [...bench.asks.channels('b')]]).toEqual([['b'], [], ['b:2']]);
  });

  it('costs no frame that is let go and wanted again', () => {
    const bench = new Bench().subscribe(1, 'a');
    bench.sendAll();
    for (let toggle = 0; toggle < 1_000; toggle += 1) bench.unsubscribe(1).subscribe(1, 'a');
    expect([bench.owed, bench.gone]).toEqual([[], []]);
  });

  it('is asked for again when what all want together changes, not when it is as it was', () => {
    const bench = new Bench().subscribe(1, 'a');
    bench.sendAll();
    bench.asks.look(['a']);
    expect(bench.owed).toEqual([]);
    interval.set('a', 250);
    bench.asks.look(['a']);
    expect(bench.owed).toEqual(['a']);
    bench.sendAll();
    expect(bench.owed).toEqual([]);
  });

  it('is good enough for a channel that lingers, as it was asked for last', () => {
    const bench = new Bench(1_000).subscribe(1, 'a').subscribe(2, 'a');
    bench.sendAll();
    interval.set('a', 250);
    bench.unsubscribe(1).asks.look(['a']);
    expect(bench.owed).toEqual(['a']);
    bench.unsubscribe(2).asks.look(['a']);
    expect([bench.owed, bench.gone]).toEqual([[], []]);
  });

  it('may be what nobody wants, where the dialect says that it is its own wish', () => {
    const bench = new Bench();
    expect(bench.asks.isKnown('global')).toBe(false);
    expect(bench.asks.isNews({ frame: {}, asked: ['global'] })).toBe(false);
    bench.send({ asked: ['global'], own: true });
    expect([bench.asks.isKnown('global'), bench.owed]).toEqual([true, []]);
  });

  it('is news where it is owed, or let go: a frame that says the same again is none', () => {
    const bench = new Bench().subscribe(1, 'a', 'b');
    bench.send({ asked: ['a'] });
    const isNews = (ask: Partial<Ask>): boolean => bench.asks.isNews({ frame: {}, ...ask });
    expect([isNews({ asked: ['a'] }), isNews({ asked: ['b'] }), isNews({ asked: ['a', 'b'] })]).toEqual([
      ...[false, true, true],
    ]);
    // What is wanted and stands is not let go; what is owed anew may be, to be asked for again.
    expect(isNews({ gone: ['a'] })).toBe(false);
    interval.set('a', 250);
    bench.asks.look(['a']);
    expect([isNews({ gone: ['a'] }), isNews({ gone: ['nope'] })]).toEqual([true, false]);
    bench.send({ gone: ['a'] });
    expect([bench.owed, isNews({ gone: ['a'] })]).toEqual([['b', 'a'], false]);
  });

  it('is asked for anew on demand, unless that is under way', () => {
    const bench = new Bench().subscribe(1, 'a', 'b');
    const id = bench.sendAll();
    expect(bench.asks.renew('a')).toBe(false);
    bench.asks.confirmed('a', id);
    expect([bench.asks.renew('a'), bench.owed]).toEqual([true, ['a']]);
    bench.asks.refused(['b'], id, refusal, 1_000);
    expect([bench.asks.renew('b'), bench.asks.renew('nope')]).toEqual([false, false]);
  });
});

describe('an answer', () => {
  it('settles by request: subscribe, unsubscribe, subscribe before the first ack', () => {
    const bench = new Bench().subscribe(1, 'a');
    const first = bench.sendAll();
    bench.unsubscribe(1);
    bench.send({ gone: bench.gone });
    const second = bench.subscribe(2, 'a').sendAll();
    expect([bench.asks.confirmed('a', first), ...bench.statuses('a')]).toEqual([false, 'asked']);
    bench.asks.refused(['a'], first, refusal, undefined);
    expect(bench.statuses('a')).toEqual(['asked']);
    expect([bench.asks.confirmed('a', second), ...bench.statuses('a')]).toEqual([true, 'confirmed']);
  });

  it('says nothing of what nobody asked for, nor twice', () => {
    const bench = new Bench().subscribe(1, 'a');
    const id = bench.sendAll();
    expect(bench.asks.confirmed('nope', id)).toBe(false);
    expect([bench.asks.confirmed('a', id), bench.asks.confirmed('a', id)]).toEqual([true, false]);
    expect([bench.asks.answered(id)?.keys, bench.asks.answered(id)]).toEqual([['a'], undefined]);
  });

  it('without an id is of what was asked for last', () => {
    const bench = new Bench().subscribe(1, 'a');
    bench.sendAll();
    expect([bench.asks.confirmed('a', undefined), ...bench.statuses('a')]).toEqual([true, 'confirmed']);
  });

  it('tells whose standing has changed: every channel of the key', () => {
    const bench = new Bench().subscribe(1, 'b:1', 'b:2', 'a');
    const id = bench.sendAll();
    expect(bench.changed).toEqual([]);
    bench.asks.confirmed('b', id);
    expect(bench.changed).toEqual(['b:1', 'b:2']);
    bench.asks.refused(['a'], id, refusal, undefined);
    expect(bench.changed).toEqual(['a']);
  });

  it('that refuses for good holds until somebody wants the channel anew, or it is forgiven', () => {
    const bench = new Bench().subscribe(1, 'a', 'b');
    const id = bench.sendAll();
    bench.asks.refused(['a', 'b'], id, refusal, undefined);
    expect([bench.statuses('a'), bench.asks.get('a')?.error, bench.owed]).toEqual([['refused'], refusal, []]);
    bench.subscribe(2, 'a');
    expect(bench.owed).toEqual(['a']);
    bench.asks.forgive('b');
    expect(bench.owed).toEqual(['a', 'b']);
    // What nobody wants any more needs no frame.
    const other = new Bench().subscribe(1, 'c');
    other.asks.refused(['c'], other.sendAll(), refusal, undefined);
    other.unsubscribe(1);
    expect([other.owed, other.gone]).toEqual([[], []]);
  });

  it('that refuses for a while is asked for again when the while is over', () => {
    const bench = new Bench().subscribe(1, 'a').subscribe(2, 'b');
    const id = bench.sendAll();
    bench.asks.answered(id);
    bench.asks.refused(['a', 'b'], id, refusal, 4_200);
    expect([bench.statuses('a'), bench.owed, bench.asks.dueAt]).toEqual([['deferred'], [], 4_200]);
    bench.asks.expire(4_199);
    expect(bench.owed).toEqual([]);
    bench.unsubscribe(2);
    bench.asks.expire(4_200);
    expect([bench.owed, bench.asks.dueAt]).toEqual([['a'], Infinity]);
  });

  it('that does not come in time leaves what was asked for unconfirmed', () => {
    const bench = new Bench().subscribe(1, 'a', 'b');
    const id = bench.sendAll();
    bench.asks.confirmed('b', id);
    expect([bench.asks.dueAt, bench.asks.expire(4_999)]).toEqual([5_000, []]);
    expect(bench.asks.expire(5_000)).toEqual(['a', 'b']);
    expect([bench.statuses('a', 'b'), bench.changed]).toEqual([
      ['unconfirmed', 'confirmed'],
      ['b', 'a'],
    ]);
    expect([[...bench.asks.unanswered], bench.asks.dueAt]).toEqual([[], Infinity]);
    // A late one is news all the same.
    expect(bench.asks.confirmed('a', id)).toBe(true);
  });

  it('to what was let go need not come', () => {
    const bench = new Bench().subscribe(1, 'a');
    bench.asks.answered(bench.sendAll());
    bench.unsubscribe(1).send({ gone: ['a'] });
    expect(bench.asks.expire(5_000)).toEqual([]);
    expect(bench.asks.dueAt).toBe(Infinity);
  });
});
