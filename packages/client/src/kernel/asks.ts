/** What one server has been asked for, what stands, and what it still has to be told. */
import type { Channels } from './channels.js';
import type { Ask, Asked, Dialect, Unanswered, Work } from './dialect.js';
import type { PriceStreamError } from './errors.js';

/** What is asked for under a key now, as text. */
type SignatureOf = (key: string) => string;

interface Expected extends Unanswered {
  readonly dueAt: number;
}

/** The asks of one socket; they die with it. */
export class Asks {
  /** By id, the oldest first. */
  readonly unanswered = new Map<string, Expected>();
  readonly #channels: Channels;
  readonly #carry: Dialect['carry'];
  readonly #asked = new Map<string, Asked>();
  /** Keys of which the server may have to be told. */
  readonly #owed = new Set<string>();
  readonly #gone = new Set<string>();
  /** The channels under each key: mostly one. */
  readonly #byKey = new Map<string, string | Set<string>>();
  /** When keys may be asked for again that were refused for a while. */
  readonly #deferred = new Map<string, number>();

  /** @param carry the key of a channel on the wire */
  constructor(channels: Channels, carry: Dialect['carry']) {
    this.#channels = channels;
    this.#carry = carry;
  }

  get(key: string): Asked | undefined {
    return this.#asked.get(key);
  }

  /** The channels that are wanted under a key. */
  channels(key: string): Iterable<string> {
    const channels = this.#byKey.get(key) ?? [];
    return typeof channels === 'string' ? [channels] : channels;
  }

  /** Whether a dialect may ask for a key: somebody wants it, or it stands for a channel of its own. */
  isKnown(key: string): boolean {
    return this.#byKey.has(key) || this.#asked.has(key);
  }

  /** Channels are wanted under their keys; each is owed until it is found to be asked for already. */
  want(channels: Iterable<string>): void {
    for (const [channel, key] of this.#keysOf(channels)) {
      const known = this.#byKey.get(key);
      if (known === undefined) this.#byKey.set(key, channel);
      else if (known !== channel) this.#byKey.set(key, new Set(this.channels(key)).add(channel));
      // A channel that had been refused is asked for again.
      this.forgive(key);
      this.owe(key);
    }
  }

  /** What is wanted of channels may be another. */
  look(channels: Iterable<string>): void {
    for (const [, key] of this.#keysOf(channels)) if (this.#byKey.has(key)) this.owe(key);
  }

  /** Channels are wanted no more. */
  release(channels: Iterable<string>): void {
    for (const [channel, key] of this.#keysOf(channels)) {
      const known = this.#byKey.get(key);
      if (known instanceof Set && known.delete(channel) && known.size > 0) {
        this.owe(key);
        continue;
      }
      this.#byKey.delete(key);
      this.#owed.delete(key);
      this.#gone.add(key);
    }
  }

  owe(key: string): void {
    this.#gone.delete(key);
    this.#owed.add(key);
  }

  /** Asks for a key anew. @returns whether it had been asked for, and nothing is under way */
  renew(key: string): boolean {
    const status = this.#asked.get(key)?.status;
    if (status === undefined || status === 'asked' || status === 'deferred') return false;
    this.#again(key);
    return true;
  }

  /** What is left to tell the server; looked at when it is read. */
  work(signatureOf: SignatureOf): Work {
    return { gone: this.#goneKeys(), owed: this.#owedKeys(signatureOf) };
  }

  *#goneKeys(): Iterable<string> {
    for (const key of this.#gone) {
      const known = this.#asked.get(key);
      if (known === undefined || known.status === 'refused') this.#gone.delete(key);
      else yield key;
    }
  }

  *#owedKeys(signatureOf: SignatureOf): Iterable<string> {
    for (const key of this.#owed) {
      const known = this.#asked.get(key);
      // Nobody looks at a lingering channel: what it was asked for last is good enough.
      const isOwed =
        known === undefined ||
        (known.status !== 'refused' &&
          known.status !== 'deferred' &&
          this.#isHeld(key) &&
          known.signature !== signatureOf(key));
      if (isOwed) yield key;
      else this.#owed.delete(key);
    }
  }

