import { describe, expect, it } from 'vitest';
import { greeting, Machine } from './machine.js';

const token = (machine: Machine, credential: string | null = 'jwt'): Machine =>
  machine.take({ type: 'token-resolved', socketId: machine.session.socketId, credential });
const reasons = (machine: Machine): unknown[] =>
  machine.effects.flatMap((effect) => (effect.type === 'fetch-token' ? [effect.reason] : []));
const idOf = (machine: Machine): string => (machine.frames.at(-1) as { id: string }).id;
const accepted = (machine: Machine): Machine =>
  machine.receive({ type: 'ack', id: idOf(machine), op: 'authenticate', data: { userId: '1' } });
const refused = (machine: Machine): Machine =>
  machine.receive({ type: 'error', id: idOf(machine), op: 'authenticate', data: { code: 'AUTH_FAILED' } });

describe('authentication', () => {
  it('comes before subscriptions, which wait for its answer', () => {
    const machine = new Machine({}, 'provider').subscribe(1, 'coin:a').opened().receive(greeting());
    expect(reasons(machine)).toEqual(['initial']);
    expect(machine.told).not.toContain('send subscribe');
    token(machine);
    expect(machine.frames).toMatchObject([{ type: 'authenticate', data: { token: 'jwt' } }]);
    accepted(machine);
    expect(machine.session.connection).toMatchObject({ authenticated: true });
    expect(machine.told).toContain('send subscribe');
  });

  it('keeps no credential once it is sent', () => {
    const machine = token(new Machine({}, 'provider').connected('tickwire'), 'very-secret');
    expect(JSON.stringify(machine.session)).not.toContain('very-secret');
  });

  it('goes on without: a provider that gives null', () => {
    const machine = new Machine({}, 'provider').subscribe(1, 'coin:a').opened().receive(greeting());
    expect(token(machine, null).told).toContain('send subscribe');
  });

  it('goes on without: a provider that fails, with one error', () => {
    const machine = new Machine({}, 'provider').subscribe(1, 'coin:a').opened().receive(greeting());
    const fault = { code: 'TOKEN_PROVIDER_FAILED', message: '', retryable: true };
    machine.take({ type: 'token-resolved', socketId: machine.session.socketId, credential: null, fault });
    expect(machine.told).toEqual(expect.arrayContaining(['emit-error TOKEN_PROVIDER_FAILED', 'send subscribe']));
  });

  it('goes on without: a refusal, with one error; the second in a row is final', () => {
    const machine = new Machine({}, 'provider').subscribe(1, 'coin:a').opened().receive(greeting());
    refused(token(machine));
    expect(machine.session.connection).toMatchObject({ status: 'connected', authenticated: false });
    expect(machine.told).toEqual(expect.arrayContaining(['emit-error AUTH_FAILED', 'send subscribe']));
    machine.closed(1006).fire('reconnect').opened().receive(greeting());
    expect(reasons(machine)).toEqual(['rejected']);
    refused(token(machine));
    expect(machine.session.connection).toMatchObject({ status: 'failed', error: { code: 'TOKEN_REJECTED' } });
  });

  it('goes on without: no answer within 5 s', () => {
    const machine = token(new Machine({}, 'provider').subscribe(1, 'coin:a').opened().receive(greeting()));
    machine.pass(5_000).fire('requests');
    expect(machine.told).toEqual(expect.arrayContaining(['emit-error REQUEST_TIMEOUT', 'send subscribe']));
  });

  it('asks once more after 4401, then it is over; without a provider it is over at once', () => {
    const machine = new Machine({}, 'provider').connected('tickwire').closed(4401);
    expect(machine.status).toBe('reconnecting');
    machine.fire('reconnect').opened().receive(greeting());
    expect(reasons(machine)).toEqual(['rejected']);
    expect(machine.closed(4401).session.connection).toMatchObject({
      status: 'failed',
      error: { code: 'TOKEN_REJECTED' },
    });
    expect(new Machine({}, 'fixed').connected('tickwire').closed(4401).status).toBe('failed');
  });

  it('is renewed on the living connection when the server says that the token ends', () => {
    const machine = new Machine({}, 'provider').connected('tickwire');
    accepted(token(machine)).receive({ type: 'error', data: { code: 'TOKEN_EXPIRING' } });
    expect(reasons(machine)).toEqual(['expired']);
    expect(machine.subscribe(1, 'coin:a').flush().told).toContain('send subscribe');
    expect(token(machine, 'next').frames).toMatchObject([{ type: 'authenticate', data: { token: 'next' } }]);
    expect(machine.session.connection).toMatchObject({ authenticated: true });
  });

  it('says on a reconnect that it is one', () => {
    const machine = new Machine({}, 'provider').connected('tickwire');
    accepted(token(machine)).closed(1006).fire('reconnect').opened().receive(greeting());
    expect(reasons(machine)).toEqual(['reconnect']);
  });

  it('ignores a token that was asked for by an earlier connection', () => {
    const machine = new Machine({}, 'provider').connected('tickwire');
    const { socketId } = machine.session;
    machine.closed(1006).fire('reconnect').opened().receive(greeting());
    machine.take({ type: 'token-resolved', socketId, credential: 'late' });
    expect(machine.frames).toEqual([]);
  });

  it('takes the notice of an older coins backend for its answer', () => {
    const machine = token(new Machine({}, 'provider').connected('coins'));
    expect(machine.frames).toEqual([{ type: 'authenticate', data: { token: 'jwt' } }]);
    machine.receive({ type: 'price_update', data: { message: 'Authentication successful', userId: '1' } });
    expect(machine.session.connection).toMatchObject({ authenticated: true });
  });

  it('is not tried on an older metals backend', () => {
    expect(reasons(new Machine({}, 'provider').connected('metals'))).toEqual([]);
  });
});
