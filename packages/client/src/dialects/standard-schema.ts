/** Frames checked by a schema of whatever library: zod, valibot, arktype and others share one interface. https://standardschema.dev */
import type { DialectLink, Fault } from '../kernel/dialect.js';

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

type Outcome<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

/** What a schema has to have, as far as it is used here. */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly validate: (value: unknown) => Outcome<Output> | Promise<Outcome<Output>>;
  };
}

/**
 * A `read` that is only given what the schema lets through, as the schema types it; else the frame is told as `invalid`, with the
 * path and the words of the first issue.
 *
 * @param schema of all messages that the server sends, as a union; has to answer at once
 * @example { read: checkedBy(Message, (message, link) => link.price(…)) }
 */
export function checkedBy<Output>(
  schema: StandardSchema<Output>,
  read: ((message: Output, link: DialectLink) => Fault | undefined) | ((message: Output, link: DialectLink) => void),
): (message: unknown, link: DialectLink) => Fault | undefined {
  return (message, link) => {
    const outcome = schema['~standard'].validate(message);
    if (outcome instanceof Promise) throw new TypeError('A schema of frames has to answer at once: this one is async.');
    const [issue] = outcome.issues ?? [];
    if (issue !== undefined || !('value' in outcome)) {
      const path = (issue?.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
      return { path, reason: issue?.message ?? 'refused by its schema' };
    }
    return read(outcome.value, link) as Fault | undefined;
  };
}
