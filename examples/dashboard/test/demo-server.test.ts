import { describe, expect, it, vi } from 'vitest';
import { createDemoServer, offerOf, sessionOf } from '../src/account/demo-server.js';
import { createSessionShelf, readSession } from '../src/account/session-shelf.js';

const asha = { id: 'asha', name: 'Asha' };
const answer = (status: number, body: unknown) =>
  vi.fn<typeof fetch>(() => Promise.resolve(new Response(JSON.stringify(body), { status })));

describe('what a server offers', () => {
  it.each<[string, unknown, unknown]>([
    [
      'is read as it stands',
      { accounts: [asha], faults: ['drop', 'freeze'] },
      { accounts: [asha], faults: ['drop', 'freeze'] },
    ],
    [
      'calls a user without a name by the id',
      { accounts: [{ id: 'ben' }] },
      { accounts: [{ id: 'ben', name: 'ben' }], faults: [] },
    ],
    [
      'leaves out what is no user and no fault',
      { accounts: [7, { name: 'x' }, null], faults: ['melt'] },
      { accounts: [], faults: [] },
    ],
    ['is nothing in an answer that is none', '<html>', { accounts: [], faults: [] }],
    ['is nothing in null', null, { accounts: [], faults: [] }],
  ])('%s', (_title, given, expected) => {
    expect(offerOf(given)).toEqual(expected);
  });

  it('is nothing where there are no such endpoints, or a page in their place', async () => {
    const nothing = { accounts: [], faults: [] };
    expect(await createDemoServer('p', answer(404, {})).offer()).toEqual(nothing);
    const page = () => Promise.resolve(new Response('<!doctype html>'));
    expect(await createDemoServer('p', page).offer()).toEqual(nothing);
  });

  it('is not known while the server fails, so that it is asked again', async () => {
    await expect(createDemoServer('p', answer(500, {})).offer()).rejects.toThrow('HTTP 500');
  });
});

describe('a sign-in', () => {
  it.each<[string, unknown, unknown]>([
    ['has its token and its end', { token: 't', expiresAt: 5 }, { user: asha, token: 't', expiresAt: 5 }],
    [
      'reads an end in words',
      { token: 't', expiresAt: '1970-01-01T00:00:00.005Z' },
      { user: asha, token: 't', expiresAt: 5 },
    ],
    ['without a token is none', { token: '', expiresAt: 5 }, undefined],
    ['without an end is none', { token: 't', expiresAt: 'soon' }, undefined],
    ['that is no object is none', 'token', undefined],
  ])('%s', (_title, given, expected) => {
    expect(sessionOf(given, asha)).toEqual(expected);
  });

  it('asks by the user and keeps the token out of the address', async () => {
    const ask = answer(200, { token: 'secret', expiresAt: 5 });
    await createDemoServer('p', ask).signIn(asha);
    expect(ask.mock.calls[0]?.[0]).toBe('/api/demo/sign-in');
    expect(ask.mock.calls[0]?.[1]).toMatchObject({ method: 'POST', body: '{"user":"asha"}' });
  });

  it.each<[string, typeof fetch]>([
    ['no demo', answer(404, {})],
    ['Try again in a minute', answer(429, {})],
    ['HTTP 503', answer(503, {})],
    ['without a token', answer(200, {})],
    ['cannot be reached', () => Promise.reject(new TypeError('fetch failed'))],
  ])('fails with what to do: "%s"', async (words, ask) => {
    await expect(createDemoServer('p', ask).signIn(asha)).rejects.toThrow(words);
  });
});

describe('a fault', () => {
  it('is asked for by the name of the page, with its time where it has one', async () => {
    const ask = answer(200, {});
    const demo = createDemoServer('page-1', ask);
    await demo.breakIt('freeze', 30_000);
    await demo.breakIt('none', 0);
    expect(ask.mock.calls.map(([, init]) => init?.body)).toEqual([
      '{"page":"page-1","kind":"freeze","forMs":30000}',
      '{"page":"page-1","kind":"none"}',
    ]);
  });

  it('says of a page without a connection that it has to come back first', async () => {
    const demo = createDemoServer('page-1', answer(404, { code: 'UNKNOWN_PAGE' }));
    await expect(demo.breakIt('drop', 0)).rejects.toThrow('Wait until it is back');
  });
});

describe('the shelf of the session', () => {
  const session = { user: asha, token: 't', expiresAt: 5 };
  it.each<[string, string | null, unknown]>([
    ['what was kept', JSON.stringify(session), session],
    ['nothing', null, undefined],
    ['what is no JSON', '{', undefined],
    ['what is no session', 'null', undefined],
    ['a session of nobody', '{"token":"t","expiresAt":5,"user":{}}', undefined],
  ])('reads %s', (_title, text, expected) => {
    expect(readSession(text)).toEqual(expected);
  });

  it('keeps and forgets, and does without where a browser forbids it', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => void kept.set(key, text),
      removeItem: (key: string) => void kept.delete(key),
    } as unknown as Storage;
    const shelf = createSessionShelf(() => storage);
    shelf.write(session);
    expect(shelf.read()).toEqual(session);
    shelf.write(undefined);
    expect(kept.size).toBe(0);
    const forbidden = createSessionShelf(() => {
      throw new Error('SecurityError');
    });
    forbidden.write(session);
    expect(forbidden.read()).toBeUndefined();
  });
});
