import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionEvent } from '../../src/core/session-events.js';
import { greeting, Machine } from './machine.js';

type State = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'paused' | 'closed' | 'failed';

/** A machine in each state of the table. */
function inState(state: State): Machine {
  const machine = new Machine();
  switch (state) {
    case 'idle':
      return machine;
    case 'connecting':
      return machine.take({ type: 'connect' });
    case 'connected':
      return machine.connected();
    case 'reconnecting':
      return machine.connected().closed(1006);
    case 'paused':
      return machine
        .connected()
        .take({ type: 'environment-changed', online: false, visible: true, woke: false })
        .closed(1006);
    case 'closed':
      return machine.connected().take({ type: 'close' });
    case 'failed':
      return machine.connected().closed(4403);
  }
}

const noWork = (machine: Machine): string[] => machine.told;

describe('the connection, a cell of its table a test', () => {
  describe('× connect', () => {
    it.each<[State, State, boolean]>([
      ['idle', 'connecting', true],
      ['connecting', 'connecting', false],
      ['connected', 'connected', false],
      ['reconnecting', 'connecting', true],
      ['paused', 'connecting', true],
      ['closed', 'connecting', true],
      ['failed', 'connecting', true],
    ])('%s × connect → %s', (from, to, opens) => {
      const machine = inState(from).take({ type: 'connect' });
      expect(machine.status).toBe(to);
      expect(machine.told.includes('open-socket')).toBe(opens);
      expect(machine.told.includes('start-timer connect')).toBe(opens);
    });

    it.each<State>(['closed', 'failed'])('%s × connect starts over with attempt 1', (from) => {
      const machine = inState(from).take({ type: 'connect' });
      expect(machine.session.connection).toEqual({ status: 'connecting', attempt: 1 });
      expect(machine.session.retries).toBe(0);
    });
  });

  describe('× socket-opened', () => {
    it('connecting × socket-opened → starts the negotiation', () => {
      const machine = inState('connecting').opened();
      expect(machine.status).toBe('connecting');
      expect(machine.told).toEqual(['start-timer negotiate']);
      expect(machine.delayOf('negotiate')).toBe(1_500);
    });

    it.each<State>(['idle', 'connected', 'reconnecting', 'paused', 'closed', 'failed'])(
      '%s × socket-opened → nothing',
      (from) => {
        const machine = inState(from);
        const before = machine.session;
        expect(noWork(machine.opened())).toEqual([]);
        expect(machine.session).toBe(before);
      },
    );
  });

  describe('× the dialect is told', () => {
    it('connecting × hello → connected, answers, stops the timers of the attempt', () => {
      const machine = inState('connecting').opened().receive(greeting());
      expect(machine.session.connection).toMatchObject({
        status: 'connected',
        dialect: 'tickwire',
        authenticated: false,
      });
      expect(machine.frames).toEqual([{ type: 'hello', data: { protocol: 1, client: '@tickwire/client/test' } }]);
      expect(machine.told).toEqual(
        expect.arrayContaining([
          'stop-timer connect',
          'stop-timer negotiate',
          'start-timer stable',
          'start-timer heartbeat',
        ]),
      );
    });

    it('connecting × a first frame of an older server → connected', () => {
      const machine = inState('connecting').opened().receive({ type: 'priceUpdate', data: {} });
      expect(machine.session.connection).toMatchObject({ status: 'connected', dialect: 'metals' });
    });

    it('connecting × negotiate timer → connected, as the first channel says', () => {
      const machine = new Machine().subscribe(1, 'metal:gold').opened().fire('negotiate');
      expect(machine.session.connection).toMatchObject({ status: 'connected', dialect: 'metals' });
      expect(machine.frames).toEqual([{ type: 'subscribe', metals: ['gold'] }]);
    });

    it('connecting × negotiate timer without channels → connected, undecided until the first subscribe', () => {
      const machine = inState('connecting').opened().fire('negotiate');
      expect(machine.session.connection).toMatchObject({ status: 'connected', dialect: 'undecided' });
      machine.subscribe(1, 'coin:bitcoin').flush();
      expect(machine.session.connection).toMatchObject({ status: 'connected', dialect: 'coins' });
      expect(machine.frames).toEqual([{ type: 'subscribe', data: { coinId: 'bitcoin' } }]);
    });
  });

  describe('× socket-closed', () => {
    it.each<[State, number, State]>([
      ['connecting', 1006, 'reconnecting'],
      ['connected', 1006, 'reconnecting'],
      ['connecting', 4403, 'failed'],
      ['connected', 4403, 'failed'],
      ['connected', 1000, 'closed'],
      ['connected', 4409, 'closed'],
    ])('%s × socket-closed(%i) → %s', (from, code, to) => {
      const machine = inState(from).closed(code);
      expect(machine.status).toBe(to);
      expect(machine.session.link).toBeNull();
      expect(machine.told).not.toContain('drop-socket 1000');
    });

    it.each<State>(['idle', 'reconnecting', 'paused', 'closed', 'failed'])('%s × socket-closed → nothing', (from) => {
      const machine = inState(from);
      const before = machine.session;
      expect(noWork(machine.closed(1006))).toEqual([]);
      expect(machine.session).toBe(before);
    });

    it.each<[number, string, RegExp]>([
      [4400, 'BAD_MESSAGE', /too many bad messages.*dialect option/],
      [4403, 'FORBIDDEN_CHANNEL', /forbidden.*rights of the token/],
      [4406, 'UNSUPPORTED_VERSION', /version is not supported.*Update @tickwire\/client/],
      [4477, 'CONNECT_FAILED', /does not know/],
    ])('%i fails with %s, the close code, and words of what to do', (code, name, words) => {
      for (const state of ['connecting', 'connected'] as const) {
        const machine = inState(state).closed(code, 'as it is');
        const error = {
          code: name,
          closeCode: code,
          retryable: false,
          message: expect.stringMatching(words) as string,
        };
        expect(machine.session.connection).toMatchObject({ status: 'failed', error });
        expect(machine.told).toContain(`emit-error ${name}`);
      }
    });

    it.each([
      ['retry', 4403, 'reconnecting'],
      ['stop', 1006, 'closed'],
      ['fail', 1006, 'failed'],
    ] as const)('the user says %s of %i → %s', (verdict, code, to) => {
      const machine = inState('connected');
      machine.take({ type: 'socket-closed', socketId: machine.session.socketId, code, reason: '', verdict });
      expect(machine.status).toBe(to);
    });

    it('offline or hidden, an attempt is not planned but paused', () => {
      for (const [online, visible, reason] of [
        [false, true, 'offline'],
        [true, false, 'hidden'],
        [false, false, 'offline'],
      ] as const) {
        const machine = inState('connected');
        machine.take({ type: 'environment-changed', online, visible, woke: false }).closed(1006);
        expect(machine.session.connection).toEqual({ status: 'paused', reason });
        // Offline is a hint, and somebody looks: a slow try goes on.
        expect(machine.told.includes('start-timer reconnect')).toBe(visible && !online);
      }
    });

    it('fails after five framing errors in a row, and counts anew after a stable connection', () => {
      const machine = new Machine();
      for (let close = 1; close <= 5; close += 1) machine.connected().closed(1002);
      expect(machine.status).toBe('reconnecting');
      machine.take({ type: 'connect' }).opened().receive({ type: 'welcome' }).fire('stable').closed(1002);
      expect(machine.status).toBe('reconnecting');
      for (let close = 1; close <= 5; close += 1) machine.connected().closed(1002);
      expect(machine.status).toBe('failed');
    });

    it('stops the timers of the link that is gone', () => {
      for (const close of [1006, 1000, 4403]) {
        const machine = inState('connected').closed(close);
        for (const timer of ['connect', 'negotiate', 'stable', 'heartbeat', 'pace', 'refused', 'leave']) {
          expect(machine.told).toContain(`stop-timer ${timer}`);
        }
      }
      // Were it not stopped, it would still say nothing of the connection after it.
      const machine = inState('reconnecting').fire('stable');
      expect(machine.session.retries).toBe(1);
    });

    it('waits as long as the server asks', () => {
      const machine = inState('connected').closed(4429, 'rate_limited;ra=40000');
      expect(machine.delayOf('reconnect')).toBeGreaterThanOrEqual(40_000);
    });

    it('gives up after maxAttempts retries', () => {
      const reconnect = { ...new Machine().policy.reconnect, maxAttempts: 2 };
      const machine = new Machine({ reconnect }).take({ type: 'connect' }).closed(1006);
      machine.fire('reconnect').closed(1006).fire('reconnect').closed(1006);
      expect(machine.session.connection).toMatchObject({ status: 'failed', error: { code: 'CONNECT_FAILED' } });
    });
  });

  describe('× timer', () => {
    it('connecting × connect timer → drops the socket, reconnecting', () => {
      const machine = inState('connecting').fire('connect');
      expect(machine.status).toBe('reconnecting');
      expect(machine.told).toContain('drop-socket 4000');
      expect(machine.session.connection).toMatchObject({ cause: { code: 'CONNECT_TIMEOUT' } });
    });

    it('connecting × connect timer, opened but never greeted → reconnecting', () => {
      expect(new Machine({ dialect: 'tickwire' }).take({ type: 'connect' }).opened().fire('connect').status).toBe(
        'reconnecting',
      );
    });

    it('connected × heartbeat timer → pings, then drops and reconnects in the same step', () => {
      const machine = inState('connected').pass(15_000).fire('heartbeat');
      expect(machine.told).toContain('send ping');
      machine.pass(5_000).fire('heartbeat');
      expect(machine.status).toBe('reconnecting');
      expect(machine.told).toContain('drop-socket 4000');
      expect(machine.session.connection).toMatchObject({ cause: { code: 'HEARTBEAT_TIMEOUT' } });
    });

    it('connected × stable timer → the attempts start over', () => {
      const machine = inState('reconnecting').fire('reconnect').opened().receive({ type: 'welcome' });
      expect(machine.session.retries).toBe(1);
      machine.fire('stable');
      expect(machine.session).toMatchObject({ attempt: 0, retries: 0 });
    });

    it('reconnecting × reconnect timer → connecting', () => {
      const machine = inState('reconnecting').fire('reconnect');
      expect(machine.session.connection).toEqual({ status: 'connecting', attempt: 2 });
    });

    it.each<[State]>([['idle'], ['paused'], ['closed'], ['failed']])('%s × any timer → nothing', (from) => {
      for (const timer of ['connect', 'negotiate', 'reconnect', 'stable', 'heartbeat', 'pace', 'leave'] as const) {
        // A slow try goes on offline.
        if (from === 'paused' && timer === 'reconnect') continue;
        const machine = inState(from).fire(timer);
        expect(machine.status).toBe(from);
        expect(machine.told).toEqual([]);
      }
    });
  });

  describe('× close', () => {
    it.each<[State, boolean]>([
      ['idle', false],
      ['connecting', true],
      ['connected', true],
      ['reconnecting', false],
      ['paused', false],
      ['closed', false],
      ['failed', false],
    ])('%s × close → closed', (from, drops) => {
      const machine = inState(from).take({ type: 'close' });
      expect(machine.session.connection).toMatchObject({ status: 'closed', code: 1000 });
      expect(machine.told.includes('drop-socket 1000')).toBe(drops);
      expect(machine.told).toContain('stop-timer reconnect');
    });

    it('nothing but connect leaves closed', () => {
      const machine = inState('connected');
      const { socketId } = machine.session;
      machine.take({ type: 'close' });
      const events: SessionEvent[] = [
        { type: 'environment-changed', online: true, visible: true, woke: true },
        { type: 'token-resolved', socketId, credential: 'late' },
        { type: 'socket-opened', socketId },
        { type: 'subscribe', holder: 9, channels: ['coin:bitcoin'], options: {} },
        { type: 'flush' },
        { type: 'timer-fired', timer: 'reconnect' },
      ];
      for (const event of events) expect(machine.take(event).status).toBe('closed');
    });
  });

  describe('× the environment wakes up', () => {
    const wake: SessionEvent = { type: 'environment-changed', online: true, visible: true, woke: true };

    it('paused × online or visible → connecting', () => {
      expect(inState('paused').pass(5_000).take(wake).status).toBe('connecting');
    });

    it('paused × online within a second of the last dial → waits for the rest of it', () => {
      const machine = inState('paused').pass(400).take(wake);
      expect(machine.status).toBe('reconnecting');
      expect(machine.delayOf('reconnect')).toBe(600);
    });

    it('reconnecting × a wake-up skips the back-off', () => {
      expect(inState('reconnecting').pass(1_000).take(wake).status).toBe('connecting');
    });

    it('reconnecting × a wake-up does not skip what the server asked for', () => {
      const machine = inState('connected').closed(4429, 'x;ra=40000').pass(5_000).take(wake);
      expect(machine.status).toBe('reconnecting');
      expect(machine.delayOf('reconnect')).toBe(35_000);
    });

    it('reconnecting × offline or hidden → paused', () => {
      const machine = inState('reconnecting');
      machine.take({ type: 'environment-changed', online: true, visible: false, woke: false });
      expect(machine.session.connection).toEqual({ status: 'paused', reason: 'hidden' });
      expect(machine.told).toContain('stop-timer reconnect');
    });

    it('connected × a wake-up → probes with a short deadline', () => {
      const machine = inState('connected').pass(5_000).take(wake);
      expect(machine.frames).toEqual([{ type: 'ping' }]);
      expect(machine.delayOf('heartbeat')).toBe(3_000);
    });

    it('connected × hidden keeps the connection', () => {
      const machine = inState('connected');
      machine.take({ type: 'environment-changed', online: true, visible: false, woke: false });
      expect(machine.status).toBe('connected');
      expect(machine.told).toEqual([]);
    });
  });
});