  #isHeld(key: string): boolean {
    for (const channel of this.channels(key)) if (this.#channels.isHeld(channel)) return true;
    return false;
  }

  /** Whether an ask tells the server anything that is owed: one that does not would be given for ever. */
  isNews({ asked = [], gone = [], own = false }: Ask): boolean {
    return (
      own ||
      asked.some((key) => this.#owed.has(key)) ||
      gone.some((key) => this.#asked.has(key) && (this.#gone.has(key) || this.#owed.has(key)))
    );
  }

  /** An ask goes out. */
  sent({ asked = [], gone = [] }: Ask, id: string, dueAt: number, signatureOf: SignatureOf): void {
    for (const key of asked) {
      this.#owed.delete(key);
      this.#gone.delete(key);
      this.#deferred.delete(key);
      this.#asked.set(key, { status: 'asked', id, signature: signatureOf(key) });
    }
    for (const key of gone) {
      this.#asked.delete(key);
      this.#gone.delete(key);
    }
    this.unanswered.set(id, { id, dueAt, keys: asked.length > 0 ? asked : gone, gone: asked.length === 0 });
  }

  /** A request has been answered, whatever the answer was. */
  answered(id: string): Unanswered | undefined {
    const found = this.unanswered.get(id);
    this.unanswered.delete(id);
    return found;
  }

  /** @returns whether that is news; an answer to an older request says nothing */
  confirmed(key: string, id: string | undefined): boolean {
    const known = this.#asked.get(key);
    if (known === undefined || known.status === 'confirmed' || (id !== undefined && known.id !== id)) return false;
    this.#stands(key, { ...known, status: 'confirmed' });
    return true;
  }

  /** @param id of the request; `''` for keys that were not even asked for @param again when they may be; `undefined` never */
  refused(keys: readonly string[], id: string, error: PriceStreamError, again: number | undefined): void {
    for (const key of keys) {
      const known = this.#asked.get(key);
      if ((known?.id ?? '') !== id) continue;
      this.#stands(key, { id, signature: '', ...known, status: again === undefined ? 'refused' : 'deferred', error });
      if (again !== undefined) this.#deferred.set(key, again);
    }
  }

  /** A refusal is no longer one. */
  forgive(key: string): void {
    if (this.#asked.get(key)?.status === 'refused') this.#again(key);
  }

  /** Time has passed. @returns keys that stand from now on without an answer */
  expire(now: number): readonly string[] {
    for (const [key, at] of this.#deferred) {
      if (at > now) continue;
      this.#deferred.delete(key);
      this.#again(key);
    }
    const late: string[] = [];
    for (const { id, keys, gone, dueAt } of this.unanswered.values()) {
      if (dueAt > now) break;
      this.unanswered.delete(id);
      if (gone) continue;
      for (const key of keys) {
        late.push(key);
        const known = this.#asked.get(key);
        if (known?.id === id && known.status === 'asked') this.#stands(key, { ...known, status: 'unconfirmed' });
      }
    }
    return late;
  }

  /** When time has something to say next, monotonic ms. */
  get dueAt(): number {
    const [oldest] = this.unanswered.values();
    return Math.min(oldest?.dueAt ?? Infinity, ...this.#deferred.values());
  }

  *#keysOf(channels: Iterable<string>): Iterable<[channel: string, key: string]> {
    for (const channel of channels) {
      const key = this.#carry(channel);
      if (typeof key === 'string') yield [channel, key];
    }
  }

  /** It may be asked for as if it never had been. */
  #again(key: string): void {
    this.#asked.delete(key);
    if (this.#byKey.has(key)) this.owe(key);
  }

  /** Where a key stands is another. */
  #stands(key: string, asked: Asked): void {
    this.#asked.set(key, asked);
    for (const channel of this.channels(key)) this.#channels.changed?.add(channel);
  }
}
