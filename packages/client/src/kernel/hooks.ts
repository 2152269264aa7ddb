/** A dialect is somebody's code: what its hooks may be given, and what they may answer. */
import type { Dialect, Fault } from './dialect.js';
import type { Verdict } from './verdicts.js';

type Call = (...given: never[]) => unknown;
/** The hooks that may be missing, fail, or give what is no answer. */
export type Hook = { [Name in keyof Dialect]-?: NonNullable<Dialect[Name]> extends Call ? Name : never }[keyof Dialect];
type CallOf<Name extends Hook> = Extract<NonNullable<Dialect[Name]>, Call>;
/** What a hook is given. */
export type Given<Name extends Hook> = Parameters<CallOf<Name>>;
/** What it answers, if anything. */
export type Answer<Name extends Hook> = NonNullable<ReturnType<CallOf<Name>>>;

export const isText = (answer: unknown): boolean => typeof answer === 'string';

/** Whether an answer is one; hooks that are missing here may give anything. */
export const sound: Readonly<Record<string, (answer: never) => boolean>> = {
  carry: (key: unknown) => key === true || isText(key),
  signature: isText,
  /** What goes out; a text is sent as JSON, too. */
  frame: (frame: unknown) => isText(frame) || typeof frame === 'object',
  read: ({ path, reason }: Fault) => isText(path) && isText(reason),
  closed: ({ action, minDelayMs = 0, spreadMs = 0 }: Verdict) =>
    /^(retry|stop|fail)$/.test(action) && minDelayMs >= 0 && spreadMs >= 0,
};
