/** Looks at options as they come from users without a compiler. Each check throws `CONFIGURATION` with what to write instead. */
import { PriceStreamError } from './errors.js';

/** The error of a wrong option. */
export function wrong(message: string): PriceStreamError {
  return new PriceStreamError('CONFIGURATION', message);
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The options themselves: an object. */
export function checkedOptions(options: unknown): void {
  if (!isRecord(options))
    throw wrong("The options must be an object, for example { dialect: 'coins' }. Leave them out for the defaults.");
}

/** A group of options, `reconnect` for example. */
export function checkedGroup(name: string, value: unknown, example: string): void {
  if (value !== undefined && !isRecord(value))
    throw wrong(`${name} must be an object, for example { ${example} }. Leave it out for the defaults.`);
}

/** A function. */
export function checkedFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function')
    throw wrong(`${name} must be a function. Leave it out if you have none.`);
}

/** Something of the user's that is called later: it has these methods, its own or inherited. */
export function checkedMethods(name: string, value: unknown, methods: readonly string[]): void {
  if (value === undefined) return;
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  if (isObject && methods.every((method) => typeof Reflect.get(value, method) === 'function')) return;
  const needed = methods.map((method) => `${method}()`).join(', ');
  throw wrong(`${name} must be an object with ${needed}. Leave it out if you have none.`);
}

/** The signal that closes the client. */
export function checkedSignal(value: unknown): void {
  const isObject = typeof value === 'object' && value !== null;
  if (value !== undefined && !(isObject && typeof Reflect.get(value, 'aborted') === 'boolean'))
    throw wrong(
      'signal must be an AbortSignal, for example new AbortController().signal. Leave it out if you have none.',
    );
  checkedMethods('signal', value, ['addEventListener', 'removeEventListener']);
}

/** A token of RFC 9110 section 5.6.2, as RFC 6455 section 4.1 wants subprotocols. */
const subprotocol = /^[\w!#$%&'*+.^`|~-]+$/;

/** The subprotocols as a list: one or several names, each once. */
export function subprotocols(value: unknown): string[] | undefined {
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const names = list.filter((name): name is string => typeof name === 'string' && subprotocol.test(name));
  if (names.length < list.length || new Set(names).size < names.length)
    throw wrong("protocols must be a subprotocol's name or a list of different ones, for example 'swarnaai-v1'.");
  return names;
}

/** The headers of the upgrade, copied. What they hold may be secret and is not repeated in the error. */
export function upgradeHeaders(value: unknown): Record<string, string> | undefined {
  if (value === undefined) return undefined;
  const entries: [string, unknown][] = isRecord(value) ? Object.entries(value) : [];
  const headers = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  if (!isRecord(value) || headers.length < entries.length)
    throw wrong("headers must be an object of texts, for example { 'X-Client': 'dashboard' }.");
  return Object.fromEntries(headers);
}
