/** Drives `step` by hand: a session, a time, and what came out last. */
import type { Channel, ServerMessage } from '@tickwire/protocol';
import { step } from '../../src/core/session.js';
import type { SessionEffect, SessionEvent } from '../../src/core/session-events.js';
import { initialSession, type Policy, type Session, type TimerName } from '../../src/core/session-state.js';

export const policy: Policy = {
  dialect: 'auto',
  reconnect: { minDelayMs: 250, baseDelayMs: 1_000, maxDelayMs: 30_000, maxAttempts: Infinity, stableAfterMs: 10_000 },
  heartbeat: { idleMs: 15_000, timeoutMs: 5_000 },
  connectTimeoutMs: 10_000,
  negotiateMs: 1_500,
  lingerMs: 1_000,
  requestTimeoutMs: 10_000,
  clientName: '@tickwire/client/test',
};

const wallStart = 1_767_225_600_000;

export class Machine {
  session: Session;
  effects: readonly SessionEffect[] = [];
  now = 0;
  wallShift = 0;
  lastFrameAt = 0;
  random = 0.5;
  readonly positions = new Map<Channel, { epoch: string; seq: number }>();
  readonly heard = new Set<Channel>();
  readonly policy: Policy;

  constructor(part: Partial<Policy> = {}, credentials: Session['credentials'] = 'none') {
    this.policy = { ...policy, ...part };
    this.session = initialSession({ online: true, visible: true, credentials });
  }

  take(event: SessionEvent): this {
    const moment = {
      now: this.now,
      wallNow: wallStart + this.now + this.wallShift,
      random: this.random,
      lastFrameAt: this.lastFrameAt,
      positionOf: (channel: Channel) => this.positions.get(channel),
      isHeard: (channel: Channel) => this.heard.has(channel),
    };
    const taken = step(this.policy, this.session, event, moment);
    this.session = taken.session;
    this.effects = taken.effects;
    return this;
  }

  get status(): string {
    return this.session.connection.status;
  }

  /** The kinds of the last effects, with what tells them apart. */
  get told(): string[] {
    return this.effects.map((effect) => {
      switch (effect.type) {
        case 'start-timer':
        case 'stop-timer':
          return `${effect.type} ${effect.timer}`;
        case 'send':
          return `send ${effect.frame.type}`;
        case 'drop-socket':
          return `drop-socket ${effect.code}`;
        case 'emit-error':
          return `emit-error ${effect.fault.code}`;
        default:
          return effect.type;
      }
    });
  }

  /** The frames that went out last. */
  get frames(): unknown[] {
    return this.effects.flatMap((effect) => (effect.type === 'send' ? [effect.frame] : []));
  }

  delayOf(timer: TimerName): number | undefined {
    const started = this.effects.findLast((effect) => effect.type === 'start-timer' && effect.timer === timer);
    return started?.type === 'start-timer' ? started.delayMs : undefined;
  }

  pass(ms: number): this {
    this.now += ms;
    return this;
  }

  opened(): this {
    this.lastFrameAt = this.now;
    return this.take({ type: 'socket-opened', socketId: this.session.socketId });
  }

  /** A frame as the shell passes it on: looked at, then taken. */
  receive(message: { type: string; [key: string]: unknown }): this {
    const { socketId } = this.session;
    this.lastFrameAt = this.now;
    const before: SessionEffect[] = [];
    if (this.session.link?.proved === false || this.session.link?.heard.known === false) {
      before.push(...this.take({ type: 'frame-seen', socketId, messageType: message.type, known: true }).effects);
    }
    this.take({ type: 'message-received', socketId, message: message as ServerMessage });
    this.effects = [...before, ...this.effects];
    return this;
  }

  /** A frame that did not decode. @param good decoded frames so far */
  refused(good = 0, code: 'BAD_JSON' | 'BAD_MESSAGE' = 'BAD_JSON'): this {
    return this.take({ type: 'frame-refused', socketId: this.session.socketId, code, what: 'nonsense', good });
  }

  closed(code: number, reason = ''): this {
    return this.take({ type: 'socket-closed', socketId: this.session.socketId, code, reason });
  }

  fire(timer: TimerName): this {
    return this.take({ type: 'timer-fired', timer });
  }

  subscribe(holder: number, ...channels: Channel[]): this {
    return this.take({ type: 'subscribe', holder, channels, options: {} });
  }

  unsubscribe(holder: number, ...channels: Channel[]): this {
    return this.take({ type: 'unsubscribe', holder, channels });
  }

  flush(): this {
    return this.take({ type: 'flush' });
  }

  /** Connected to a server of this dialect. */
  connected(dialect: 'coins' | 'metals' | 'tickwire' = 'coins'): this {
    this.take({ type: 'connect' }).opened();
    if (dialect === 'tickwire') return this.receive(greeting());
    return this.receive(dialect === 'coins' ? { type: 'welcome', data: {} } : { type: 'priceUpdate', data: {} });
  }
}

export function greeting(limits: Record<string, number> = {}): { type: string; [key: string]: unknown } {
  return {
    type: 'hello',
    data: {
      protocol: 1,
      connectionId: 'c',
      serverTime: 0,
      heartbeatMs: 15_000,
      capabilities: [],
      limits: { maxChannelsPerFrame: 50, messagesPerMinute: 300, burst: 40, ...limits },
    },
  };
}
