import { expect, it } from 'vitest';
import { withPageId } from '../src/shell/page-id.js';

it.each([
  ['ws://localhost:3001/ws', 'ws://localhost:3001/ws?page=p1'],
  ['wss://other.example/ws?v=2', 'wss://other.example/ws?v=2&page=p1'],
  ['ws://localhost:3001/ws?page=other', 'ws://localhost:3001/ws?page=p1'],
])('names the page in %s', (url, named) => {
  expect(withPageId(url, 'p1')).toBe(named);
});
