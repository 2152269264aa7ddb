/** The alert rules of all users, in memory and bounded; it says which of them something triggers. It sends nothing. */
import { ErrorCode, type AlertCreateMessage, type AlertItem } from '@tickwire/protocol';
import type { Catalog } from '../catalog.js';
import { toIso, type Moment } from '../clock.js';
import type { Limits } from '../limits.js';
import {
  evaluateAlert,
  freshAlert,
  neededKey,
  needsCoin,
  thresholdOf,
  type AlertRule,
  type AlertSignal,
  type AlertState,
} from './alert-rules.js';

/** What a user asks for; `data` of `alert_create`. */
export type AlertWish = AlertCreateMessage['data'];

/** What became of a wish. `created: false`: the same `clientRef` had made the same rule before. */
export type AlertCreation =
  | { readonly ok: true; readonly alertId: number; readonly created: boolean }
  | { readonly ok: false; readonly code: ErrorCode; readonly message?: string };

/** What the book is made of. */
export interface AlertBookOptions {
  readonly catalog: Pick<Catalog, 'coinIdOf'>;
  readonly limits: Pick<Limits, 'alertsPerUser' | 'maxAlerts'>;
}

interface Entry {
  readonly rule: AlertRule;
  readonly clientRef: string | undefined;
  state: AlertState;
}

const defaultCooldownMs = 300_000;
const longestCooldownMs = 7 * 86_400_000;
const defaultHysteresisPct = 0.5;
const mostHysteresisPct = 50;
/** The coin under which rules for any coin stand; no coin can be called so. */
const anyCoin = '*';

/** What makes two wishes the same one. */
function contentOf({ alertType, coinId, threshold, cooldownMs, hysteresisPct }: Omit<AlertRule, 'alertId' | 'userId'>) {
  return [alertType, coinId ?? anyCoin, threshold, cooldownMs, hysteresisPct].join(' ');
}

/** The rules. */
export class AlertBook {
  readonly #options: AlertBookOptions;
  readonly #byUser = new Map<string, Map<number, Entry>>();
  readonly #byCoin = new Map<string, Set<Entry>>();
  #lastId = 0;
  #size = 0;

  constructor(options: AlertBookOptions) {
    this.#options = options;
  }

  /** Rules of all users. */
  get size(): number {
    return this.#size;
  }

  /** Adds a rule; the same `clientRef` again adds none. */
  create(userId: string, wish: AlertWish): AlertCreation {
    const { limits } = this.#options;
    const content = this.#read(wish);
    if ('code' in content) return { ok: false, ...content };
    const rules = this.#byUser.get(userId) ?? new Map<number, Entry>();
    if (wish.clientRef !== undefined) {
      for (const { rule, clientRef } of rules.values()) {
        if (clientRef !== wish.clientRef) continue;
        return contentOf(rule) === contentOf(content)
          ? { ok: true, alertId: rule.alertId, created: false }
          : { ok: false, code: ErrorCode.CONFLICT };
      }
    }
    if (rules.size >= limits.alertsPerUser) {
      return { ok: false, code: ErrorCode.TOO_MANY_ITEMS, message: `You have ${limits.alertsPerUser} alerts already` };
    }
    if (this.#size >= limits.maxAlerts) return { ok: false, code: ErrorCode.SERVER_BUSY };
    this.#lastId += 1;
    const entry: Entry = {
      rule: { ...content, alertId: this.#lastId, userId },
      clientRef: wish.clientRef,
      state: freshAlert,
    };
    rules.set(this.#lastId, entry);
    this.#byUser.set(userId, rules);
    const coin = content.coinId ?? anyCoin;
    const watching = this.#byCoin.get(coin) ?? new Set<Entry>();
    this.#byCoin.set(coin, watching.add(entry));
    this.#size += 1;
    return { ok: true, alertId: this.#lastId, created: true };
  }

  /** The user's rules, oldest first. */
  list(userId: string): AlertItem[] {
    return Array.from(this.#byUser.get(userId)?.values() ?? [], ({ rule, clientRef, state }) => ({
      alertId: rule.alertId,
      alertType: rule.alertType,
      ...(rule.coinId === undefined ? {} : { coinId: rule.coinId }),
      condition: rule.condition,
      cooldownMs: rule.cooldownMs,
      hysteresisPct: rule.hysteresisPct,
      ...(clientRef === undefined ? {} : { clientRef }),
      ...(state.triggered === undefined ? {} : { triggeredAt: toIso(state.triggered.at) }),
    }));
  }

  /** Takes one of the user's rules away; `false` when the user has no such rule. */
  delete(userId: string, alertId: string | number): boolean {
    const rules = this.#byUser.get(userId);
    const entry = rules?.get(Number(alertId));
    // `0x1` and ` 1` are numbers to JavaScript, and the name of no rule.
    if (rules === undefined || entry === undefined || String(entry.rule.alertId) !== String(alertId)) return false;
    rules.delete(entry.rule.alertId);
    if (rules.size === 0) this.#byUser.delete(userId);
    const coin = entry.rule.coinId ?? anyCoin;
    const watching = this.#byCoin.get(coin);
    watching?.delete(entry);
    if (watching?.size === 0) this.#byCoin.delete(coin);
    this.#size -= 1;
    return true;
  }

  /** The rules that this triggers; from now on they are in their cool-down. */
  take(signal: AlertSignal, now: Moment): AlertRule[] {
    const triggered: AlertRule[] = [];
    for (const coin of [signal.coinId, anyCoin]) {
      for (const entry of this.#byCoin.get(coin) ?? []) {
        const { state, triggers } = evaluateAlert(entry.rule, entry.state, signal, now);
        entry.state = state;
        if (triggers) triggered.push(entry.rule);
      }
    }
    return triggered;
  }

  #read(wish: AlertWish): Omit<AlertRule, 'alertId' | 'userId'> | { code: ErrorCode; message?: string } {
    const { alertType, condition, cooldownMs = defaultCooldownMs, hysteresisPct = defaultHysteresisPct } = wish;
    const threshold = thresholdOf(alertType, condition);
    const key = neededKey(alertType) ?? '';
    if (threshold === undefined)
      return { code: ErrorCode.BAD_MESSAGE, message: `${alertType} needs data.condition.${key}` };
    if (alertType === 'percent_change' && threshold === 0) {
      return { code: ErrorCode.BAD_MESSAGE, message: 'percent_change needs a percentage other than 0' };
    }
    if (wish.coinId === undefined && needsCoin(alertType)) {
      return { code: ErrorCode.BAD_MESSAGE, message: `${alertType} needs data.coinId` };
    }
    const coinId = wish.coinId === undefined ? undefined : this.#options.catalog.coinIdOf(wish.coinId);
    if (wish.coinId !== undefined && coinId === undefined) {
      return { code: ErrorCode.UNKNOWN_CHANNEL, message: 'No such coin' };
    }
    return {
      alertType,
      ...(coinId === undefined ? {} : { coinId }),
      // Nothing but what counts: whatever else a client wrote would be kept and sent to all devices.
      condition: { [key]: condition[key] },
      threshold,
      cooldownMs: Math.min(cooldownMs, longestCooldownMs),
      hysteresisPct: Math.min(hysteresisPct, mostHysteresisPct),
    };
  }
}
