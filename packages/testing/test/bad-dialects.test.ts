/** Each check is failed by a dialect that is good but for one thing. */
import type { Ask, Dialect, DialectSource, Work } from '@tickwire/client/core';
import { describe, expect, it } from 'vitest';
import { checkDialect, type CheckOptions } from '@tickwire/testing';

const frames = ['{"s":"BTC","p":50000}', '{"s":"ETH","p":2000}', '{"news":1}'];
const prefix = 'coin:';

function carry(channel: string): string | undefined {
  return channel.startsWith(prefix) ? channel.slice(prefix.length).toUpperCase() : undefined;
}

function ask({ gone, owed }: Work): Ask | undefined {
  const left = [...gone];
  if (left.length > 0) return { frame: { off: left }, gone: left };
  const asked = [...owed];
  return asked.length > 0 ? { frame: { on: asked }, asked } : undefined;
}

/** Does all that it has to. */
const good: Dialect = {
  name: 'good',
  carry,
  ask,
  pace: { count: 5, windowMs: 1_000 },
  read(message, link) {
    const { s, p } = (message ?? {}) as { readonly s?: unknown; readonly p?: unknown };
    if (s === undefined) return link.unknown(message);
    if (typeof s !== 'string' || typeof p !== 'number' || !Number.isFinite(p)) return;
    link.price({ channel: prefix + s.toLowerCase(), id: s.toLowerCase(), price: p, timestamp: undefined }, message);
  },
};

const options: CheckOptions = { channels: ['coin:btc', 'coin:eth', 'coin:sol'], frames, mutants: 100 };

function onlyOnce(): Dialect {
  const seen = new Set<string>();
  const news = (keys: Iterable<string>): string[] => [...keys].filter((key) => !seen.has(key));
  return {
    ...good,
    ask(work) {
      const asked = ask({ gone: work.gone, owed: news(work.owed) });
      for (const key of asked?.asked ?? []) seen.add(key);
      for (const key of asked?.gone ?? []) seen.delete(key);
      return asked;
    },
  };
}

/** Numbers its frames over all streams: a plain object remembers. */
function counting(): Dialect {
  let count = 0;
  return {
    ...good,
    ask(work) {
      const next = ask(work);
      count += 1;
      return next && { ...next, frame: { ...(next.frame as object), count } };
    },
  };
}

const asked = { ...good, ask: ({ owed }: Work) => ask({ gone: [], owed }) };

