import { describe, expect, it } from 'vitest';
import { FaultyLink, isLiveMessage, slowMs, type PausableSocket } from '../../src/demo/faulty-link.js';
import type { FaultKind } from '../../src/demo/faulty-link.js';
import { PageLinks, pageOf } from '../../src/demo/page-links.js';
import { batchFrames, positionedFrame, snapshotFrames } from '../../src/services/frames.js';
import { createManualClock } from '../manual-clock.js';

function createSocket() {
  const did: string[] = [];
  let readyState = 1;
  const socket: PausableSocket = {
    get readyState() {
      return readyState;
    },
    bufferedAmount: 7,
    send: (data) => void did.push(data.toString()),
    ping: () => void did.push('ping'),
    pause: () => void did.push('pause'),
    resume: () => void did.push('resume'),
    close(code) {
      readyState = 2;
      did.push(`close ${code}`);
    },
    terminate() {
      readyState = 3;
      did.push('terminate');
    },
  };
  return { socket, did };
}

function createLink(chances: readonly number[] = []) {
  const clock = createManualClock();
  const left = [...chances];
  const { socket, did } = createSocket();
  const link = new FaultyLink(socket, { clock, random: () => left.shift() ?? 0.99 });
  const send = (text: string) => link.send(text, { binary: false }, () => undefined);
  return { clock, did, link, send };
}

const published = (seq: number) => ({
  channel: 'coin:bitcoin',
  epoch: 'e1',
  seq,
  body: '{"type":"price_update","data":{"coinId":"bitcoin","price":1}}',
  publishedAt: 0,
});
const live = (seq: number): string => positionedFrame(published(seq));

describe('a faulty link', () => {
  it('hands everything on while nothing is wrong', () => {
    const { link, send, did, clock } = createLink();
    send('a');
    link.ping(undefined, undefined, () => undefined);
    expect([link.readyState, link.bufferedAmount]).toEqual([1, 7]);
    link.close(1012, 'restart');
    expect(did).toEqual(['a', 'ping', 'close 1012']);
    expect(clock.waiting).toBe(0);
  });

  it.each<FaultKind>(['drop', 'refuse'])('is cut by %s', (kind) => {
    const { link, did } = createLink();
    link.suffer(kind);
    expect(did).toEqual(['terminate']);
    expect(link.readyState).toBe(3);
  });

  it('neither reads nor sends while it is frozen, and then sends what it held, in order', () => {
    const { link, send, did, clock } = createLink();
    link.suffer('freeze');
    send('a');
    link.ping(undefined, undefined, () => undefined);
    clock.advance(60_000);
    send('b');
    expect(did).toEqual(['pause']);
    link.mend();
    send('c');
    expect(did).toEqual(['pause', 'resume', 'a', 'b', 'c']);
    expect(clock.waiting).toBe(0);
  });

  it('delays each frame while it is slow, and lets nothing overtake afterwards', () => {
    const { link, send, did, clock } = createLink();
    link.suffer('slow');
    send('a');
    clock.advance(slowMs / 2);
    send('b');
    expect(did).toEqual([]);
    clock.advance(slowMs / 2);
    expect(did).toEqual(['a']);
    link.mend();
    send('c');
    expect(did).toEqual(['a']);
    clock.advance(slowMs / 2);
    expect(did).toEqual(['a', 'b', 'c']);
    expect(clock.waiting).toBe(0);
  });

  it('loses about half of the live messages, by chance, and nothing else', () => {
    const { link, send, did } = createLink([0.4, 0.6, 0.4]);
    link.suffer('lose');
    for (const text of [live(1), '{"type":"pong"}', live(2), '{"type":"heartbeat"}', live(3)]) send(text);
    expect(did).toEqual(['{"type":"pong"}', live(2), '{"type":"heartbeat"}']);
    link.mend();
    send(live(4));
    expect(did.at(-1)).toBe(live(4));
  });

  it('is cut when it would hold more than is bearable', () => {
    const { link, send, did, clock } = createLink();
    link.suffer('slow');
    const megabyte = 'x'.repeat(1_048_576);
    for (let count = 0; count < 5; count += 1) send(megabyte);
    expect(did).toEqual(['terminate']);
    expect(clock.waiting).toBe(0);
  });

  it('can be closed while it is frozen', () => {
    const { link, send, did } = createLink();
    link.suffer('freeze');
    send('a');
    link.close(1012, 'restart');
    link.mend();
    expect(did.slice(0, 3)).toEqual(['pause', 'resume', 'close 1012']);
    expect(did).not.toContain('a');
  });

  it.each([
    ['a price', live(3), true],
    ['a price that says what it skips', positionedFrame(published(3), { skip: 2 }), true],
    ['a replay', positionedFrame(published(3), { replay: true }), false],
    ['a snapshot', snapshotFrames([published(3)])[0]!, false],
    ['a batch', batchFrames([live(3), live(4)])[0]!, false],
    ['an answer', '{"type":"ack","id":"r1","op":"mark","data":{"channel":"user","seq":9}}', false],
  ])('tells %s from what must not get lost', (_case, text, isLive) => {
    expect(isLiveMessage(text)).toBe(isLive);
  });
});

