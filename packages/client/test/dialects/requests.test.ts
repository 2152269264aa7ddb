import type { ClientMessage } from '@tickwire/protocol';
import { hello, settle } from '@tickwire/testing';
import { describe, expect, it } from 'vitest';
import { PriceStreamError } from '../../src/kernel/errors.js';
import { LifeBench } from '../kernel/life-bench.js';
import { DialectBench } from './dialect-bench.js';
import { spoken } from './spoken.js';

const catalog: ClientMessage = { type: 'catalog', id: '' };
const big = (length: number): ClientMessage => ({
  type: 'alert_create',
  id: '',
  data: { alertType: 'price_above', clientRef: 'x'.repeat(length) } as never,
});

/** A dialect with its requests, and what has become of them in order. */
class Bench extends DialectBench {
  readonly outcomes: unknown[] = [];
  readonly #made: ReturnType<typeof spoken>;

  constructor(speaks: 'tickwire' | 'coins' | 'metals' | 'auto' = 'tickwire') {
    const made = spoken(speaks);
    super(made.dialect);
    this.#made = made;
  }

  greeted(): this {
    this.open().receive(hello());
    return this;
  }

  async ask(key: number, message = catalog): Promise<this> {
    this.#made.contract.requests.ask(message).then(
      (data) => this.outcomes.push([key, data]),
      (error: unknown) => this.outcomes.push([key, (error as PriceStreamError).code]),
    );
    await settle();
    return this;
  }

  async receiveAll(message: unknown): Promise<this> {
    this.receive(message);
    await settle();
    return this;
  }

  /** The stream ends as its life says after such a close. */
  async endsWith(code: number): Promise<this> {
    const { link, dialect } = this;
    const verdict = link && dialect.closed?.(code, '', link);
    const { state } = new LifeBench().connected().closed(code, { verdict }).life;
    this.end(state.status === 'failed' ? state.error : new PriceStreamError('CLOSED', 'closed'));
    await settle();
    return this;
  }
}

const idOf = (frame: unknown): unknown => (frame as { id?: unknown } | undefined)?.id;

