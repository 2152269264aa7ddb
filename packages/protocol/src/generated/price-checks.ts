// Made by scripts/generate-shapes.ts from the zod schemas; `pnpm generate` makes it anew. Not to be edited.
import { isDecimalString, isTime } from '../formats.js';

function part1(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const m = value as Readonly<Record<string, unknown>>;
  const v0 = m['coinId'];
  if (!(v0 === undefined || ((typeof v0 === 'string' && v0.length <= 64 && v0 !== '__proto__' && v0 !== 'constructor' && v0 !== 'prototype') || (Number.isSafeInteger(v0)) || v0 === null))) return false;
  const v1 = m['price'];
  if (!(((typeof v1 === 'number' && v1 - v1 === 0) || (typeof v1 === 'string' && isDecimalString(v1))))) return false;
  const v2 = m['marketCap'];
  if (!(v2 === undefined || ((typeof v2 === 'number' && v2 - v2 === 0) || (typeof v2 === 'string' && isDecimalString(v2)) || v2 === null))) return false;
  const v3 = m['volume24h'];
  if (!(v3 === undefined || ((typeof v3 === 'number' && v3 - v3 === 0) || (typeof v3 === 'string' && isDecimalString(v3)) || v3 === null))) return false;
  const v4 = m['priceChange24h'];
  if (!(v4 === undefined || ((typeof v4 === 'number' && v4 - v4 === 0) || (typeof v4 === 'string' && isDecimalString(v4)) || v4 === null))) return false;
  const v5 = m['change'];
  if (!(v5 === undefined || ((typeof v5 === 'number' && v5 - v5 === 0) || (typeof v5 === 'string' && isDecimalString(v5)) || v5 === null))) return false;
  const v6 = m['timestamp'];
  if (!(v6 === undefined || ((typeof v6 === 'string' && isTime(v6)) || v6 === null))) return false;
  return true;
}

export function isPrice(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const m = value as Readonly<Record<string, unknown>>;
  const v0 = m['data'];
  if (!(part1(v0))) return false;
  const v1 = m['timestamp'];
  if (!(v1 === undefined || ((typeof v1 === 'string' && isTime(v1)) || v1 === null))) return false;
  const v2 = m['coinId'];
  if (!(v2 === undefined || ((typeof v2 === 'string' && v2.length <= 64 && v2 !== '__proto__' && v2 !== 'constructor' && v2 !== 'prototype') || (Number.isSafeInteger(v2)) || v2 === null))) return false;
  const v3 = m['userId'];
  if (!(v3 === undefined || ((typeof v3 === 'string' && v3.length <= 64) || (Number.isSafeInteger(v3)) || v3 === null))) return false;
  const v4 = m['sub'];
  if (!(v4 === undefined || (typeof v4 === 'string' && v4.length <= 128))) return false;
  const v5 = m['seq'];
  if (!(v5 === undefined || (Number.isSafeInteger(v5) && (v5 as number) >= 1))) return false;
  const v6 = m['epoch'];
  if (!(v6 === undefined || (typeof v6 === 'string' && v6.length <= 64))) return false;
  const v7 = m['skip'];
  if (!(v7 === undefined || (Number.isSafeInteger(v7) && (v7 as number) >= 0))) return false;
  const v8 = m['replay'];
  if (!(v8 === undefined || v8 === true)) return false;
  const v9 = m['snapshot'];
  if (!(v9 === undefined || v9 === true)) return false;
  return true;
}

