/** Runs the named measurements of the server, one after the other. */
import { broadcast } from './broadcast.js';

const measurements: Readonly<Record<string, (size?: number) => Promise<void>>> = { broadcast };

const names = process.argv.slice(2).filter((name) => !/^\d+$/.test(name));
const size = process.argv.slice(2).find((name) => /^\d+$/.test(name));
for (const name of names.length > 0 ? names : Object.keys(measurements)) {
  const measure = measurements[name];
  if (measure === undefined)
    throw new Error(`No measurement ${name}; there are ${Object.keys(measurements).join(', ')}`);
  await measure(size === undefined ? undefined : Number(size));
}
