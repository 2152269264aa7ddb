// Made by scripts/generate-shapes.ts from the zod schemas; `pnpm generate` makes it anew. Not to be edited.
import { expected, type Fault, type JsonObject } from '../fault.js';
import { isDecimalString, isTime } from '../formats.js';

export function nullishTimeFault(value: unknown, key: string): Fault | undefined {
  return value === undefined || value === null || (isTime(value))
    ? undefined
    : expected('an ISO 8601 time with Z or an offset', key, value);
}

export function nullishCoinIdFault(value: unknown, key: string): Fault | undefined {
  return value === undefined || value === null || (typeof value === 'string' && value.length <= 64 && value !== '__proto__' && value !== 'constructor' && value !== 'prototype') || (Number.isSafeInteger(value))
    ? undefined
    : expected('a string of at most 64 characters in the form that the contract gives it or an integer', key, value);
}

export function nullishIdFault(value: unknown, key: string): Fault | undefined {
  return value === undefined || value === null || (typeof value === 'string' && value.length <= 64) || (Number.isSafeInteger(value))
    ? undefined
    : expected('a string of at most 64 characters or an integer', key, value);
}

export function optionalText128Fault(value: unknown, key: string): Fault | undefined {
  return value === undefined || (typeof value === 'string' && value.length <= 128)
    ? undefined
    : expected('a string of at most 128 characters', key, value);
}

export function optionalSeqFault(value: unknown, key: string): Fault | undefined {
  return value === undefined || (Number.isSafeInteger(value) && (value as number) >= 1)
    ? undefined
    : expected('an integer of at least 1', key, value);
}

export function optionalText64Fault(value: unknown, key: string): Fault | undefined {
  return value === undefined || (typeof value === 'string' && value.length <= 64)
    ? undefined
    : expected('a string of at most 64 characters', key, value);
}

export function optionalPositionFault(value: unknown, key: string): Fault | undefined {
  return value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0)
    ? undefined
    : expected('an integer of at least 0', key, value);
}

export function optionalTrueFault(value: unknown, key: string): Fault | undefined {
  return value === undefined || (value === true)
    ? undefined
    : expected('one of the listed values', key, value);
}

export function envelopeFault(value: JsonObject): Fault | undefined {
  return (
    nullishTimeFault(value['timestamp'], 'timestamp') ??
    nullishCoinIdFault(value['coinId'], 'coinId') ??
    nullishIdFault(value['userId'], 'userId') ??
    optionalText128Fault(value['sub'], 'sub') ??
    optionalSeqFault(value['seq'], 'seq') ??
    optionalText64Fault(value['epoch'], 'epoch') ??
    optionalPositionFault(value['skip'], 'skip') ??
    optionalTrueFault(value['replay'], 'replay') ??
    optionalTrueFault(value['snapshot'], 'snapshot')
  );
}

export function decimalFault(value: unknown, key: string): Fault | undefined {
  return (typeof value === 'number' && value - value === 0) || (isDecimalString(value))
    ? undefined
    : expected('a number or a decimal', key, value);
}

export function nullishDecimalFault(value: unknown, key: string): Fault | undefined {
  return value === undefined || value === null || (typeof value === 'number' && value - value === 0) || (isDecimalString(value))
    ? undefined
    : expected('a number or a decimal', key, value);
}

export function optionalAbsenceFault(value: unknown, key: string): Fault | undefined {
  return value === undefined
    ? undefined
    : expected('no such key', key, value);
}

export function nullishTextFault(value: unknown, key: string): Fault | undefined {
  return value === undefined || value === null || (typeof value === 'string')
    ? undefined
    : expected('a string', key, value);
}

export function valueFault(value: unknown, key: string): Fault | undefined {
  return (value !== undefined)
    ? undefined
    : expected('a value', key, value);
}

export function text64Fault(value: unknown, key: string): Fault | undefined {
  return (typeof value === 'string' && value.length <= 64)
    ? undefined
    : expected('a string of at most 64 characters', key, value);
}