function part2(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const m = value as Readonly<Record<string, unknown>>;
  const v0 = m['metal'];
  if (!((typeof v0 === 'string' && v0.length <= 64))) return false;
  const v1 = m['oldPrice'];
  if (!(v1 === undefined || ((typeof v1 === 'number' && v1 - v1 === 0) || (typeof v1 === 'string' && isDecimalString(v1)) || v1 === null))) return false;
  const v2 = m['newPrice'];
  if (!(v2 === undefined || ((typeof v2 === 'number' && v2 - v2 === 0) || (typeof v2 === 'string' && isDecimalString(v2)) || v2 === null))) return false;
  const v3 = m['changePercent'];
  if (!(v3 === undefined || ((typeof v3 === 'number' && v3 - v3 === 0) || (typeof v3 === 'string' && isDecimalString(v3)) || v3 === null))) return false;
  const v4 = m['direction'];
  if (!(v4 === undefined || ((typeof v4 === 'string') || v4 === null))) return false;
  return true;
}

export function isMetalPrices(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const m = value as Readonly<Record<string, unknown>>;
  if (m['data'] === undefined) return false;
  const v1 = m['changes'];
  if (!(v1 === undefined || ((Array.isArray(v1) && v1.length <= 1000 && v1.every(part2)) || v1 === null))) return false;
  const v2 = m['timestamp'];
  if (!(v2 === undefined || ((typeof v2 === 'string' && isTime(v2)) || v2 === null))) return false;
  const v3 = m['coinId'];
  if (!(v3 === undefined || ((typeof v3 === 'string' && v3.length <= 64 && v3 !== '__proto__' && v3 !== 'constructor' && v3 !== 'prototype') || (Number.isSafeInteger(v3)) || v3 === null))) return false;
  const v4 = m['userId'];
  if (!(v4 === undefined || ((typeof v4 === 'string' && v4.length <= 64) || (Number.isSafeInteger(v4)) || v4 === null))) return false;
  const v5 = m['sub'];
  if (!(v5 === undefined || (typeof v5 === 'string' && v5.length <= 128))) return false;
  const v6 = m['seq'];
  if (!(v6 === undefined || (Number.isSafeInteger(v6) && (v6 as number) >= 1))) return false;
  const v7 = m['epoch'];
  if (!(v7 === undefined || (typeof v7 === 'string' && v7.length <= 64))) return false;
  const v8 = m['skip'];
  if (!(v8 === undefined || (Number.isSafeInteger(v8) && (v8 as number) >= 0))) return false;
  const v9 = m['replay'];
  if (!(v9 === undefined || v9 === true)) return false;
  const v10 = m['snapshot'];
  if (!(v10 === undefined || v10 === true)) return false;
  return true;
}

export function isMetalQuote(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const m = value as Readonly<Record<string, unknown>>;
  const v0 = m['price'];
  if (!(v0 === undefined || ((typeof v0 === 'number' && v0 - v0 === 0) || (typeof v0 === 'string' && isDecimalString(v0)) || v0 === null))) return false;
  const v1 = m['change'];
  if (!(v1 === undefined || ((typeof v1 === 'number' && v1 - v1 === 0) || (typeof v1 === 'string' && isDecimalString(v1)) || v1 === null))) return false;
  const v2 = m['changePercent'];
  if (!(v2 === undefined || ((typeof v2 === 'number' && v2 - v2 === 0) || (typeof v2 === 'string' && isDecimalString(v2)) || v2 === null))) return false;
  const v3 = m['high'];
  if (!(v3 === undefined || ((typeof v3 === 'number' && v3 - v3 === 0) || (typeof v3 === 'string' && isDecimalString(v3)) || v3 === null))) return false;
  const v4 = m['low'];
  if (!(v4 === undefined || ((typeof v4 === 'number' && v4 - v4 === 0) || (typeof v4 === 'string' && isDecimalString(v4)) || v4 === null))) return false;
  const v5 = m['timestamp'];
  if (!(v5 === undefined || ((typeof v5 === 'string' && isTime(v5)) || v5 === null))) return false;
  const v6 = m['currency'];
  if (!(v6 === undefined || ((typeof v6 === 'string') || v6 === null))) return false;
  const v7 = m['unit'];
  if (!(v7 === undefined || ((typeof v7 === 'string') || v7 === null))) return false;
  return true;
}
