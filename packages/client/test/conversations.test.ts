import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Conversation, type Script } from './conversation.js';

const protocol = path.dirname(createRequire(import.meta.url).resolve('@tickwire/protocol/package.json'));
const scripts = JSON.parse(readFileSync(path.join(protocol, 'vectors/conversations.json'), 'utf8')) as Script[];

describe('the conversations of the contract', () => {
  it('are all there', () => {
    expect(scripts.length).toBeGreaterThanOrEqual(8);
  });

  for (const script of scripts) {
    it(`${script.name}: ${script.title}`, async () => {
      await new Conversation(script).run();
    });
  }
});
