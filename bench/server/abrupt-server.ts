/** The reference server with another end: on SIGTERM it stops listening, closes everybody with a bare 1012, and is gone. */
import { setTimeout as pause } from 'node:timers/promises';
import { buildServer, loadConfig } from '@tickwire/example-server';

const closingMs = 1_000;
const config = loadConfig(process.env);
const app = buildServer(config);
await app.listen({ host: config.host, port: config.port });
process.once('SIGTERM', () => {
  app.server.close();
  for (const connection of app.connections.all()) connection.close(1012, '');
  void (async () => {
    const until = performance.now() + closingMs;
    while (app.connections.size > 0 && performance.now() < until) await pause(20);
    process.exit(0);
  })();
});