const bad: readonly [
  check: string,
  what: string,
  dialect: DialectSource,
  note: RegExp,
  more?: Partial<CheckOptions>,
][] = [
  ['reads the recorded frames', 'understands nothing', { ...good, read: (_, link) => link.unknown(_) }, /^0 prices/],
  [
    'reads the recorded frames',
    'takes a recorded frame for an invalid one',
    { ...good, read: (_, link) => (good.read(_, link), { path: 's', reason: 'expected less' }) },
    /3 invalid of 3 frames; .*expected less/,
  ],
  [
    'never throws',
    'believes that all is as it should be',
    { ...good, read: (message, link) => ((message as { s: string }).s.trim(), good.read(message, link)) },
    /DIALECT_FAILED: The dialect good failed in read\(\)/,
  ],
  [
    'never throws',
    'trips over a name',
    { ...good, carry: (channel) => (channel.startsWith(prefix) ? carry(channel) : (JSON.parse(channel) as undefined)) },
    /failed in carry\(\)/,
  ],
  [
    'never throws',
    'trips over a close',
    {
      ...good,
      closed(_code, reason) {
        JSON.parse(reason);
        return undefined;
      },
    },
    /failed in closed\(\)/,
  ],
  [
    'gives no price that is none',
    'takes whatever stands there for a price',
    {
      ...good,
      read(message, link) {
        const { s, p } = Object(message) as { s?: unknown; p?: unknown };
        if (typeof s !== 'string') return link.unknown(message);
        link.price({ channel: `coin:${s.toLowerCase()}`, id: s, price: Number(p), timestamp: undefined }, message);
      },
    },
    /price must be a finite number: .* at \{/,
  ],
  [
    'asks again after a reconnect',
    'asks for a key once for all time',
    onlyOnce,
    /After a reconnect: Never asked for: BTC/,
  ],
  [
    'asks again after a reconnect',
    'says that it asks for all and names one',
    {
      ...good,
      ask(work, _id, link) {
        const next = ask(work);
        if (next?.asked === undefined || link.id === 1) return next;
        return { ...next, frame: { on: next.asked.slice(0, 1) } };
      },
    },
    /no frame names eth, sol/,
  ],
  [
    'asks for many together',
    'writes a frame for each where one may hold all',
    {
      ...good,
      ask({ gone, owed }) {
        for (const key of gone) return { frame: { off: key }, gone: [key] };
        for (const key of owed) return { frame: { on: key }, asked: [key] };
        return undefined;
      },
    },
    /3 frames for 3 channels, at most 1/,
    { mostFrames: 1 },
  ],
  ['asks for many together', 'never asks', { ...good, ask: () => undefined }, /Never asked for: BTC, ETH, SOL/],
  [
    'keeps its pace',
    'drops its own budget',
    { ...good, opened: (link) => void (link.pace = undefined) },
    /frames more than/,
  ],
  [
    'keeps its pace',
    'says no pace to a server that has one',
    { ...good, pace: undefined } as unknown as Dialect,
    /frames more than/,
    { pace: { burst: 10, perMinute: 60 } },
  ],
  [
    'keeps its pace',
    'says more than the server takes',
    { ...good, pace: { count: 50, windowMs: 1_000 } },
    /frames more than/,
    { pace: { count: 10, windowMs: 1_000 } },
  ],
  ['lets go of what nobody wants', 'never lets go', asked, /Not let go: BTC, ETH, SOL/],
  [
    'lets go of what nobody wants',
    'does not ask again for what it has let go',
    () => {
      const left = new Set<string>();
      return {
        ...good,
        ask({ gone, owed }) {
          const next = ask({ gone, owed: [...owed].filter((key) => !left.has(key)) });
          for (const key of next?.gone ?? []) left.add(key);
          return next;
        },
      };
    },
    /Never asked for/,
  ],
  [
    'refuses what it cannot carry',
    'carries anything',
    { ...good, carry: (channel) => carry(channel) ?? channel },
    /ready\(\) of 'nobody has this one' is unconfirmed/,
  ],
  [
    'refuses what it cannot carry',
    'does not hear a refusal',
    good,
    /ready\(\) of 'coin:nope' is unconfirmed/,
    { refuses: ['coin:nope'] },
  ],
  ['resumes, or says that it does not', 'does not resume where it has to', good, /does not resume/, { resumes: true }],
  [
    'resumes, or says that it does not',
    'asks otherwise where it has nothing to resume',
    counting(),
    /It resumes, or asks otherwise/,
    { resumes: false },
  ],
  [
    'keeps streams apart',
    'remembers in a plain object',
    counting(),
    /A second stream says something else: \{"on":.*Give a function/,
  ],
];

describe('a check of a dialect', () => {
  it('finds nothing wrong with a good one', async () => {
    const checks = await checkDialect(good, { ...options, mostFrames: 1, resumes: false });
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  it.each(bad)('%s: is failed by one that %s', async (name, _what, dialect, note, more = {}) => {
    const checks = await checkDialect(dialect, { ...options, ...more });
    const found = checks.find(({ check }) => check === name);
    expect(found?.ok).toBe(false);
    expect(found?.note).toMatch(note);
  });

  it('all can fail', async () => {
    const names = (await checkDialect(good, options)).map(({ check }) => check);
    expect([...new Set(bad.map(([check]) => check))]).toEqual(names);
  });

  it.each([
    ['before all else', 'urgent', /DIALECT_FAILED: The dialect good failed in urgent\(\)/],
    ['after all else', 'owed', /^It writes frames for ever/],
  ] as const)('ends for a dialect that writes for ever, %s', async (_when, hook, note) => {
    const { pace: _pace, ...hasty } = good;
    const checks = await checkDialect({ ...hasty, [hook]: () => ({ again: true }) }, options);
    const found = checks.find(({ check }) => check === 'asks for many together');
    expect(found?.ok).toBe(false);
    expect(found?.note).toMatch(note);
  });

  it('says that no connection comes up, where the greeting is missing', async () => {
    const checks = await checkDialect({ ...good, greets: 'hello' }, options);
    expect(checks.find(({ check }) => check === 'keeps its pace')?.note).toMatch(/does not come up/);
  });

  it('gives what the answers throw as the note of a check that fails', async () => {
    const answers = (): never => {
      throw new Error('no such product');
    };
    const checks = await checkDialect(good, { ...options, answers });
    expect(checks.find(({ check }) => check === 'asks for many together')).toMatchObject({
      ok: false,
      note: 'no such product',
    });
  });

  it('makes up the same frames at each run, and others by another chance', async () => {
    const seen: string[][] = [];
    for (const random of [undefined, undefined, () => 0.5]) {
      const heard: string[] = [];
      seen.push(heard);
      const listening: Dialect = { ...good, read: (message) => void heard.push(JSON.stringify(message)) };
      await checkDialect(listening, { ...options, random });
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).not.toEqual(seen[2]);
  });

  it.each([
    [{ channels: [], frames }, /channels/],
    [{ channels: ['a'], frames: [] }, /frames/],
    [{ channels: ['a'], frames, mutants: -1 }, /mutants/],
  ])('refuses options with which nothing can be checked: %j', async (wrong, words) => {
    await expect(checkDialect(good, wrong)).rejects.toThrow(words);
  });
});