describe('a request', () => {
  it('is answered by its id, once', async () => {
    const bench = await new Bench().greeted().ask(1);
    await bench.ask(2);
    const id = idOf(bench.sent.at(-1));
    const answer = { type: 'ack', id, op: 'catalog', data: { items: [] } };
    await bench.receiveAll(answer);
    expect(bench.outcomes).toEqual([[2, { items: [] }]]);
    await bench.receiveAll(answer);
    expect(bench.outcomes).toHaveLength(1);
  });

  it('connects a client that is idle, and waits for the greeting', async () => {
    const bench = await new Bench().ask(1);
    expect(bench.needed).toBe(true);
    expect(bench.open().sent).toEqual([]);
    bench.receive(hello());
    expect(bench.kinds).toEqual(['hello', 'catalog']);
  });

  it.each([
    ['close', 1000, 'CLOSED'],
    ['failed', 4403, 'FORBIDDEN_CHANNEL'],
  ])('rejects at once when the client is %s', async (_how, code, expected) => {
    const bench = await new Bench().greeted().endsWith(code);
    await bench.ask(1);
    expect(bench.outcomes).toEqual([[1, expected]]);
  });

  it('rejects when the connection is lost before the answer; one that was not sent yet goes out later', async () => {
    const bench = await new Bench().greeted().ask(1);
    expect(bench.kinds).toEqual(['hello', 'catalog']);
    bench.close();
    await bench.ask(2);
    expect(bench.outcomes).toEqual([[1, 'CONNECT_FAILED']]);
    bench.greeted();
    expect(bench.kinds).toEqual(['hello', 'catalog']);
  });

  it('has a number that is never used twice', async () => {
    const bench = await new Bench().greeted().ask(1);
    const ids = [idOf(bench.sent.at(-1))];
    for (let more = 2; more < 5; more += 1) {
      bench.close();
      await bench.greeted().ask(more);
      ids.push(...bench.sent.filter((frame) => (frame as { type: unknown }).type !== 'hello').map(idOf));
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('rejects with what ended the stream, sent or not', async () => {
    const sent = await (await new Bench().greeted().ask(1)).endsWith(4406);
    expect([sent.kinds, sent.outcomes]).toEqual([['hello', 'catalog'], [[1, 'UNSUPPORTED_VERSION']]]);
    const waiting = await (await new Bench().open().ask(1)).endsWith(4403);
    expect([waiting.kinds, waiting.outcomes]).toEqual([[], [[1, 'FORBIDDEN_CHANNEL']]]);
    const closed = await (await new Bench().greeted().ask(1)).endsWith(1000);
    expect(closed.outcomes).toEqual([[1, 'CLOSED']]);
  });

  it('rejects after its deadline and is forgotten', async () => {
    const bench = await new Bench().greeted().ask(1);
    const id = idOf(bench.sent.at(-1));
    await bench.pass(9_999);
    expect(bench.outcomes).toEqual([]);
    await bench.pass(1);
    expect([bench.outcomes, bench.clock.pending]).toEqual([[[1, 'REQUEST_TIMEOUT']], 0]);
    await bench.receiveAll({ type: 'ack', id, op: 'catalog', data: { items: [] } });
    expect(bench.outcomes).toHaveLength(1);
  });

  it('rejects with what the server says, of which nobody else is told', async () => {
    const bench = await new Bench().greeted().ask(1);
    const data = { code: 'SERVER_BUSY', message: 'busy', retryable: true };
    await bench.receiveAll({ type: 'error', id: idOf(bench.sent.at(-1)), data });
    expect([bench.outcomes, bench.errors]).toEqual([[[1, 'SERVER_BUSY']], []]);
  });

  it.each(['coins', 'metals'] as const)('rejects on an older %s backend, which has no answer', async (dialect) => {
    const bench = await new Bench(dialect).open().ask(1);
    expect(bench.outcomes).toEqual([[1, 'UNAVAILABLE']]);
    const early = await new Bench(dialect).ask(1);
    expect(early.outcomes).toEqual([]);
    early.open();
    await settle();
    expect(early.outcomes).toEqual([[1, 'UNAVAILABLE']]);
  });

  it('waits while it is not decided who the server is', async () => {
    const bench = await new Bench('auto').open().ask(1);
    await bench.pass(1_500);
    expect([bench.outcomes, bench.sent]).toEqual([[], []]);
    bench.receive(hello());
    expect(bench.kinds).toEqual(['hello', 'catalog']);
  });

  it('waits with at most 99 others', async () => {
    const bench = new Bench().open();
    for (let key = 1; key <= 101; key += 1) await bench.ask(key);
    expect(bench.outcomes).toEqual([[101, 'RATE_LIMITED']]);
  });

  it('waits with at most 64 KiB, its own included', async () => {
    expect((await new Bench().open().ask(1, big(70_000))).outcomes).toEqual([[1, 'RATE_LIMITED']]);
    const bench = new Bench().open();
    for (const key of [1, 2, 3]) await bench.ask(key, big(30_000));
    expect(bench.outcomes).toEqual([[3, 'RATE_LIMITED']]);
    // Sent, they weigh nothing any more.
    bench.receive(hello());
    await bench.ask(4, big(30_000));
    expect(bench.outcomes).toHaveLength(1);
  });

  it('is rejected with all others when the client is closed, and no timer is left', async () => {
    const bench = await (await new Bench().open().ask(1)).ask(2);
    expect(bench.clock.pending).toBe(2);
    await bench.endsWith(1000);
    expect([bench.outcomes, bench.clock.pending]).toEqual([
      [
        [1, 'CLOSED'],
        [2, 'CLOSED'],
      ],
      0,
    ]);
  });
});
