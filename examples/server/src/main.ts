/** Starts the reference server alone, as a deployment would. */
import { fromProcess, startServer } from './start.js';

process.exitCode = await startServer({
  ...fromProcess(),
  usage:
    'The reference server: live prices over WebSocket at /ws, last prices at /api/prices.\nStarts with the environment below; SIGTERM and SIGINT end it.',
});
