/** Runs the named measurements of the server, one after the other. */
import { parseArgs } from 'node:util';
import { broadcast } from './broadcast.js';
import { deliveries } from './deliveries.js';
import { deployUnderClients } from './deploy.js';
import { idle } from './idle.js';
import { neighbours } from './neighbours.js';
import { socketIo } from './socket-io.js';

const measurements: Readonly<Record<string, (size?: number) => Promise<void>>> = {
  broadcast,
  deliveries,
  deploy: deployUnderClients,
  idle,
  neighbours,
  'socket.io': socketIo,
};
const all = Object.keys(measurements);
const { values, positionals } = parseArgs({
  options: { size: { type: 'string' }, help: { type: 'boolean', default: false } },
  allowPositionals: true,
});
if (values.help) {
  console.log(`pnpm bench:server [${all.join('] [')}] [--size <connections>]

All of them when none is named; each replaces its section of server/results.md.
  broadcast   one price to 10,000 connections, beside a bare loop over ws sockets
  deliveries  1,000 clients with 20 channels each, 20,000 deliveries a second: from the publish to the callback
  deploy      SIGTERM and a restart under 5,000 whole clients: dials in the worst second, with the drain's hint and without
  idle        memory of each of 10,000 idle connections, and 19,900 in one process
  neighbours  one client that does not read, or floods, among 999: what it costs the others
  socket.io   messages for each second of CPU time of the server, beside socket.io

Needs \`ulimit -n\` of 20,000 and a machine with nothing else to do.`);
  process.exit(0);
}
for (const name of positionals.length > 0 ? positionals : all) {
  const measure = measurements[name];
  if (measure === undefined) throw new Error(`No measurement ${name}; there are ${all.join(', ')}`);
  await measure(values.size === undefined ? undefined : Number(values.size));
}
