/** Which channels this server has, and by which other names their instruments are known. */
import { parseChannel, type CatalogItem, type ParsedChannel } from '@tickwire/protocol';
import type { Instrument } from './sources/price-source.js';

/** The catalog; it grows as sources tell their instruments. */
export interface Catalog {
  /** Changes whenever an item does. */
  readonly revision: string;
  readonly items: readonly (CatalogItem & { source: string })[];
  add(instruments: readonly Instrument[]): void;
  /** Whether the server has the channel: its instruments, `whales` and `social` of all and of its coins, and the implicit ones. */
  has(channel: ParsedChannel): boolean;
  /** The coin that a client means by an id, an alias (case does not matter) or a number. */
  coinIdOf(name: string | number): string | undefined;
  /** The coins' ids and the metals' names, in the order of the catalog. */
  readonly coins: readonly string[];
  readonly metals: readonly string[];
}

const staticChannels: ReadonlySet<string> = new Set(['whales', 'social', 'global', 'user', 'portfolio']);

/** Makes an empty catalog. */
export function createCatalog(): Catalog {
  const instruments = new Map<string, Instrument>();
  const coinNames = new Map<string, string>();
  let revision = 0;

  const itemOf = ({ channel, id, aliases, currency, unit, staleAfterMs, source }: Instrument) => ({
    channel,
    id,
    aliases: [...aliases],
    currency,
    ...(unit === undefined ? {} : { unit }),
    staleAfterMs,
    source,
  });

  const namesOf = (wanted: Instrument['kind']): string[] =>
    [...instruments.values()].flatMap(({ kind, id }) => (kind === wanted ? [id] : []));

  return {
    get revision() {
      return String(revision);
    },
    get items() {
      return [...instruments.values()].map(itemOf);
    },
    get coins() {
      return namesOf('coin');
    },
    get metals() {
      return namesOf('metal');
    },
    add(added) {
      for (const instrument of added) {
        instruments.set(instrument.channel, instrument);
        if (instrument.kind !== 'coin') continue;
        for (const alias of instrument.aliases) coinNames.set(String(alias).toLowerCase(), instrument.id);
      }
      // An id means its own coin, whatever else another coin is called.
      for (const { kind, id } of instruments.values()) if (kind === 'coin') coinNames.set(id, id);
      revision += 1;
    },
    has({ channel, prefix, id }) {
      if (staticChannels.has(channel)) return true;
      if ((prefix === 'whales' || prefix === 'social') && id !== undefined) return instruments.has(`coin:${id}`);
      return instruments.has(channel);
    },
    coinIdOf: (name) => coinNames.get(String(name).toLowerCase()),
  };
}

/** A channel's name taken apart, when this server has it. */
export function channelIn(catalog: Catalog, name: string): ParsedChannel | undefined {
  const parsed = parseChannel(name);
  return parsed !== undefined && catalog.has(parsed) ? parsed : undefined;
}
