/** Starts the server as a program: help, clear words for what is wrong, and an orderly end on SIGTERM and SIGINT. */
import type { FastifyInstance } from 'fastify';
import { ConfigurationError, helpText, loadConfig, type Environment, type ServerConfig } from './config.js';
import { buildServer } from './server.js';

/** What the program is started with; `process` gives it all. */
export interface StartOptions {
  /** The first lines of `--help`. */
  readonly usage: string;
  readonly args: readonly string[];
  readonly environment: Environment;
  /** Relative paths of the environment are taken from here. */
  readonly folder: string;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  /** Calls back whenever the program is told to end, until the undo that it returns is called. */
  readonly onStopSignal: (listener: () => void) => () => void;
  /** Runs once the server listens; what it returns runs before the server closes. */
  readonly onListening?: (app: FastifyInstance, config: ServerConfig) => () => void;
}

/**
 * Peers that the kernel holds until the process takes them, up to its own bound: with Node's 511 a crowd that comes back at
 * once is reset instead of being let in or told when to come again.
 */
const waitingPeers = 4_096;

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** What went wrong at start, with the next step. */
function explain(error: unknown, { host, port }: Pick<ServerConfig, 'host' | 'port'>): string {
  if (error instanceof ConfigurationError) return `${error.message}\nSee --help for every key.`;
  const code = codeOf(error);
  if (code === 'EADDRINUSE') {
    const next = port >= 65_535 ? 3_001 : port + 1;
    return `Port ${port} is in use by another program. Stop that one, or choose another port: PORT=${next}`;
  }
  if (code === 'EACCES')
    return `Port ${port} needs rights that this user does not have. Choose one above 1023: PORT=3001`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `HOST=${host} is no address of this machine. Leave HOST out for 127.0.0.1.`;
  return `The server could not start: ${error instanceof Error ? error.message : String(error)}`;
}

/**
 * Runs the server until it is told to stop.
 *
 * @returns the exit code: 0 after `--help` or an orderly end, 1 when it could not start
 */
export async function startServer(options: StartOptions): Promise<number> {
  const { args, environment, folder, print, printError } = options;
  if (args.includes('--help') || args.includes('-h')) {
    print(helpText(options.usage));
    return 0;
  }
  let config: ServerConfig;
  try {
    config = loadConfig(environment, { folder });
  } catch (error) {
    printError(explain(error, { host: '', port: 0 }));
    return 1;
  }
  let app: FastifyInstance | undefined;
  // Heard from here on, so that a server which is told to end while it starts ends in order as well.
  let ignoreSignals = (): void => undefined;
  const told = new Promise<void>((resolve) => {
    ignoreSignals = options.onStopSignal(resolve);
  });
  try {
    app = buildServer(config);
    await app.listen({ host: config.host, port: config.port, backlog: waitingPeers });
    const end = options.onListening?.(app, config);
    await told;
    end?.();
    await app.close();
    return 0;
  } catch (error) {
    printError(explain(error, config));
    await app?.close();
    return 1;
  } finally {
    ignoreSignals();
  }
}

/** The options that every program here shares, taken from `process`. */
export function fromProcess(): Omit<StartOptions, 'usage' | 'onListening'> {
  return {
    args: process.argv.slice(2),
    environment: process.env,
    // A package manager runs scripts in the package's folder; people mean the folder that they stand in.
    folder: process.env['INIT_CWD'] ?? process.cwd(),
    print: (text) => void process.stdout.write(`${text}\n`),
    printError: (text) => void process.stderr.write(`${text}\n`),
    onStopSignal(listener) {
      // Not `once`: a terminal and a package manager both pass a signal on, and the second would cut the good-byes short.
      process.on('SIGTERM', listener);
      process.on('SIGINT', listener);
      return () => {
        process.off('SIGTERM', listener);
        process.off('SIGINT', listener);
      };
    },
  };
}
