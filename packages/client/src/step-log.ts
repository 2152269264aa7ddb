/** One line for each step, `connected × socket-closed(1006) → reconnecting in 250 ms`; never a token, a frame or an address. */
import type { SessionEvent } from './core/session-events.js';
import type { ConnectionState, Session } from './core/session-state.js';

/** Takes one line for each step of the connection; `console` has this shape. No line carries a token. */
export interface Logger {
  debug(line: string): void;
  /** Takes errors that nobody listens for, once a kind. @default console.error */
  error?(text: string, error: unknown): void;
}

function eventText(event: SessionEvent): string {
  switch (event.type) {
    case 'socket-closed':
      return `${event.type}(${event.code})`;
    case 'timer-fired':
      return `${event.type}(${event.timer})`;
    case 'message-received':
      return `${event.type}(${event.message.type.slice(0, 40)})`;
    case 'environment-changed':
      return `${event.type}(${event.online ? 'online' : 'offline'}, ${event.visible ? 'visible' : 'hidden'})`;
    default:
      return event.type;
  }
}

function stateText(state: ConnectionState, wallNow: number): string {
  switch (state.status) {
    case 'connecting':
      return `connecting, attempt ${state.attempt}`;
    case 'connected':
      return `connected, ${state.dialect}`;
    case 'reconnecting':
      return `reconnecting in ${Math.max(0, Math.round(state.retryAt - wallNow))} ms`;
    case 'paused':
      return `paused, ${state.reason}`;
    case 'closed':
      return `closed(${state.code})`;
    case 'failed':
      return `failed(${state.error.code})`;
    default:
      return state.status;
  }
}

/** The line of a step. */
export function stepLine(before: Session, event: SessionEvent, after: Session, wallNow: number): string {
  return `${before.connection.status} × ${eventText(event)} → ${stateText(after.connection, wallNow)}`;
}

const mostLines = 50;

/** The last 50 lines, for a bug report; each goes on to the user's logger. */
export class StepLog implements Logger {
  readonly lines: string[] = [];
  readonly #logger: Logger | undefined;

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
  }

  /** Where errors go that nobody listens for, if the user's logger takes them. */
  get errors(): ((text: string, error: unknown) => void) | undefined {
    const logger = this.#logger;
    return typeof logger?.error === 'function' ? (text, error) => logger.error?.(text, error) : undefined;
  }

  debug(line: string): void {
    if (this.lines.push(line) > mostLines) this.lines.shift();
    try {
      this.#logger?.debug(line);
    } catch {
      // A logger that throws has nowhere to be logged.
    }
  }
}
