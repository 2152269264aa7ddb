/** One line for each step, `connected × socket-closed(1006) → reconnecting in 250 ms`; never a token, a frame or an address. */
import type { SessionEvent } from './core/session-events.js';
import type { ConnectionState, Session } from './core/session-state.js';

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
