import { describe, expect, it } from 'vitest';
import { greeting, Machine } from './machine.js';

const ask = (machine: Machine, key: number): Machine =>
  machine.take({ type: 'request', key, message: { type: 'catalog', id: '' } });
const outcomes = (machine: Machine): unknown[] =>
  machine.effects.flatMap((effect) =>
    effect.type === 'settle'
      ? [[effect.key, effect.data]]
      : effect.type === 'reject'
        ? [[effect.key, effect.fault.code]]
        : [],
  );

describe('a request', () => {
  it('is answered by its id', () => {
    const machine = ask(ask(new Machine().connected('tickwire'), 1), 2);
    const [second] = machine.frames as { id: string }[];
    machine.receive({ type: 'ack', id: second?.id, op: 'catalog', data: { items: [] } });
    expect(outcomes(machine)).toEqual([[2, { items: [] }]]);
    machine.receive({ type: 'ack', id: second?.id, op: 'catalog', data: { items: [] } });
    expect(outcomes(machine)).toEqual([]);
  });

  it('connects a client that is idle, and waits for the greeting', () => {
    const machine = ask(new Machine(), 1);
    expect(machine.status).toBe('connecting');
    expect(machine.opened().frames).toEqual([]);
    expect(machine.receive(greeting()).frames).toMatchObject([{ type: 'hello' }, { type: 'catalog' }]);
  });

  it.each(['close', 'failed'] as const)('rejects at once when the client is %s', (how) => {
    const machine = new Machine().connected('tickwire');
    if (how === 'close') machine.take({ type: 'close' });
    else machine.closed(4403);
    expect(outcomes(ask(machine, 1))).toEqual([[1, 'CLOSED']]);
  });

  it('rejects when the connection is lost before the answer; one that was not sent yet goes out later', () => {
    const machine = new Machine().connected('tickwire');
    ask(machine, 1).closed(1006);
    expect(outcomes(machine)).toEqual([[1, 'CONNECT_FAILED']]);
    ask(machine, 2).fire('reconnect').opened().receive(greeting());
    expect(machine.told).toContain('send catalog');
  });

  it('rejects with what ended the session, sent or not', () => {
    const sent = ask(new Machine().connected('tickwire'), 1).closed(4406);
    expect(outcomes(sent)).toEqual([[1, 'UNSUPPORTED_VERSION']]);
    const waiting = ask(new Machine(), 1).take({ type: 'authenticate', key: 2, credential: 'jwt' }).closed(4403);
    expect(outcomes(waiting)).toEqual([
      [1, 'FORBIDDEN_CHANNEL'],
      [2, 'FORBIDDEN_CHANNEL'],
    ]);
    const closed = ask(new Machine().connected('tickwire'), 1).take({ type: 'close' });
    expect(outcomes(closed)).toEqual([[1, 'CLOSED']]);
  });

  it('rejects after its deadline and is forgotten', () => {
    const machine = ask(new Machine().connected('tickwire'), 1);
    expect(machine.delayOf('requests')).toBe(10_000);
    machine.pass(10_000).fire('requests');
    expect(outcomes(machine)).toEqual([[1, 'REQUEST_TIMEOUT']]);
    expect(machine.session.requests.size).toBe(0);
  });

  it('rejects with what the server says', () => {
    const machine = ask(new Machine().connected('tickwire'), 1);
    const [frame] = machine.frames as { id: string }[];
    machine.receive({ type: 'error', id: frame?.id, data: { code: 'SERVER_BUSY', message: 'busy', retryable: true } });
    expect(outcomes(machine)).toEqual([[1, 'SERVER_BUSY']]);
    expect(machine.told).not.toContain('emit-error SERVER_BUSY');
  });

  it.each(['coins', 'metals'] as const)('rejects on an older %s backend, which has no answer', (dialect) => {
    expect(outcomes(ask(new Machine().connected(dialect), 1))).toEqual([[1, 'UNAVAILABLE']]);
    const early = ask(new Machine({ dialect }), 1).opened();
    expect(outcomes(early)).toEqual([[1, 'UNAVAILABLE']]);
  });

  it('waits with at most 99 others', () => {
    const machine = new Machine().take({ type: 'connect' });
    for (let key = 1; key <= 100; key += 1) expect(outcomes(ask(machine, key))).toEqual([]);
    expect(outcomes(ask(machine, 101))).toEqual([[101, 'RATE_LIMITED']]);
  });

  it('waits with at most 64 KiB, its own included', () => {
    const big = (machine: Machine, key: number, length: number): Machine =>
      machine.take({
        type: 'request',
        key,
        message: { type: 'alert_create', id: '', data: { alertType: 'price_above', clientRef: 'x'.repeat(length) } },
      } as never);
    expect(outcomes(big(new Machine().take({ type: 'connect' }), 1, 70_000))).toEqual([[1, 'RATE_LIMITED']]);
    const machine = new Machine().take({ type: 'connect' });
    expect(outcomes(big(machine, 1, 30_000))).toEqual([]);
    expect(outcomes(big(machine, 2, 30_000))).toEqual([]);
    expect(outcomes(big(machine, 3, 30_000))).toEqual([[3, 'RATE_LIMITED']]);
    // Sent, they weigh nothing any more.
    machine.opened().receive(greeting());
    expect(outcomes(big(machine, 4, 30_000))).toEqual([]);
  });

  it('rejects with all others when the client is closed', () => {
    const machine = ask(ask(new Machine().connected('tickwire'), 1), 2).take({ type: 'close' });
    expect(machine.told.filter((each) => each === 'reject')).toHaveLength(2);
    expect(machine.told).toContain('stop-timer requests');
  });
});