describe('the links of pages', () => {
  function createPages(maxPages = 2) {
    const clock = createManualClock();
    const links = new PageLinks({ clock, random: () => 0.99, maxPages });
    const open = (id: string) => {
      const { socket, did } = createSocket();
      let close = (): void => undefined;
      const link = links.between(id, socket, (listener) => (close = listener));
      return { link, did, close: () => close() };
    };
    return { clock, links, open };
  }

  it.each([
    ['/ws?page=abcdefgh', 'abcdefgh'],
    ['/ws?a=1&page=3f1c8a52-2c57-4d0e-9a29-2b54a1f0c001', '3f1c8a52-2c57-4d0e-9a29-2b54a1f0c001'],
    ['/ws?page=short', undefined],
    [`/ws?page=${'x'.repeat(65)}`, undefined],
    ['/ws?page=%3Cscript%3E', undefined],
    ['/ws', undefined],
  ])('know the page of %s', (url, id) => {
    expect(pageOf(url)).toBe(id);
  });

  it('break the connections of one page, those that are opened meanwhile too, for as long as it was asked', () => {
    const { clock, links, open } = createPages();
    const [first, other] = [open('page-one'), open('page-two')];
    expect(links.break('page-one', 'freeze', 5_000)).toBe(1);
    const second = open('page-one');
    expect([first.did, second.did, other.did]).toEqual([['pause'], ['pause'], []]);
    clock.advance(5_000);
    expect([first.did, second.did, other.did]).toEqual([['pause', 'resume'], ['pause', 'resume'], []]);
    expect(clock.waiting).toBe(0);
  });

  it('refuse upgrades of one page until the time is over', () => {
    const { clock, links, open } = createPages();
    const { did, close } = open('page-one');
    links.break('page-one', 'refuse', 5_000);
    close();
    expect(did).toEqual(['terminate']);
    clock.advance(4_000);
    expect([links.refusedMs('page-one'), links.refusedMs('page-two')]).toEqual([1_000, 0]);
    clock.advance(1_000);
    expect(links.refusedMs('page-one')).toBe(0);
    expect(links.size).toBe(0);
  });

  it('replace one fault by another, and end it by none', () => {
    const { clock, links, open } = createPages();
    const { did } = open('page-one');
    links.break('page-one', 'freeze', 5_000);
    links.break('page-one', 'slow', 5_000);
    links.break('page-one', 'none', 5_000);
    expect(did).toEqual(['pause', 'resume']);
    expect(clock.waiting).toBe(0);
  });

  it('know nobody who has neither a connection nor a fault, and no more pages than they may', () => {
    const { links, open } = createPages(1);
    expect(links.break('page-one', 'drop', 1)).toBeUndefined();
    const { close } = open('page-one');
    expect(open('page-two').link).toBeUndefined();
    close();
    expect(links.size).toBe(0);
    expect(open('page-two').link).toBeDefined();
  });

  it('mend everything when the server stops', () => {
    const { clock, links, open } = createPages();
    const { did } = open('page-one');
    links.break('page-one', 'freeze', 60_000);
    links.stop();
    expect(did).toEqual(['pause', 'resume']);
    expect(clock.waiting).toBe(0);
  });
});
