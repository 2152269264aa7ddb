import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket as WsWebSocket } from 'ws';
import { FakeSocket, FakeSockets } from '@tickwire/testing';
import type { WebSocketConstructor } from '@tickwire/client';
import * as node from '../../src/io/socket.js';
import * as web from '../../src/io/socket.web.js';
import { openSocket } from '../../src/io/web-socket.js';

const platform = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
const setPlatform = (value: unknown): void => {
  Object.defineProperty(globalThis, 'WebSocket', { value, configurable: true, writable: true });
};
afterEach(() => {
  if (platform === undefined) Reflect.deleteProperty(globalThis, 'WebSocket');
  else Object.defineProperty(globalThis, 'WebSocket', platform);
});

describe('the WebSocket to connect with', () => {
  it('is looked up when connecting: the platform’s, else the package in Node and nothing on the web', () => {
    setPlatform(undefined);
    expect(Object.getPrototypeOf(node.resolveWebSocket(false))).toBe(WsWebSocket);
    expect(web.resolveWebSocket(false)).toBeUndefined();
    const Late = FakeSocket;
    setPlatform(Late);
    expect(node.resolveWebSocket(false)).toBe(Late);
    expect(web.resolveWebSocket(false)).toBe(Late);
  });

  it('is the package in Node when headers have to go along', () => {
    setPlatform(FakeSocket);
    expect(Object.getPrototypeOf(node.resolveWebSocket(true))).toBe(WsWebSocket);
    expect([node.takesHeaders, web.takesHeaders]).toEqual([true, false]);
  });

  it('F24: loads no package of Node where the platform has a WebSocket and no headers have to go along', () => {
    setPlatform(FakeSocket);
    const loads = vi.spyOn(process, 'getBuiltinModule');
    node.resolveWebSocket(false);
    expect(loads).not.toHaveBeenCalled();
    loads.mockRestore();
  });

  it('may be of any make: the platform’s and the package’s fit by shape', () => {
    const fits: WebSocketConstructor[] = [WsWebSocket, globalThis.WebSocket, FakeSocket];
    expect(fits).toHaveLength(3);
  });

  it('has a web room that names nothing of Node', () => {
    for (const room of ['socket.web.ts', 'web-socket.ts', 'web-socket-like.ts', 'clock.ts', 'environment.ts']) {
      const text = readFileSync(path.resolve(import.meta.dirname, '../../src/io', room), 'utf8');
      expect(text).not.toMatch(/'ws'|node:/);
    }
  });
});

describe('a socket', () => {
  const wallNow = (): number => 0;
  const nothing = { opened: () => undefined, received: () => undefined, closed: () => undefined };

  it('says nothing more after it was dropped, and takes the error that closing raises', () => {
    const events: unknown[] = [];
    const sockets = new FakeSockets();
    sockets.answersClose = false;
    const socket = openSocket(
      'ws://a',
      { WebSocket: sockets.WebSocket, wallNow },
      {
        opened: () => events.push('opened'),
        received: () => events.push('received'),
        closed: () => events.push('closed'),
      },
    );
    let gone = 0;
    socket?.drop(1000, '', () => (gone += 1));
    sockets.last.drop(1006);
    sockets.last.drop(1006);
    expect(events).toEqual([]);
    expect(gone).toBe(1);
  });

  it.each([1008, 1001, 12, 5_000])('never closes with %i, which platforms refuse', (code) => {
    let closed: number | undefined;
    const WebSocket = class extends FakeSocket {
      override close(given?: number): void {
        closed = given;
      }
    };
    openSocket('ws://a', { WebSocket, wallNow }, nothing)?.drop(code, '', () => undefined);
    expect(closed).toBe(1000);
  });

  it('closes an open that comes after it was dropped', () => {
    const closes: number[] = [];
    const sockets = new FakeSockets();
    const socket = openSocket('ws://a', { WebSocket: sockets.WebSocket, wallNow }, nothing);
    const late = sockets.last;
    // Some platforms take a close while connecting and open all the same.
    late.close = () => closes.push(late.readyState);
    socket?.drop(1000, '', () => undefined);
    late.open();
    expect(closes).toEqual([0, 1]);
  });

  it('does not send into a socket that is not open', () => {
    expect(openSocket('ws://a', { WebSocket: FakeSocket, wallNow }, nothing)?.send('x')).toBe(false);
  });

  it('tells of a failure without the address', () => {
    let cause: unknown;
    const sockets = new FakeSockets();
    openSocket(
      'ws://a/?secret=1',
      { WebSocket: sockets.WebSocket, wallNow },
      { ...nothing, closed: (_code, _reason, why) => (cause = why) },
    );
    (sockets.last.onerror as (event: unknown) => void)({ message: 'cannot reach wss://a/?secret=1 now' });
    sockets.last.drop(1006);
    expect(cause).toBe('cannot reach the server now');
  });

  const refused = new Error('connect ECONNREFUSED 127.0.0.1:1');
  const both = Object.assign(new AggregateError([refused, new Error('connect ECONNREFUSED ::1:1')], ''), {
    code: 'ECONNREFUSED',
  });
  it.each([
    ['the error of one address', { message: '', error: refused }, refused.message],
    ['the first of those of several addresses', { message: '', error: both }, refused.message],
    ['the code of one without words', { message: '', error: Object.assign(new Error(), { code: 'EPIPE' }) }, 'EPIPE'],
    ['what lies beneath it', { message: 'Failed', error: new Error('Failed', { cause: both }) }, refused.message],
    ['words of the event alone', { message: 'Failed', error: null }, 'Failed'],
    ['the next event where one has no words', { message: '', error: new AggregateError([], '') }, 'connect refused'],
    ['the next event where there is none', undefined, 'connect refused'],
  ])('F19: tells of a failure by %s', (_what, event, words) => {
    let cause: unknown = 'none';
    const sockets = new FakeSockets();
    openSocket(
      'ws://a',
      { WebSocket: sockets.WebSocket, wallNow },
      { ...nothing, closed: (_code, _reason, why) => (cause = why) },
    );
    (sockets.last.onerror as (event: unknown) => void)(event);
    sockets.last.drop(1006);
    expect(cause).toBe(words);
  });
});
