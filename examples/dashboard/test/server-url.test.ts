import { expect, it } from 'vitest';
import { serverUrl } from '../src/shell/server-url.js';

const page = (href: string): Pick<URL, 'protocol' | 'host' | 'search'> => new URL(href);

it.each([
  ['http://localhost:3001/', 'ws://localhost:3001/ws'],
  ['https://prices.example/', 'wss://prices.example/ws'],
  ['https://prices.example/?theme=dark', 'wss://prices.example/ws'],
  ['http://localhost:5173/?ws=ws://127.0.0.1:3001/ws', 'ws://127.0.0.1:3001/ws'],
  ['http://localhost:5173/?ws=wss://other.example/ws', 'wss://other.example/ws'],
  ['http://localhost:5173/?ws=https://other.example/ws', 'ws://localhost:5173/ws'],
  ['http://localhost:5173/?ws=', 'ws://localhost:5173/ws'],
  ['http://localhost:5173/?ws=ws://', 'ws://localhost:5173/ws'],
])('of the page %s the prices come from %s', (href, url) => {
  expect(serverUrl(page(href))).toBe(url);
});
