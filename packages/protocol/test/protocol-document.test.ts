import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CloseCode } from '../src/close-codes.js';
import { decodeClientMessage, decodeServerMessage } from '../src/codec.js';
import { ErrorCode } from '../src/error-codes.js';
import { knownClientTypes, knownServerTypes } from '../src/index.js';

const text = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/```json (server|client)\n([\s\S]*?)\n```/g)].map((found, index) => ({
  title: `${index + 1}, from the ${found[1] ?? ''}: ${(found[2] ?? '').slice(0, 60)}`,
  side: found[1],
  frame: found[2] ?? '',
}));

describe('PROTOCOL.md', () => {
  it.each(examples)('has an example that decodes: $title', ({ side, frame }) => {
    const result = side === 'server' ? decodeServerMessage(frame) : decodeClientMessage(frame);
    expect(result).toMatchObject({ ok: true, kind: 'known' });
    expect(result).not.toHaveProperty('reported');
  });

  it('marks every JSON block with its direction', () => {
    expect(text.match(/```json/g)).toHaveLength(examples.length);
  });

  it('has an example of every message', () => {
    const shown = (side: string): Set<unknown> =>
      new Set(examples.filter((e) => e.side === side).map((e) => (JSON.parse(e.frame) as { type: string }).type));
    expect(shown('server')).toEqual(new Set(knownServerTypes));
    expect(shown('client')).toEqual(new Set(knownClientTypes));
  });

  it('lists every close code and every error code', () => {
    const table = text.slice(text.indexOf('## 8. Close codes'));
    for (const code of Object.values(CloseCode)) expect(table).toContain(String(code));
    for (const code of Object.values(ErrorCode)) expect(table).toContain(`\`${code}\``);
  });
});
