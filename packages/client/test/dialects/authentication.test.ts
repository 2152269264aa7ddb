import { hello, settle } from '@tickwire/testing';
import { describe, expect, it } from 'vitest';
import type { TokenProvider, TokenReason } from '../../src/dialects/tokens.js';
import { LifeBench } from '../kernel/life-bench.js';
import { DialectBench } from './dialect-bench.js';
import { spoken } from './spoken.js';

type Answer = Awaited<ReturnType<TokenProvider>>;

/** A dialect with a provider that answers when the test says so. */
class Bench extends DialectBench {
  readonly reasons: TokenReason[];
  readonly #answers: ((answer: Answer | Error) => void)[];

  constructor(speaks: 'tickwire' | 'coins' | 'metals' = 'tickwire') {
    const reasons: TokenReason[] = [];
    const answers: ((answer: Answer | Error) => void)[] = [];
    const token: TokenProvider = ({ reason }) => {
      reasons.push(reason);
      return new Promise((resolve, reject) =>
        answers.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer))),
      );
    };
    super(spoken(speaks, { token }).dialect);
    this.reasons = reasons;
    this.#answers = answers;
  }

  /** On a tickwire server that has greeted. */
  greeted(): this {
    this.open().receive(hello());
    return this;
  }

  /** The provider answers the first call that is open. */
  async token(answer: Answer | Error = 'jwt'): Promise<this> {
    this.#answers.shift()?.(answer);
    await settle();
    return this;
  }

  /** The server accepts, or refuses, what has just been sent. */
  accept(data: object = {}): this {
    this.receive({ type: 'ack', id: this.#id, op: 'authenticate', data: { userId: '1', ...data } });
    return this;
  }

  refuse(data: object = {}): this {
    const refusal = { code: 'AUTH_FAILED', message: 'no', ...data };
    this.receive({ type: 'error', id: this.#id, op: 'authenticate', data: refusal });
    return this;
  }

  get #id(): unknown {
    return (this.sent.at(-1) as { id?: unknown }).id;
  }
}

describe('authentication', () => {
  it('comes before subscriptions, which wait for its answer', async () => {
    const bench = new Bench().subscribe(1, ['coin:a']).greeted();
    expect([bench.reasons, bench.kinds]).toEqual([['initial'], ['hello']]);
    await bench.token();
    expect(bench.sent).toMatchObject([{ type: 'authenticate', data: { token: 'jwt' } }]);
    bench.receive({ type: 'ack', id: 'r1', op: 'authenticate', data: { userId: '1' } });
    expect([bench.facts, bench.kinds]).toEqual([{ authenticated: true }, ['subscribe']]);
  });

  it('goes on without: a provider that gives null', async () => {
    const bench = await new Bench().subscribe(1, ['coin:a']).greeted().token(null);
    expect([bench.kinds, bench.errors, bench.facts]).toEqual([['hello', 'subscribe'], [], {}]);
  });

  it('goes on without: a provider that fails, with one error', async () => {
    const bench = await new Bench().subscribe(1, ['coin:a']).greeted().token(new Error('no'));
    expect([bench.codes, bench.kinds]).toEqual([['TOKEN_PROVIDER_FAILED'], ['hello', 'subscribe']]);
    // And asks it again, with a back-off.
    await bench.pass(999);
    expect(bench.reasons).toEqual(['initial']);
    await bench.pass(1);
    expect(bench.reasons).toEqual(['initial', 'initial']);
  });

  it('goes on without: a refusal, with one error; the second in a row is final', async () => {
    const bench = await new Bench().subscribe(1, ['coin:a']).greeted().token();
    bench.refuse();
    expect([bench.facts, bench.codes, bench.kinds]).toEqual([{ authenticated: false }, ['AUTH_FAILED'], ['subscribe']]);
    bench.close();
    bench.greeted();
    expect(bench.reasons).toEqual(['initial', 'rejected']);
    await bench.token();
    bench.refuse();
    expect([bench.ending?.code, bench.codes]).toEqual(['TOKEN_REJECTED', ['AUTH_FAILED']]);
  });

  it('goes on without: no answer within 5 s', async () => {
    const bench = await new Bench().subscribe(1, ['coin:a']).greeted().token();
    await bench.pass(4_999);
    expect(bench.kinds).toEqual(['hello', 'authenticate']);
    await bench.pass(1);
    expect([bench.codes, bench.kinds]).toEqual([['REQUEST_TIMEOUT'], ['subscribe']]);
  });

  it('that may be tried again counts for nothing, and waits as long as the server says', async () => {
    const bench = await new Bench().greeted().token();
    bench.refuse({ code: 'SERVER_BUSY', retryable: true, retryAfterMs: 30_000 });
    expect([bench.codes, bench.ending]).toEqual([['SERVER_BUSY'], undefined]);
    await bench.pass(29_999);
    expect(bench.reasons).toHaveLength(1);
    await bench.pass(1);
    expect(bench.reasons).toHaveLength(2);
  });

  it('asks once more after 4401, then it is over; without a provider it is over at once', () => {
    const bench = new Bench().greeted();
    const life = new LifeBench();
    life.connected().closed(4401, { verdict: bench.close(4401) });
    expect(life.status).toBe('reconnecting');
    bench.greeted();
    expect(bench.reasons).toEqual(['initial', 'rejected']);
    life.connected().closed(4401, { verdict: bench.close(4401) });
    expect(life.life.state).toMatchObject({ status: 'failed', error: { code: 'TOKEN_REJECTED' } });
    for (const token of ['fixed', undefined]) {
      const fixed = new DialectBench(spoken('tickwire', { token }).dialect).open();
      expect(new LifeBench().connected().closed(4401, { verdict: fixed.close(4401) }).status).toBe('failed');
    }
  });

  it('of which the server has told already is one error: the close after a refusal tells nothing', async () => {
    const bench = await new Bench().greeted().token();
    bench.refuse();
    const life = new LifeBench().connected().closed(4401).connected().closed(4401);
    life.errors.length = 0;
    life.connected().closed(4401, { verdict: { ...bench.close(4401), maxInARow: 0 } as never });
    expect([life.status, life.errors]).toEqual(['failed', []]);
  });

  it('is renewed on the living connection when the server says that the token ends', async () => {
    const bench = await new Bench().greeted().token();
    bench.accept();
    bench.receive({ type: 'error', data: { code: 'TOKEN_EXPIRING', message: 'soon' } });
    expect(bench.reasons).toEqual(['initial', 'expired']);
    expect(bench.subscribe(1, ['coin:a']).kinds).toEqual(['subscribe']);
    await bench.token('next');
    expect(bench.sent).toMatchObject([{ type: 'authenticate', data: { token: 'next' } }]);
    expect(bench.facts).toEqual({ authenticated: true });
  });

  it('has renewals that are no storm, and says once that tokens end too soon', async () => {
    const bench = await new Bench().greeted().token();
    bench.accept();
    for (let ending = 0; ending < 5; ending += 1)
      bench.receive({ type: 'error', data: { code: 'TOKEN_EXPIRING', message: '' } });
    await bench.token('next');
    bench.accept();
    bench.receive({ type: 'error', data: { code: 'TOKEN_EXPIRING', message: '' } });
    expect([bench.reasons, bench.codes]).toEqual([['initial', 'expired'], ['TOKEN_EXPIRING']]);
    await bench.pass(30_000);
    expect(bench.reasons).toEqual(['initial', 'expired', 'expired']);
  });

  it('says on a reconnect that it is one', async () => {
    const bench = await new Bench().greeted().token();
    bench.accept().close();
    bench.greeted();
    expect(bench.reasons).toEqual(['initial', 'reconnect']);
  });

  it('ignores a token that was asked for by an earlier connection', async () => {
    const bench = new Bench().greeted();
    bench.close();
    bench.greeted();
    expect(bench.kinds).toEqual(['hello', 'hello']);
    await bench.token('late');
    expect(bench.sent).toEqual([]);
    await bench.token('new');
    expect(bench.sent).toMatchObject([{ type: 'authenticate', data: { token: 'new' } }]);
  });

  it('leaves no timer behind on a connection that is gone', async () => {
    const bench = await new Bench().greeted().token();
    expect(bench.clock.pending).toBe(1);
    bench.close();
    expect(bench.clock.pending).toBe(0);
  });

  it('takes the notice of an older coins backend for its answer', async () => {
    const bench = await new Bench('coins').open().token();
    expect(bench.sent).toEqual([{ type: 'authenticate', data: { token: 'jwt' } }]);
    bench.receive({ type: 'price_update', data: { message: 'Authentication successful', userId: '1' } });
    expect(bench.facts).toEqual({ authenticated: true });
  });

  it('holds the subscriptions of an older coins backend as well', async () => {
    const bench = new Bench('coins').subscribe(1, ['coin:a']).open();
    expect(bench.sent).toEqual([]);
    await bench.token(null);
    expect(bench.kinds).toEqual(['subscribe']);
  });

  it('is not tried on an older metals backend', () => {
    expect(new Bench('metals').open().reasons).toEqual([]);
  });
});

describe('authenticate()', () => {
  it('brings a credential that replaces the one in use, and settles with the answer', async () => {
    const made = spoken('tickwire', { token: 'fixed' });
    const bench = new DialectBench(made.dialect).open();
    bench.receive(hello());
    expect(bench.sent).toMatchObject([{ type: 'hello' }, { type: 'authenticate', data: { token: 'fixed' } }]);
    const given = made.contract.authentication.give({ apiKey: 'key' });
    expect(bench.sent).toMatchObject([{ type: 'authenticate', id: 'r2', data: { apiKey: 'key' } }]);
    bench.receive({ type: 'ack', id: 'r2', op: 'authenticate', data: { userId: '1' } });
    await given;
    bench.close();
    bench.open().receive(hello());
    expect(bench.sent).toMatchObject([{ type: 'hello' }, { type: 'authenticate', data: { apiKey: 'key' } }]);
  });

  it('rejects with what ended the stream', async () => {
    const made = spoken('tickwire');
    const bench = new DialectBench(made.dialect);
    const given = made.contract.authentication.give('jwt');
    const ended = expect(given).rejects.toMatchObject({ code: 'FORBIDDEN_CHANNEL' });
    expect(bench.needed).toBe(true);
    const life = new LifeBench().connect();
    bench.open();
    life.closed(4403, { verdict: bench.close(4403) });
    const { state } = life.life;
    if (state.status === 'failed') bench.end(state.error);
    await ended;
    await expect(made.contract.authentication.give('jwt')).rejects.toMatchObject({ code: 'FORBIDDEN_CHANNEL' });
  });
});

describe('a credential', () => {
  it('is kept nowhere once it is sent', async () => {
    const bench = await new Bench().greeted().token('very-secret');
    expect(JSON.stringify(bench.sent)).toContain('very-secret');
    const seen = new Set<unknown>();
    const holds = (value: unknown): boolean => {
      if (typeof value === 'string') return value.includes('very-secret');
      if (typeof value !== 'object' || value === null || seen.has(value)) return false;
      seen.add(value);
      return Reflect.ownKeys(value).some((key) => holds(Reflect.get(value, key)));
    };
    expect([bench.link, bench.host, bench.dialect, bench.told, bench.errors].some(holds)).toBe(false);
    // A second look at what is owed does not send it again.
    expect(bench.pump().sent).toEqual([]);
  });
});
