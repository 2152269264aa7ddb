/** What is told to a client whose frame cannot be read: the finest code that fits, and which request it was. Pure. */
import { ErrorCode } from '@tickwire/protocol';
import type { DecodeResult } from '@tickwire/protocol/codec';
import type { Limits } from '../limits.js';

/** The answer to a frame that does not decode. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly id?: string | number;
  readonly op?: string;
  readonly message?: string;
}

const knownOperations: ReadonlySet<unknown> = new Set([
  'authenticate',
  'subscribe',
  'unsubscribe',
  'ping',
  'hello',
  'history',
  'catalog',
  'alert_create',
  'alert_list',
  'alert_delete',
  'mark',
]);
const longestId = 128;
/** Paths come from the schema and from indexes; this keeps out what a client could smuggle in as a key. */
const printablePath = /^[\w.]{1,100}$/;

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** Who asked and for what, as far as a broken request still says so: its author waits for an answer to that id. */
export function requestNamed(value: unknown): { id?: string | number; op?: string } {
  const { id, type } = fieldsOf(value);
  const isId = (typeof id === 'string' && id.length <= longestId) || (typeof id === 'number' && Number.isFinite(id));
  return {
    ...(isId ? { id: id } : {}),
    ...(knownOperations.has(type) ? { op: type as string } : {}),
  };
}

/** The refusal of a frame that failed to decode. */
export function refusalOf(
  text: string,
  failure: Extract<DecodeResult<unknown>, { ok: false }>,
  limits: Limits,
): Refusal {
  if (failure.code === 'BAD_JSON' || text.length > limits.maxFrameBytes) return { code: failure.code };
  const frame: unknown = JSON.parse(text);
  const named = requestNamed(frame);
  if (/^data\.channels\.\d+\.filter(\.|$)/.test(failure.path)) return { ...named, code: ErrorCode.BAD_FILTER };
  const list = failure.path === 'metals' ? fieldsOf(frame)['metals'] : fieldsOf(fieldsOf(frame)['data'])['channels'];
  const isList = failure.path === 'metals' || failure.path === 'data.channels';
  if (isList && Array.isArray(list)) return { ...named, code: ErrorCode.TOO_MANY_ITEMS };
  const where = printablePath.test(failure.path) ? ` at ${failure.path}` : '';
  return { ...named, code: ErrorCode.BAD_MESSAGE, message: `The message does not have the expected shape${where}` };
}
