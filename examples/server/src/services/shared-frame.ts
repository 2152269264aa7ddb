/** One published message on its way to many: serialised once for each shape that it is sent in. */
import type { PublishedMessage } from '../engine/engine.js';
import { PreparedFrame } from '../plugins/prepared-frame.js';
import { positionedFrame } from './frames.js';

/** Connections that were spared unlike numbers of messages need unlike frames; so many are kept. */
const keptShapes = 16;

/** A message with its frames, each made when it is first needed. */
export class SharedFrame {
  readonly message: PublishedMessage;
  #plain: PreparedFrame | undefined;
  #skipping: Map<number, PreparedFrame> | undefined;

  constructor(message: PublishedMessage) {
    this.message = message;
  }

  /** The frame for a connection that was spared the `skip` messages before this one. */
  prepared(skip: number): PreparedFrame {
    if (skip === 0) return (this.#plain ??= new PreparedFrame(positionedFrame(this.message)));
    this.#skipping ??= new Map();
    const known = this.#skipping.get(skip);
    if (known !== undefined) return known;
    const made = new PreparedFrame(positionedFrame(this.message, { skip }));
    if (this.#skipping.size < keptShapes) this.#skipping.set(skip, made);
    return made;
  }
}
