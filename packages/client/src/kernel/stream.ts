/** A price stream as users have it; what stands behind is wired in `core.ts`. */
import { answerTo } from './answers.js';
import type { ConnectionView } from './connection.js';
import { Core } from './core.js';
import type { DialectSource } from './dialect.js';
import { Closable } from './disposal.js';
import { wrong, type PriceStreamError } from './errors.js';
import type { InvalidEvent } from './frames.js';
import type { HandleOptions, Subscription } from './handle.js';
import type { LifeState } from './life-state.js';
import { settingsOf, type CommonOptions, type UrlSource } from './options.js';
import type { Freshness, PriceView, Tick } from './prices.js';
import type { StreamOptions } from './queue.js';
import type { Extras } from './rooms.js';
import type { ClientStats } from './statistics.js';

/** A price grew old without news, or was left behind by a lost connection. */
export interface StaleEvent {
  channel: string;
  freshness: Freshness;
  /** Milliseconds since the price arrived or was last confirmed. */
  ageMs: number;
}

/** The events of every stream by name, with their payloads. */
export interface StreamEvents {
  /** One normalised tick of a subscribed channel, whatever the dialect. */
  price: Tick;
  /** The new state of the connection. */
  connection: LifeState;
  /** A price that grew old. */
  stale: StaleEvent;
  /** Whatever goes wrong and is no lost network: that is a state of the connection. */
  error: PriceStreamError;
  /** A frame that was dropped. */
  invalid: InvalidEvent;
  /** A message of a kind that the dialect does not know. */
  unknown: unknown;
}

/** What `new PriceStream(url, options)` takes. */
export interface PriceStreamOptions<Channels extends object, Events extends object> extends CommonOptions {
  /** What is spoken with the server: `metals()`, `coinbase()`, your own. */
  dialect: DialectSource<Channels, Events>;
}

/** The channels of a dialect; every name where it does not say which. */
export type NameOf<Channels extends object> = keyof Channels & string extends never ? string : keyof Channels & string;
/** What a channel delivers: a tick, where the dialect does not say what else. */
export type DeliveryOf<Channels extends object, Name extends string> = Name extends keyof Channels
  ? Channels[Name]
  : Tick<Name>;

// Not a private field: that would make the class nominal, and the fake of a test has to fit where this one goes.
const cores = new WeakMap<object, Core>();

/** What stands behind a stream. */
export function coreOf(stream: object): Core {
  const core = cores.get(stream);
  if (core === undefined) throw new TypeError('A method of a price stream was called without its stream.');
  return core;
}

/** A listener; a subscription may do without one. */
function checked<Listener>(listener: Listener): Listener {
  if (typeof listener !== 'function') throw wrong('The listener', 'a function');
  return listener;
}

type Take = (message: unknown) => unknown;

/**
 * A stream of prices over one WebSocket that reconnects, resubscribes, and says when a price is old; what it speaks is a
 * dialect's business.
 *
 * @example
 * const stream = new PriceStream('wss://prices.example', { dialect: metals() });
 * const subscription = stream.subscribe('metal:gold', (tick) => render(tick.price));
 */
export class PriceStream<Channels extends object = object, Events extends object = object> extends Closable {
  /** The state of the connection, to read and to follow. */
  readonly connection: ConnectionView;
  /** The last price of each channel, to read and to follow. */
  readonly prices: PriceView;

  /**
   * Opens nothing yet: the first `subscribe` connects, or `connect`.
   *
   * @param url where the server is, `wss://…`; a function is asked before each attempt
   * @throws PriceStreamError `CONFIGURATION` when an option is wrong
   */
  constructor(url: UrlSource, options: PriceStreamOptions<Channels, Events>, extras?: Extras) {
    super();
    const core = new Core(settingsOf(url, options), options.dialect, extras);
    cores.set(this, core);
    this.connection = core.view;
    this.prices = core.prices.view;
  }

  /**
   * Connects, unless there is a connection or an attempt already.
   *
   * @returns a promise of the connection; a lost network only delays it
   * @throws PriceStreamError when the connection has failed for good, `CLOSED` when it is closed or the signal of the
   * options has aborted; the reason of the signal given here
   */
  connect(options: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    return answerTo(
      () => coreOf(this).connect(options.signal),
      () => options.signal,
    );
  }

  /** Closes for good, until `connect` is called. Resolves within 3 s, whatever the server does. */
  async close(): Promise<void> {
    const core = coreOf(this);
    core.close();
    // Called from a listener, the event waits for its turn, which comes before any microtask.
    await Promise.resolve();
    await core.left.gone();
  }

  /**
   * Subscribes to one channel or several; connects if nothing has yet. Without a listener the values are for a loop:
   * `for await (const tick of stream.subscribe('coin:bitcoin'))`.
   */
  subscribe<const Name extends NameOf<Channels>>(
    channels: Name | readonly Name[],
    listener?: (message: DeliveryOf<Channels, Name>) => void,
    options: HandleOptions = {},
  ): Subscription<DeliveryOf<Channels, Name>, NameOf<Channels>> {
    const names = typeof channels === 'string' ? [channels] : [...new Set(channels)];
    if (listener !== undefined) checked(listener);
    const handle = coreOf(this).subscribe(names, listener as Take | undefined, options);
    return handle as unknown as Subscription<DeliveryOf<Channels, Name>, NameOf<Channels>>;
  }

  /** Listens to an event; returns its undo. A listener that throws stops nobody and is reported to `error`. */
  on<Name extends keyof (StreamEvents & Events) & string>(
    event: Name,
    listener: (payload: (StreamEvents & Events)[Name]) => void,
  ): () => void {
    return coreOf(this).on(event, checked(listener) as Take);
  }

  /** Listens to an event once; returns its undo, and `off` takes the listener away as well. */
  once<Name extends keyof (StreamEvents & Events) & string>(
    event: Name,
    listener: (payload: (StreamEvents & Events)[Name]) => void,
  ): () => void {
    return coreOf(this).on(event, checked(listener) as Take, true);
  }

  /** Removes a listener from an event. */
  off<Name extends keyof (StreamEvents & Events) & string>(
    event: Name,
    listener: (payload: (StreamEvents & Events)[Name]) => void,
  ): void {
    coreOf(this).listeners.off(event, checked(listener) as Take);
  }

  /** An event as a loop. It ends when the loop is left, the signal aborts, or the stream closes. */
  events<Name extends keyof (StreamEvents & Events) & string>(
    event: Name,
    options: StreamOptions = {},
  ): AsyncIterableIterator<(StreamEvents & Events)[Name]> {
    return coreOf(this).loop(event, options) as AsyncIterableIterator<(StreamEvents & Events)[Name]>;
  }

  /** Counters and measurements; a new object at each call. */
  stats(): ClientStats {
    const core = coreOf(this);
    const { clockOffsetMs = null } = core.link ?? {};
    return {
      ...core.counters,
      unwanted: [...core.unwanted],
      reconnects: Math.max(0, core.count - 1),
      rttMs: core.state.status === 'connected' ? core.state.rttMs : null,
      clockOffsetMs,
    };
  }
}
