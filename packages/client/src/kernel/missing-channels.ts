/** What is said of channels that cannot come. */
import { PriceStreamError } from './errors.js';

/** Says which channels a dialect does not have; of many the first three. */
export function missingError(dialect: string, channels: readonly string[]): PriceStreamError {
  const more = channels.length > 3 ? ` and ${channels.length - 3} more` : '';
  const names = channels.slice(0, 3).join(', ');
  return new PriceStreamError(
    'UNKNOWN_CHANNEL',
    `The ${dialect} dialect has no ${names}${more}. It takes another server.`,
  );
}
