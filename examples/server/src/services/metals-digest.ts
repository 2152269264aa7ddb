/**
 * What older metals clients get: they replace their whole map on each frame, so one frame carries all their metals,
 * those that did not move included.
 */
import type { MetalChange, MetalPricesMessage, MetalQuote } from '@tickwire/protocol';
import { encodeMessage } from '@tickwire/protocol/codec';
import type { PublishedMessage } from '../engine/engine.js';

interface KnownMetal {
  readonly position: Pick<PublishedMessage, 'epoch' | 'seq'>;
  readonly quote: MetalQuote;
}

/** The last quotes of this node's metals, and the changes since the last `settle`. */
export class MetalsDigest {
  readonly #known = new Map<string, KnownMetal>();
  readonly #changes = new Map<string, MetalChange>();

  /**
   * Takes in a published `priceUpdate` of one metal.
   *
   * @param isNews whether its change is still to be told: it counts until `settle`
   */
  note(message: PublishedMessage, isNews: boolean): void {
    const name = message.channel.slice('metal:'.length);
    const known = this.#known.get(name)?.position;
    if (known !== undefined && known.epoch === message.epoch && known.seq >= message.seq) return;
    // The body is our own: it was checked when it was published.
    const { data, changes } = JSON.parse(message.body) as MetalPricesMessage;
    const quote = Array.isArray(data) ? undefined : (data as Readonly<Record<string, MetalQuote>>)[name];
    if (quote === undefined) return;
    this.#known.set(name, { position: { epoch: message.epoch, seq: message.seq }, quote });
    if (!isNews) return;
    for (const change of changes ?? []) this.#changes.set(change.metal, change);
  }

  /**
   * One `priceUpdate` of these metals, as far as they are known; `undefined` when none is.
   *
   * @param withChanges `false` for a snapshot, which tells no news
   */
  frameOf(metals: readonly string[], timestamp: string, withChanges: boolean): string | undefined {
    const data: Record<string, MetalQuote> = {};
    const changes: MetalChange[] = [];
    for (const name of metals) {
      const known = this.#known.get(name);
      const change = this.#changes.get(name);
      if (known !== undefined) data[name] = known.quote;
      if (withChanges && change !== undefined) changes.push(change);
    }
    if (Object.keys(data).length === 0) return undefined;
    return encodeMessage({ type: 'priceUpdate', data, changes, timestamp });
  }

  /** The changes have been told. */
  settle(): void {
    this.#changes.clear();
  }
}
