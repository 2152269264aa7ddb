/** Instruments as text, for the nodes that do not follow their upstream. Read without trust. Pure. */
import { parseChannel } from '@tickwire/protocol';
import * as z from 'zod';
import type { Instrument } from './price-source.js';

const text = z.string().max(64);
const instrument = z.object({
  channel: text.transform((name, context) => {
    const channel = parseChannel(name)?.channel;
    if (channel !== undefined) return channel;
    context.addIssue({ code: 'custom', message: 'no channel' });
    return z.NEVER;
  }),
  kind: z.enum(['coin', 'metal']),
  id: text,
  aliases: z.array(z.union([text, z.number()])).max(50),
  currency: text,
  unit: text.optional(),
  source: text,
  staleAfterMs: z.number().positive(),
});

/** The instruments in a text; none in what is not one of ours. */
export function parseInstruments(json: string): Instrument[] {
  const parsed = z.array(instrument).max(10_000).safeParse(JSON.parse(json));
  return (parsed.data ?? []).map(({ unit, ...rest }) => (unit === undefined ? rest : { ...rest, unit }));
}
