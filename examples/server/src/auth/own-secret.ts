/** The secret of a server that was given none. */
import { randomBytes } from 'node:crypto';
import type { ServerConfig } from '../config.js';

/** Outside of production a server without any secret makes one, so that nothing has to be set up to try it. */
export function secretOf({ auth, environment }: ServerConfig): { secret?: string } {
  if (auth.secret !== undefined) return { secret: auth.secret };
  return environment === 'production' ? {} : { secret: randomBytes(32).toString('hex') };
}
