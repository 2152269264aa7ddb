/** Frames as people have them: texts, messages, lines of a recording. */

/** A line of a recording: when the frame arrived, epoch ms, and the frame as it came. */
export interface RecordedFrame {
  readonly receivedAt: number;
  readonly frame: string;
}

/** Texts and bytes come as they are, lines of a recording at their time, other objects as JSON. A text in place of the list is that of a .jsonl file. */
export type ReplayFrames = string | Iterable<string | Uint8Array | RecordedFrame | object>;

/** A frame and when it comes, in whole ms. */
export interface PlayableFrame {
  readonly at: number | undefined;
  readonly frame: string | Uint8Array;
}

function isRecorded(value: object): value is RecordedFrame {
  const { receivedAt, frame } = value as Partial<RecordedFrame>;
  return Number.isFinite(receivedAt) && typeof frame === 'string';
}

function lineOf(text: string, index: number): RecordedFrame {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (typeof line === 'object' && line !== null && isRecorded(line)) return line;
  throw new TypeError(
    `Line ${index + 1} of the recording must be {"receivedAt": epoch ms, "frame": "…"}. For one frame give a list: ['…'].`,
  );
}

/** @throws TypeError for what cannot be played */
export function playable(frames: ReplayFrames): PlayableFrame[] {
  if (typeof frames === 'string') {
    const lines = frames.split('\n').map((line) => line.trim());
    return lines.flatMap((line, index) => (line === '' ? [] : [framed(lineOf(line, index))]));
  }
  if (typeof (frames as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] !== 'function')
    throw new TypeError('The frames must be a list, or the text of a .jsonl file.');
  return [...frames].map((frame: unknown, index) => {
    if (typeof frame === 'string' || frame instanceof Uint8Array) return { at: undefined, frame };
    if (typeof frame !== 'object' || frame === null)
      throw new TypeError(
        `Frame ${index} must be a text, bytes, { receivedAt, frame }, or an object to be sent as JSON.`,
      );
    return isRecorded(frame) ? framed(frame) : { at: undefined, frame: JSON.stringify(frame) };
  });
}

function framed({ receivedAt, frame }: RecordedFrame): PlayableFrame {
  return { at: Math.round(receivedAt), frame };
}