describe('a step', () => {
  it('ignores events of a stale socket', () => {
    const machine = new Machine().connected().closed(1006).fire('reconnect');
    const stale = machine.session.socketId - 1;
    const before = machine.session;
    const events: SessionEvent[] = [
      { type: 'socket-opened', socketId: stale },
      { type: 'socket-closed', socketId: stale, code: 4403, reason: '' },
      { type: 'message-received', socketId: stale, message: { type: 'pong' } },
      { type: 'frame-seen', socketId: stale, messageType: 'priceUpdate', known: true },
      { type: 'frame-refused', socketId: stale, code: 'BAD_JSON', what: '', good: 0 },
      { type: 'token-resolved', socketId: stale, credential: 'old' },
    ];
    for (const event of events) {
      machine.take(event);
      expect(machine.session).toBe(before);
      expect(machine.told).toEqual([]);
    }
  });

  it('tears down before it tells: the drop precedes everything that listeners see', () => {
    const machine = new Machine().connected('tickwire').take({
      type: 'request',
      key: 1,
      message: { type: 'catalog', id: '' },
    });
    machine.take({ type: 'close' });
    const kinds = machine.told;
    expect(kinds.indexOf('drop-socket 1000')).toBeGreaterThanOrEqual(0);
    expect(kinds.indexOf('drop-socket 1000')).toBeLessThan(kinds.indexOf('reject'));
  });

  it('gives the connection up after 20 frames in a row without JSON within a minute, not for 20 in an hour', () => {
    const slow = new Machine().connected();
    for (let bad = 0; bad < 40; bad += 1) {
      slow.pass(3_200).refused();
      slow.lastFrameAt = slow.now;
    }
    expect(slow.status).toBe('connected');
    const fast = new Machine().connected();
    for (let bad = 0; bad < 19; bad += 1) fast.refused();
    expect(fast.status).toBe('connected');
    fast.refused();
    expect(fast.status).toBe('reconnecting');
    expect(fast.told).toContain('drop-socket 4000');
  });

  it('has failed where there is no WebSocket', () => {
    const machine = new Machine().take({ type: 'connect' });
    machine.take({ type: 'socket-unavailable', socketId: machine.session.socketId });
    expect(machine.session.connection).toMatchObject({ status: 'failed', error: { code: 'UNAVAILABLE' } });
  });

  it('leaves a server that is going away after the hint, without a back-off', () => {
    const machine = new Machine().connected('tickwire');
    machine.receive({ type: 'going_away', data: { reconnectAfterMs: 1_200 } });
    expect(machine.delayOf('leave')).toBeGreaterThanOrEqual(1_200);
    machine.fire('leave');
    expect(machine.status).toBe('connected');
    expect(machine.told).toContain('open-socket');
    expect(machine.told).not.toContain('drop-socket 1000');
    machine.opened().receive(greeting());
    expect(machine.told).toContain('drop-socket 1000');
    expect(machine.session).toMatchObject({ leaving: null, connection: { status: 'connected' } });
  });

  it('clamps the hint of a server that is going away', () => {
    for (const [hint, least, most] of [
      [0, 250, 300],
      [-1, 250, 300],
      [1e12, 300_000, 360_000],
      ['x', 1_000, 1_200],
    ] as const) {
      const machine = new Machine().connected('tickwire');
      machine.receive({ type: 'going_away', data: { reconnectAfterMs: hint } });
      expect(machine.delayOf('leave')).toBeGreaterThanOrEqual(least);
      expect(machine.delayOf('leave')).toBeLessThanOrEqual(most);
    }
  });

  it('never throws and never has more sockets than it should, whatever happens in whatever order', () => {
    const socketId = fc.integer({ min: 0, max: 6 });
    const event: fc.Arbitrary<SessionEvent> = fc.oneof(
      fc.constant<SessionEvent>({ type: 'connect' }),
      fc.constant<SessionEvent>({ type: 'close' }),
      fc.constant<SessionEvent>({ type: 'flush' }),
      fc.record({
        type: fc.constant('subscribe' as const),
        holder: fc.integer({ min: 1, max: 4 }),
        channels: fc.constantFrom(['coin:a' as const], ['metal:gold' as const], ['whales' as const]),
        options: fc.constant({}),
      }),
      fc.record({
        type: fc.constant('unsubscribe' as const),
        holder: fc.integer({ min: 1, max: 4 }),
        channels: fc.constantFrom(['coin:a' as const], ['metal:gold' as const], ['whales' as const]),
      }),
      fc.record({ type: fc.constant('socket-opened' as const), socketId }),
      fc.record({
        type: fc.constant('socket-closed' as const),
        socketId,
        code: fc.constantFrom(1000, 1006, 1012, 4401, 4403, 4429),
        reason: fc.constantFrom('', 'x;ra=1000'),
      }),
      fc.record({
        type: fc.constant('frame-seen' as const),
        socketId,
        known: fc.boolean(),
        messageType: fc.constantFrom('priceUpdate', 'pong'),
      }),
      fc.record({
        type: fc.constant('message-received' as const),
        socketId,
        message: fc.constantFrom({ type: 'pong' as const }, greeting() as never),
      }),
      fc.record({
        type: fc.constant('timer-fired' as const),
        timer: fc.constantFrom(
          'connect',
          'negotiate',
          'reconnect',
          'stable',
          'heartbeat',
          'linger',
          'requests',
          'leave',
          'farewell',
        ),
      }),
      fc.record({
        type: fc.constant('environment-changed' as const),
        online: fc.boolean(),
        visible: fc.boolean(),
        woke: fc.boolean(),
      }),
      fc.record({ type: fc.constant('token-resolved' as const), socketId, credential: fc.constant('t') }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.integer({ min: 0, max: 20_000 })), { maxLength: 60 }), (events) => {
        const machine = new Machine({}, 'provider');
        const open = new Set<number>();
        for (const [each, ms] of events) {
          machine.pass(ms).take(each);
          if (each.type === 'socket-closed') open.delete(each.socketId);
          for (const effect of machine.effects) {
            if (effect.type === 'drop-socket') {
              expect(open).toContain(effect.socketId);
              open.delete(effect.socketId);
            } else if (effect.type === 'open-socket') {
              open.add(effect.socketId);
              // The second one is a move: the first is still heard.
              expect(open.size).toBeLessThanOrEqual(machine.session.leaving === null ? 1 : 2);
            } else if (effect.type === 'send') expect(open).toContain(effect.socketId);
          }
          const linked = machine.status === 'connecting' || machine.status === 'connected';
          const { link, leaving } = machine.session;
          const live = [link?.socketId, leaving].filter((each) => typeof each === 'number');
          expect([...open].sort()).toEqual(live.sort());
          expect(link !== null).toBe(linked);
        }
      }),
      { numRuns: 500 },
    );
  });
});
