/** The door of `@tickwire/client/core`: a stream without a dialect, for those who pay only for what they use or have a feed of their own. */
export { PriceStreamError, type PriceStreamErrorDetails } from './kernel/errors.js';
export {
  PriceStream,
  type DeliveryOf,
  type NameOf,
  type PriceStreamOptions,
  type StaleEvent,
  type StreamEvents,
} from './kernel/stream.js';
export type { ConnectionView, StreamConnection } from './kernel/connection.js';
export type {
  Ask,
  Asked,
  Condition,
  Desired,
  Dialect,
  DialectHost,
  DialectLink,
  DialectSource,
  Fault,
  Pace,
  Quote,
  Unanswered,
  Work,
} from './kernel/dialect.js';
export type { InvalidEvent } from './kernel/frames.js';
export type { HandleOptions, ReadyOptions, Subscription } from './kernel/handle.js';
export type { CommonOptions, Logger, UrlSource } from './kernel/options.js';
export type { Freshness, PriceView, Tick } from './kernel/prices.js';
export type { Overflow, StreamOptions } from './kernel/queue.js';
export type { ClientStats } from './kernel/statistics.js';
export { verdictOf, type Verdict } from './kernel/verdicts.js';
export type { Clock } from './io/clock.js';
export type { Environment, EnvironmentState } from './io/environment.js';
export type { WebSocketConstructor, WebSocketLike } from './io/web-socket-like.js';
