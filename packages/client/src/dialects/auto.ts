/** Which dialect the other side speaks, told from what it sends or, in silence, from what it is asked for. Itself a dialect. */
import type { Dialect, DialectHost, DialectLink, DialectSource, Fault } from '../kernel/dialect.js';

/** What `auto` takes besides the dialects. */
export interface AutoOptions {
  /** Silence before the channels decide the dialect, in ms. @default 1500 */
  negotiateMs?: number | undefined;
  /** Reads what comes before it is decided and proves nothing. @default it is unknown */
  undecided?: Omit<Partial<Dialect>, 'delivers'> | undefined;
}

interface Choice {
  /** What is spoken; `undefined` until it is decided. */
  dialect?: Dialect;
  /** Whether a message of the server has proved it. */
  proved?: boolean;
}

type Made<Source> = Source extends (host: DialectHost) => infer Made ? Made : Source;
/** All of these at once: what any of the dialects delivers. */
type AllOf<Each> = (Each extends unknown ? (each: Each) => void : never) extends (all: infer All extends object) => void
  ? All
  : never;
type ChannelsOf<Source> = Made<Source> extends Dialect<infer Channels> ? Channels : never;
type EventsOf<Source> = Made<Source> extends Dialect<object, infer Events> ? Events : never;
/** A dialect with the channels and events of all of these. */
export type AnyOf<Source> = Dialect<
  AllOf<Source extends unknown ? ChannelsOf<Source> : never>,
  AllOf<Source extends unknown ? EventsOf<Source> : never>
>;

/**
 * Any of these dialects: the first message decides, and where a server stays silent, the first channel that is wanted.
 *
 * @param sources those that are asked first stand first
 */
export function auto<const Sources extends readonly DialectSource[]>(
  sources: Sources,
  { negotiateMs = 1_500, undecided = {} }: AutoOptions = {},
): (host: DialectHost) => AnyOf<Sources[number]> {
  return (host) => {
    const dialects = sources.map((source) => (typeof source === 'function' ? source(host) : source));
    const choices = new WeakMap<DialectLink, Choice>();
    /** What the last connection spoke. */
    let remembered: Dialect | undefined;

    const read = (message: unknown, link: DialectLink): Fault | undefined => {
      const choice = choices.get(link) ?? {};
      const proven = dialects.find((dialect) => dialect.proves?.(message) === true);
      if (proven !== undefined) choose(link, proven, true);
      const reader = choices.get(link)?.dialect ?? base;
      const fault = (reader === base ? undecided.read?.(message, link) : reader.read(message, link)) as
        | Fault
        | undefined;
      // A greeting that is none has decided nothing.
      if (fault !== undefined && proven?.greets !== undefined && !link.up) {
        choices.set(link, choice);
        link.speak(base);
      }
      return fault;
    };

    const choose = (link: DialectLink, dialect: Dialect, proved: boolean): void => {
      host.timers.stop('negotiate');
      remembered = dialect;
      choices.set(link, { dialect, proved });
      // Until the server has proved it, each message is looked at.
      link.speak(proved ? dialect : { ...dialect, read });
      if (dialect.greets === undefined) link.greeted();
    };

    /** Servers that greet have had their time: what is wanted decides among the others. */
    const byChannel = (channels: Iterable<string>): Dialect | undefined => {
      for (const channel of channels)
        return dialects.find((dialect) => dialect.greets === undefined && dialect.carry(channel) !== undefined);
      return undefined;
    };

    const base: Dialect = {
      ...undecided,
      name: 'undecided',
      greets: 'a first message',
      carry: (channel) => (dialects.some((dialect) => dialect.carry(channel) !== undefined) ? channel : undefined),
      isEvents: (channel) => dialects.some((dialect) => dialect.isEvents?.(channel) === true),
      waiting(link) {
        if (remembered !== undefined && remembered.greets === undefined) choose(link, remembered, false);
        else
          host.timers.start('negotiate', negotiateMs, () =>
            host.inTurn(() => {
              if (link !== host.link || link.up) return;
              link.silent();
              const dialect = byChannel(host.channels);
              if (dialect === undefined) link.greeted();
              else choose(link, dialect, false);
            }),
          );
      },
      ask({ owed }, _id, link) {
        const dialect = byChannel(owed);
        if (dialect !== undefined) choose(link, dialect, false);
        return undefined;
      },
      opened: (link) => {
        host.timers.stop('negotiate');
        undecided.opened?.(link);
      },
      lost: (link) => {
        host.timers.stop('negotiate');
        undecided.lost?.(link);
      },
      read: (message, link) => {
        const fault = read(message, link);
        if (fault === undefined && undecided.read === undefined && choices.get(link) === undefined)
          link.unknown(message);
        return fault;
      },
    };
    return base as AnyOf<Sources[number]>;
  };
}
