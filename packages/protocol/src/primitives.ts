/** The values that messages are made of. Section 4 of PROTOCOL.md. */
import * as z from 'zod';
import { channelPattern, namePattern } from './channels.js';
import { isDecimalString } from './formats.js';

/** The caps of the contract, each named for what it bounds. */
export const caps = {
  /** UTF-16 units of an inbound frame that a client decodes. */
  serverFrameLength: 1_048_576,
  /** UTF-16 units of an inbound frame that a server decodes. */
  clientFrameLength: 16_384,
  channelsPerFrame: 200,
  metalsPerFrame: 50,
  metalsPerUpdate: 1_000,
  conditionsPerFilter: 8,
  valuesPerCondition: 100,
  messagesPerBatch: 100,
  itemsPerSnapshot: 2_000,
  messagesPerHistory: 1_000,
  headsPerHeartbeat: 10_000,
  itemsPerCatalog: 10_000,
  idLength: 64,
  requestIdLength: 128,
  channelLength: 128,
  epochLength: 64,
  tokenLength: 16_384,
  textLength: 4_096,
} as const;

/** A decimal string with a finite value: `"-12.75"`, `"8.12e-6"`, `"+5"`, `".5"`, `"5."`; not `"1e400"`. */
const decimalStringSchema = z
  .string()
  .refine(isDecimalString, { error: 'expected a decimal' })
  .meta({ format: 'decimal' });

/** A finite JSON number or a decimal string: everywhere a price, an amount or a volume stands. */
export const decimalSchema = z.union([z.number(), decimalStringSchema], {
  error: 'expected a number or a decimal string',
});

/** ISO 8601 with `Z` or an offset and any number of fraction digits. For people; order comes from `seq` alone. */
export const timeSchema = z.iso.datetime({ offset: true });

/** Epoch milliseconds. */
export const epochMsSchema = z.number();

/** A span in milliseconds, 0 or more. */
export const durationMsSchema = z.number().min(0);

/** An id as servers send them: any string of at most 64 characters, or a safe integer. */
export const idSchema = z.union([z.string().max(caps.idLength), z.int()], { error: 'expected a string or an integer' });

/** A coin's id as servers send them; the refused names fail. */
export const coinIdSchema = z.union(
  [
    z
      .string()
      .max(caps.idLength)
      .regex(/^(?!(?:__proto__|constructor|prototype)$)/),
    z.int(),
  ],
  { error: 'expected a coin id' },
);

/** A coin or metal name as clients send it: the grammar of `namePattern`. */
export const nameSchema = z.string().regex(namePattern, { error: 'expected a name of a-z, 0-9, "_" and "-"' });

/** A coin as clients name it: a name, or a whole number of 0 or more. */
export const requestedCoinSchema = z.union([nameSchema, z.int().min(0)], { error: 'expected a coin id' });

/** A channel name as clients send it: the grammar of `channelPattern`. */
export const channelSchema = z.string().regex(channelPattern, { error: 'expected a channel name' });

/** A channel name as servers send it: any string of at most 128 characters. */
export const sentChannelSchema = z.string().max(caps.channelLength);

/** The id of a request: string or number. */
export const requestIdSchema = z.union([z.string().max(caps.requestIdLength), z.number()], {
  error: 'expected a string or a number',
});

/** Names one life of a channel's counter. */
export const epochSchema = z.string().max(caps.epochLength);

/** The number of a message in its channel: a safe integer of at least 1. */
export const seqSchema = z.int().min(1);

/** A position or head in a channel: a safe integer, 0 when nothing was sent yet. */
export const positionSchema = z.int().min(0);

/** A hint: whatever it is, it never costs the frame. Readers take finite numbers only and clamp them. */
export const hintSchema = z.unknown();

/** The key is not there: how the forms of one `type` exclude each other (PROTOCOL.md, section 5). */
export const absentSchema = z.never().optional();
/** An optional text of a server; `null` means absent. */
export const optionalTextSchema = z.string().nullish();
/** An optional number or decimal string of a server; `null` means absent. */
export const optionalDecimalSchema = decimalSchema.nullish();
/** An optional time of a server; `null` means absent. */
export const optionalTimeSchema = timeSchema.nullish();

/** Refuses an own `__proto__` key of a record, by hand: zod passes over it, unchecked. For `z.preprocess`. */
export function refuseProtoKey(map: unknown, context: z.core.$RefinementCtx): unknown {
  if (typeof map === 'object' && map !== null && Object.hasOwn(map, '__proto__')) {
    context.addIssue({ code: 'custom', path: ['__proto__'], message: 'this name is refused' });
  }
  return map;
}
