import type { Credential } from '@tickwire/client';
import { expect, it } from 'vitest';
import { areTwoUsers, ownerOf } from '../src/credential-owner.js';
import { jwt } from './tokens.js';

const alice = jwt('alice', { iat: 1 });

it.each<[string, Credential | null | undefined, Credential | null | undefined, boolean, boolean]>([
  ['two tokens of one user', alice, jwt('alice', { iat: 2 }), true, false],
  ['names beyond ASCII', jwt('Zoë 🪙', { iat: 1 }), jwt('Zoë 🪙', { iat: 2 }), true, false],
  ['two users', alice, jwt('bob'), false, true],
  ['two issuers', alice, jwt('alice', { iss: 'other' }), false, true],
  ['texts that name nobody', 'one', 'two', false, false],
  ['equal texts', 'one', 'one', true, false],
  ['an API key and a text', { apiKey: 'one' }, 'one', false, false],
  ['equal API keys', { apiKey: 'one' }, { apiKey: 'one' }, true, false],
  ['nobody and somebody', null, alice, false, false],
  ['nobody and nobody', null, undefined, true, false],
  ['what looks like a token', 'a.%%%.c', 'a.b.c', false, false],
  ['a token without a subject', `a.${btoa('{}')}.c`, `a.${btoa('[]')}.c`, false, false],
  ['a token whose claims are none', `a.${btoa('null')}.c`, `a.${btoa('7')}.c`, false, false],
])('tells of %s whether they are of one user', (_what, a, b, same, two) => {
  expect(ownerOf(a).key === ownerOf(b).key).toBe(same);
  expect(areTwoUsers(ownerOf(a), ownerOf(b))).toBe(two);
});
