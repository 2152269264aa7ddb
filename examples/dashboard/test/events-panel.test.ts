/** The panel as markup, as `page.test.ts` has the page. What moves is for the end-to-end tests. */
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { catalogRows } from '../src/market/catalog-rows.js';
import { keptMinimum, keptPlatform } from '../src/events/events-panel.js';
import type { FeedFilter } from '../src/events/feed-filter.js';
import { lineOf, missedLine, type FeedLine } from '../src/events/feed-lines.js';
import { FeedPanel } from '../src/events/feed-panel.js';
import { at, spike, whale } from './market-events.js';

const rows = new Map(
  catalogRows([
    { channel: 'coin:bitcoin', id: 'bitcoin', aliases: ['BTC'], currency: 'USD' },
    { channel: 'coin:skl-usd', id: 'skl-usd', currency: 'USD' },
  ]).map((row) => [row.channel as string, row]),
);

interface Shown {
  refused?: boolean;
  asked?: boolean;
  live?: boolean;
  filter?: FeedFilter;
}

function markupOf(
  lines: readonly FeedLine[],
  { refused = false, asked = true, live = true, filter = {} }: Shown = {},
): string {
  const state = { lines, refused, asked };
  const props = { channel: 'whales' as const, state, filter, rows, live, showAll: () => undefined, children: null };
  return renderToString(createElement(FeedPanel, props)).replaceAll('<!-- -->', '');
}

const lineWith = (html: string, text: string): string =>
  (html.match(/<li.*?<\/li>/g) ?? []).find((line) => line.includes(text)) ?? '';

describe('the events', () => {
  const missed = missedLine(
    'whales',
    { channel: 'whales', from: 4, to: 6, reason: 'too_old' },
    Date.parse(at(9)),
    'gap',
  );
  const all = [
    lineOf(whale(8), 'a'),
    missed,
    lineOf(spike(2, { change: '-12.5', mentions24h: '12345', coinId: 'shiba-inu' }), 'b'),
  ];
  const html = markupOf(all);

  it('say when, which coin, how much and from where to where', () => {
    const line = lineWith(html, 'Whale');
    expect(line).toContain(`dateTime="${at(8)}"`);
    expect(line).toContain('>Bitcoin<');
    expect(line).toContain('>$6.4M<');
    expect(line).toContain('100 BTC');
    expect(line).toMatch(/0x1111….* to .*0x2222…/);
    expect(line).toContain('title="0x1111aaaabbbb → 0x2222ccccdddd"');
  });

  it('say on which platform a coin is talked of, how often, and the change by sign and arrow', () => {
    const line = lineWith(html, 'Spike on Twitter');
    expect(line).toContain('>Shiba Inu<');
    expect(line).toContain('12.3K mentions');
    expect(line).toMatch(/data-trend="down".*▼.*-12\.5%/);
    expect(lineWith(markupOf([lineOf(spike(1), '')]), 'Spike')).toMatch(/data-trend="up".*▲.*\+187%/);
  });

  it('say what was missed, in its place', () => {
    expect(html.match(/data-event="\w+"/g)).toEqual([
      'data-event="whale_movement"',
      'data-event="missed"',
      'data-event="social_spike"',
    ]);
    expect(lineWith(html, 'missed')).toContain('3 whales missed while you were away');
  });

  it('call a coin as the catalog does, or after its id', () => {
    expect(markupOf([lineOf(whale(1, { coinId: 'skl-usd' }), '')])).toContain('>SKL-USD<');
    expect(markupOf([lineOf(whale(1, { coinId: 'dog-wif-hat' }), '')])).toMatch(/>Dog Wif Hat<.*100 coins/);
    expect(markupOf([lineOf(whale(1, { coinId: 7 }), '')])).toContain('>Coin 7<');
  });

  it('are labelled where they are simulated: the panel where all are, else each line', () => {
    const simulated = { source: 'simulated' };
    const allOf = markupOf([lineOf(whale(1, simulated), ''), ...all.slice(1, 2)]);
    expect(allOf).toMatch(/<header[^>]*>.*>Simulated<.*<\/header>/);
    expect(allOf.match(/>Simulated</g)).toHaveLength(1);
    const some = markupOf([lineOf(whale(1, simulated), ''), lineOf(spike(1), '')]);
    expect(some).not.toMatch(/<header[^>]*>.*>Simulated<.*<\/header>/);
    expect(lineWith(some, 'Whale')).toContain('>Simulated<');
    expect(lineWith(some, 'Spike')).not.toContain('Simulated');
    expect(html).not.toContain('Simulated');
  });

  it('are a list with a name that keys can reach, and do not speak up by themselves', () => {
    const [, id] = /<h3 id="([^"]+)">Whales<\/h3>/.exec(html) ?? [];
    expect(html).toContain(`<section class="feed" aria-labelledby="${id}"`);
    expect(html).toMatch(new RegExp(`<ol role="list" tabindex="0" aria-labelledby="${id}">`, 'i'));
    expect(html).not.toMatch(/aria-live|role="(status|log|alert)"/);
  });

  it('show which came while one looked', () => {
    expect(lineWith(html, 'Whale')).toContain('data-arrival="live"');
    expect(markupOf([lineOf(whale(1), '', 'before')])).toContain('data-arrival="before"');
  });

  it('say above those that came late how many they are', () => {
    const late = [lineOf(whale(2), '', 'late'), lineOf(whale(1), '', 'late')];
    expect(markupOf([lineOf(whale(3), ''), ...late])).toMatch(
      /data-arrival="live".*>2 whales while you were away<.*data-arrival="late"/,
    );
  });

  it.each<[string, Shown]>([
    ['appear here as they happen', {}],
    ['Asking for the last whale movements', { asked: false }],
    ['What is missed meanwhile is asked for once it is back', { live: false }],
    ['This server has no whale movements', { refused: true }],
  ])('say "%s" where there are none', (sentence, state) => {
    expect(markupOf([], state)).toContain(sentence);
    expect(markupOf(all, state)).not.toContain(sentence);
  });

  it('say that a filter hides them all, with a way to see them', () => {
    const hidden = markupOf([lineOf(whale(1), ''), lineOf(whale(2), '')], { filter: { minUsd: 1e9 } });
    expect(hidden).toMatch(/None of the last 2 whale movements passes the filter.*<button[^>]*>Show all</);
  });

  it('look their age once the connection is lost', () => {
    expect(markupOf(all, { live: false })).toContain('data-live="false"');
    expect(html).toContain('data-live="true"');
  });
});

describe('the settings of the events', () => {
  it.each<[unknown, number | undefined]>([
    [1_000_000, 1_000_000],
    [0, 0],
    [123, undefined],
    ['1000000', undefined],
    [null, undefined],
  ])('take %o as the minimum %o', (value, expected) => {
    expect(keptMinimum(value)).toBe(expected);
  });

  it.each<[unknown, string | undefined]>([
    ['twitter', 'twitter'],
    ['', undefined],
    ['x'.repeat(5_000), undefined],
    [{ platform: 'twitter' }, undefined],
  ])('take %o as the platform %o', (value, expected) => {
    expect(keptPlatform(value)).toBe(expected);
  });
});
