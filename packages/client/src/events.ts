/** The events of the client with their payloads. */
import type { ServerMessage, UnknownMessage } from '@tickwire/protocol';
import type { Connection } from './connection.js';
import type { PriceStreamError } from './errors.js';
import type { Freshness, PriceTick } from './price-tick.js';

/** Messages `from` to `to` of a channel, inclusive, are lost for good; both `null` after an epoch change. */
export interface GapEvent {
  channel: string;
  from: number | null;
  to: number | null;
  reason: string;
  epoch?: string;
}

/** A price grew old without news, or was left behind by a lost connection. */
export interface StaleEvent {
  channel: string;
  freshness: Freshness;
  /** Milliseconds since the price arrived or was last confirmed. */
  ageMs: number;
}

/** A frame that did not decode and was dropped. */
export interface InvalidEvent {
  code: 'BAD_JSON' | 'BAD_MESSAGE';
  /** The value at fault, dotted; `""` is the whole frame. */
  path: string;
  reason: string;
  /** At most 200 characters of the frame; empty for a frame that speaks of authentication. */
  sample: string;
}

type WireMessage = Exclude<ServerMessage, { type: 'gap' | 'error' }>;

/** Wire types by their `type`, each with its message; `gap` and `error` have events of their own. */
export type WireEvents = {
  [Type in WireMessage['type']]: Extract<WireMessage, { type: Type }>;
};

/** Every event of the client by name, with its payload. */
export interface ClientEvents extends WireEvents {
  /** One normalised tick of a subscribed channel, whatever the dialect. */
  price: PriceTick;
  /** The new state of the connection. */
  connection: Connection;
  /** Messages that are lost for good. */
  gap: GapEvent;
  /** A price that grew old. */
  stale: StaleEvent;
  /** Whatever goes wrong and is no lost network: that is a state of the connection. */
  error: PriceStreamError;
  /** A frame that was dropped. */
  invalid: InvalidEvent;
  /** A message of a type that this version does not know. */
  unknown: UnknownMessage;
}

/** The name of an event of the client. */
export type ClientEventName = keyof ClientEvents;
