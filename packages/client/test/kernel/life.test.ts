import { describe, expect, it } from 'vitest';
import { PriceStreamError } from '../../src/kernel/errors.js';
import type { LifeTimer } from '../../src/kernel/life-state.js';
import type { Verdict } from '../../src/kernel/verdicts.js';
import { LifeBench, lifeIn, type Status } from './life-bench.js';

const all: readonly Status[] = ['idle', 'connecting', 'connected', 'reconnecting', 'paused', 'closed', 'failed'];
const timers: readonly LifeTimer[] = ['connect', 'reconnect', 'stable', 'leave', 'farewell'];
const dead = new PriceStreamError('HEARTBEAT_TIMEOUT', 'The other side stopped answering.', { retryable: true });
const forbidden: Verdict = { action: 'fail', meaning: 'forbidden', code: 'FORBIDDEN', advice: ' Ask for the right.' };

describe('the life of a connection, a cell of its table a test', () => {
  describe('× connect', () => {
    it.each<[Status, string[], string]>([
      ['idle', ['start connect 10000', 'dial'], 'connecting, attempt 1'],
      ['connecting', [], 'connecting, attempt 1'],
      ['connected', [], 'connected metals'],
      ['reconnecting', ['stop reconnect', 'start connect 10000', 'dial'], 'connecting, attempt 2'],
      ['paused', ['stop reconnect', 'start connect 10000', 'dial'], 'connecting, attempt 2'],
      ['closed', ['start connect 10000', 'dial'], 'connecting, attempt 1'],
      ['failed', ['start connect 10000', 'dial'], 'connecting, attempt 1'],
    ])('%s × connect', (from, asked, to) => {
      const bench = lifeIn(from).connect();
      expect(bench.asked).toEqual(asked);
      expect(bench.is).toBe(to);
    });

    it.each<Status>(['closed', 'failed'])('%s × connect starts over with attempt 1', (from) => {
      const bench = lifeIn(from).connect();
      expect(bench.life.state).toEqual({ status: 'connecting', attempt: 1 });
      // And with the first delay.
      expect(bench.closed(1006).is).toBe('reconnecting in 625');
    });

    it('paused and hidden × connect → nothing: nobody looks', () => {
      const bench = lifeIn('reconnecting').surroundings(true, false).connect();
      expect(bench.asked).toEqual([]);
      expect(bench.is).toBe('paused hidden');
    });
  });

  describe('× the socket opens', () => {
    it('connecting × open → nothing yet: the server may have to greet', () => {
      const bench = lifeIn('connecting').on((life) => life.open());
      expect(bench.asked).toEqual([]);
      expect(bench.is).toBe('connecting, attempt 1');
    });

    it('connecting × greeted → connected, and the timers of the attempt change', () => {
      const bench = lifeIn('connecting').greeted('any');
      expect(bench.asked).toEqual(['stop connect', 'start stable 10000']);
      expect(bench.life.state).toEqual({
        ...{ status: 'connected', since: bench.wallNow(), transport: 'websocket', dialect: 'any' },
        ...{ authenticated: false, rttMs: null, mute: false },
      });
    });

    it('connected × greeted in another dialect → shows it, and nothing else changes', () => {
      const bench = lifeIn('connected');
      const { state } = bench.life;
      bench.on((life) => life.greeted('other'));
      expect(bench.asked).toEqual([]);
      expect(bench.life.state).toEqual({ ...state, dialect: 'other' });
    });

    it('connected × what is shown already → the same object', () => {
      const bench = lifeIn('connected');
      const { state } = bench.life;
      bench.on((life) => life.show({ mute: false, authenticated: false, dialect: 'metals' }));
      expect(bench.life.state).toBe(state);
      expect(bench.on((life) => life.show({ rttMs: 12 })).life.state).toEqual({ ...state, rttMs: 12 });
    });

    it.each<Status>(all.filter((status) => status !== 'connected'))('%s × facts of a connection → nothing', (from) => {
      const bench = lifeIn(from);
      const { state } = bench.life;
      expect(bench.on((life) => life.show({ rttMs: 12 })).life.state).toBe(state);
    });
  });

  describe('× the socket closes', () => {
    it.each<[Status, number, string[], string]>([
      ['connecting', 1006, ['stop connect', 'drop current (gone)', 'start reconnect 625'], 'reconnecting in 625'],
      ['connected', 1006, ['stop stable', 'drop current (gone)', 'start reconnect 625'], 'reconnecting in 625'],
      ['connected', 1000, ['stop stable', 'drop current (gone)', 'ended', 'report CLOSED'], 'closed 1000'],
      ['connected', 1013, ['stop stable', 'drop current (gone)', 'start reconnect 5375'], 'reconnecting in 5375'],
    ])('%s × closed(%i)', (from, code, asked, to) => {
      const bench = lifeIn(from).closed(code);
      expect(bench.asked).toEqual(asked);
      expect(bench.is).toBe(to);
      expect(bench.life.socket).toBe(false);
    });

    it.each<Status>(['connecting', 'connected'])('%s × closed, for good → failed, with words of what to do', (from) => {
      const bench = lifeIn(from).closed(4999, { verdict: forbidden });
      expect(bench.asked.slice(1)).toEqual(['drop current (gone)', 'ended FORBIDDEN', 'report FORBIDDEN']);
      expect(bench.life.state).toMatchObject({
        status: 'failed',
        error: { code: 'FORBIDDEN', closeCode: 4999, retryable: false },
      });
      const happened = from === 'connected' ? 'The connection was closed' : 'The connection could not be made';
      expect(bench.errors.at(-1)?.message).toBe(`${happened}: forbidden (4999). Ask for the right.`);
    });

    it('connected × closed for a reason that nobody knows → reconnecting, and says so', () => {
      const bench = lifeIn('connected').closed(4477);
      expect(bench.life.state).toMatchObject({
        status: 'reconnecting',
        cause: { code: 'CONNECT_FAILED', closeCode: 4477, message: expect.stringMatching(/does not know/) as string },
      });
      expect(bench.errors).toEqual([]);
    });

    it.each([
      ['retry', forbidden, 'reconnecting in 625'],
      ['stop', undefined, 'closed 1006'],
      ['fail', undefined, 'failed CONNECT_FAILED'],
    ] as const)('the user says %s of a close, whatever it means', (word, verdict, to) => {
      const bench = lifeIn('connected').closed(1006, { word, verdict });
      expect(bench.is).toBe(to);
      // Whose word it was is told of a failure alone.
      expect(bench.errors.map(({ code }) => code)).toEqual(word === 'fail' ? ['CONNECT_FAILED'] : []);
    });

    it('offline or hidden, an attempt is not planned but paused', () => {
      for (const [online, visible, to, slow] of [
        [false, true, 'paused offline', true],
        [true, false, 'paused hidden', false],
        [false, false, 'paused offline', false],
      ] as const) {
        const bench = lifeIn('connected').surroundings(online, visible).closed(1006);
        expect(bench.is).toBe(to);
        // Offline is a hint, and somebody looks: a slow try goes on, one and a half of the longest delay away.
        expect(bench.timers.get('reconnect')).toBe(slow ? 45_000 : undefined);
      }
    });

    it('fails after five framing errors in a row, and counts anew after a stable connection', () => {
      const bench = new LifeBench();
      for (let close = 1; close <= 5; close += 1) bench.connected().closed(1002);
      expect(bench.status).toBe('reconnecting');
      bench.connected().fire('stable').closed(1002);
      expect(bench.status).toBe('reconnecting');
      for (let close = 1; close <= 5; close += 1) bench.connected().closed(1002);
      expect(bench.status).toBe('failed');
    });

    it('stops the timers of the link that is gone', () => {
      for (const more of [{}, { word: 'stop' }, { word: 'fail' }] as const) {
        const bench = lifeIn('connected').on((life) => life.moving(60_000, 90_000));
        expect([...bench.timers.keys()]).toEqual(['leave']);
        bench.closed(1006, more);
        expect([...bench.timers.keys()]).toEqual('word' in more ? [] : ['reconnect']);
        const connecting = lifeIn('connecting').closed(1006, more);
        expect([...connecting.timers.keys()]).toEqual('word' in more ? [] : ['reconnect']);
      }
    });

    it('says after the third attempt in a row that never opened what to look at', () => {
      const bench = new LifeBench().connect();
      const texts: string[] = [];
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        const { state } = bench.closed(1006).life;
        if (state.status === 'reconnecting') texts.push(state.cause?.message ?? '');
        bench.fire('reconnect');
      }
      expect(texts.map((text) => text.includes('Check the address'))).toEqual([false, false, true]);
      const refused = new LifeBench().connect().closed(1006, { cause: 'connect ECONNREFUSED 127.0.0.1:1' });
      expect(refused.life.state).toMatchObject({
        cause: { message: expect.stringMatching(/is the server running/) as string },
      });
    });
  });

  describe('× close', () => {
    it.each<[Status, string[]]>([
      ['idle', ['ended']],
      ['connecting', ['stop connect', 'drop current (1000)', 'ended']],
      ['connected', ['stop stable', 'drop current (1000)', 'ended']],
      ['reconnecting', ['stop reconnect', 'ended']],
      ['paused', ['stop reconnect', 'ended']],
      ['closed', ['ended']],
      ['failed', ['ended']],
    ])('%s × close → closed', (from, asked) => {
      const bench = lifeIn(from).on((life) => life.close());
      expect(bench.asked).toEqual(asked);
      expect(bench.is).toBe('closed 1000');
      expect(bench.timers.size).toBe(0);
    });

    it('keeps the code and the reason of a close of the server', () => {
      const bench = lifeIn('connected').closed(4999, { reason: 'bye', word: 'stop' });
      const { state } = bench.life;
      expect(state).toEqual({ status: 'closed', code: 4999, reason: 'bye' });
      expect(bench.on((life) => life.close()).life.state).toBe(state);
    });

    it('nothing but connect leaves closed', () => {
      for (const from of ['closed', 'failed'] as const) {
        const bench = lifeIn(from);
        const { state } = bench.life;
        for (const timer of timers) bench.fire(timer);
        for (const online of [true, false]) for (const woke of [true, false]) bench.surroundings(online, true, woke);
        bench.on((life) => life.letGo());
        expect(bench.life.state).toBe(state);
        expect([bench.open.size, bench.timers.size]).toEqual([0, 0]);
      }
    });

    it('tears down before it tells: the drop precedes everything that listeners see', () => {
      for (const event of [
        (bench: LifeBench) => bench.on((life) => life.close()),
        (bench: LifeBench) => bench.on((life) => life.fail(dead)),
        (bench: LifeBench) => bench.closed(1000),
        (bench: LifeBench) => bench.closed(4999, { verdict: forbidden }),
      ]) {
        const { asked } = event(lifeIn('connected'));
        const drop = asked.findIndex((each) => each.startsWith('drop'));
        const told = asked.findIndex((each) => /^(ended|report)/.test(each));
        expect(drop).toBeGreaterThanOrEqual(0);
        expect(drop).toBeLessThan(told);
      }
    });
  });

  describe('× a timer', () => {
    it('connecting × connect → drops the socket, reconnecting', () => {
      const bench = lifeIn('connecting').fire('connect');
      expect(bench.asked).toEqual(['drop current (4000 connect_timeout)', 'start reconnect 625']);
      expect(bench.life.state).toMatchObject({
        status: 'reconnecting',
        cause: { code: 'CONNECT_TIMEOUT', message: 'No connection within 10000 ms.', retryable: true },
      });
    });

    it('connecting × connect, opened but never greeted → reconnecting, and says what came instead', () => {
      const bench = lifeIn('connecting').on((life) => life.open());
      bench.instead = ' The server sent nothing.';
      expect(bench.fire('connect').life.state).toMatchObject({
        status: 'reconnecting',
        cause: { message: 'No connection within 10000 ms. The server sent nothing.' },
      });
    });

    it('connected × a dead peer → drops the socket and plans the next attempt in the same step', () => {
      const bench = lifeIn('connected').on((life) => life.lost(dead, {}, false, 'heartbeat_timeout'));
      expect(bench.asked).toEqual([...['stop stable', 'drop current (4000 heartbeat_timeout)', 'start reconnect 625']]);
      expect(bench.life.state).toMatchObject({ status: 'reconnecting', cause: dead });
    });

    it('connected × stable → the attempts start over', () => {
      const bench = lifeIn('reconnecting').fire('reconnect').greeted();
      expect(bench.life.attempt).toBe(2);
      bench.fire('stable');
      expect(bench.life.attempt).toBe(0);
      expect(bench.closed(1006).is).toBe('reconnecting in 625');
    });

    it('reconnecting × reconnect → connecting', () => {
      const bench = lifeIn('reconnecting').fire('reconnect');
      expect(bench.life.state).toEqual({ status: 'connecting', attempt: 2 });
    });

    it.each<Status>(['idle', 'paused', 'closed', 'failed'])('%s × any timer → nothing', (from) => {
      for (const timer of timers) {
        // A slow try goes on offline.
        if (from === 'paused' && timer === 'reconnect') continue;
        const bench = lifeIn(from);
        const { state } = bench.life;
        expect(bench.fire(timer).asked).toEqual([]);
        expect(bench.life.state).toBe(state);
      }
    });

    it.each<[Status, LifeTimer]>([
      ['connecting', 'reconnect'],
      ['connecting', 'leave'],
      ['connected', 'connect'],
      ['connected', 'reconnect'],
      ['connected', 'farewell'],
      ['reconnecting', 'connect'],
      ['reconnecting', 'leave'],
      ['reconnecting', 'farewell'],
    ])('%s × %s, which is of another state → nothing', (from, timer) => {
      const bench = lifeIn(from);
      const { state } = bench.life;
      expect(bench.fire(timer).asked).toEqual([]);
      expect(bench.life.state).toBe(state);
    });
  });
});
