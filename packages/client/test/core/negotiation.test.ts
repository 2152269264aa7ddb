import { describe, expect, it } from 'vitest';
import { dialectAtOpen, dialectOfChannels, dialectOfFrame } from '../../src/core/negotiation.js';
import { greeting, Machine } from './machine.js';

describe('a first frame', () => {
  it.each([
    ['hello', 'tickwire'],
    ['priceUpdate', 'metals'],
    ['price_update', 'coins'],
    ['welcome', 'coins'],
    ['subscribed', 'coins'],
    ['alert_triggered', 'coins'],
    ['whale_movement', 'coins'],
    ['social_spike', 'coins'],
    ['pong', undefined],
    ['error', undefined],
    ['anything', undefined],
    ['__proto__', undefined],
  ])('%s proves %s', (type, dialect) => {
    expect(dialectOfFrame(type)).toBe(dialect);
  });

  it.each(['pong', 'error'])('a bare %s leaves the negotiation open', (type) => {
    expect(new Machine().take({ type: 'connect' }).opened().receive({ type }).status).toBe('connecting');
  });
});

describe('silence', () => {
  it.each([
    [['coin:a', 'metal:gold'], 'coins'],
    [['metal:gold', 'coin:a'], 'metals'],
    [['whales'], 'coins'],
    [[], undefined],
  ] as const)('is decided by the first of %j: %s', (channels, dialect) => {
    expect(dialectOfChannels(channels)).toBe(dialect);
  });
});

describe('at the opening of a socket', () => {
  it.each([
    ['coins', null, 'coins'],
    ['metals', 'coins', 'metals'],
    ['tickwire', null, undefined],
    ['auto', null, undefined],
    ['auto', 'coins', 'coins'],
    ['auto', 'tickwire', undefined],
  ] as const)('%s with %s remembered speaks %s', (asked, remembered, dialect) => {
    expect(dialectAtOpen(asked, remembered)).toBe(dialect);
  });
});

describe('a dialect once told', () => {
  it('is remembered: a reconnect to an older server does not wait', () => {
    const machine = new Machine().subscribe(1, 'coin:a').opened().receive({ type: 'welcome' });
    machine.closed(1006).fire('reconnect').opened();
    expect(machine.session.connection).toMatchObject({ status: 'connected', dialect: 'coins' });
    expect(machine.frames).toEqual([{ type: 'subscribe', data: { coinId: 'a' } }]);
  });

  it('is checked again: an older server that has become a tickwire server is asked anew', () => {
    const machine = new Machine().subscribe(1, 'coin:a').opened().receive({ type: 'welcome' });
    machine.closed(1006).fire('reconnect').opened().receive(greeting());
    expect(machine.session.connection).toMatchObject({ status: 'connected', dialect: 'tickwire' });
    expect(machine.frames).toMatchObject([
      { type: 'hello' },
      { type: 'subscribe', data: { channels: [{ channel: 'coin:a' }] } },
    ]);
  });

  it('is corrected by a first frame that comes after the silence', () => {
    const machine = new Machine().subscribe(1, 'coin:a', 'metal:gold').opened().fire('negotiate');
    expect(machine.session.connection).toMatchObject({ dialect: 'coins' });
    machine.receive({ type: 'priceUpdate', data: {} });
    expect(machine.session.connection).toMatchObject({ status: 'connected', dialect: 'metals' });
    expect(machine.frames).toEqual([{ type: 'subscribe', metals: ['gold'] }]);
  });

  it('is not changed by later frames', () => {
    const machine = new Machine().connected('coins').receive({ type: 'priceUpdate', data: {} });
    expect(machine.session.connection).toMatchObject({ dialect: 'coins' });
  });

  it('is what the user asked for, whatever the server sends', () => {
    const machine = new Machine({ dialect: 'metals' }).take({ type: 'connect' }).opened().receive(greeting());
    expect(machine.session.connection).toMatchObject({ status: 'connected', dialect: 'metals' });
    expect(machine.told).not.toContain('send hello');
  });

  it('tickwire waits for the greeting, nothing else will do', () => {
    const machine = new Machine({ dialect: 'tickwire' }).take({ type: 'connect' }).opened();
    expect(machine.told).toEqual([]);
    machine.receive({ type: 'priceUpdate', data: {} });
    expect(machine.status).toBe('connecting');
    machine.receive(greeting());
    expect(machine.session.connection).toMatchObject({ status: 'connected', dialect: 'tickwire' });
  });
});
