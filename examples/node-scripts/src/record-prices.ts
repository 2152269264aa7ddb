/** Records what a server sends as JSON lines with receive times, until Ctrl-C; `replay-recording` plays it again. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { PriceWebSocketClient } from '@tickwire/client';
import { parseChannel, type Channel } from '@tickwire/protocol';

const help = `Records prices and events, one JSON line each: {"at": epoch ms, "frame": "the message as text"}.

  record-prices --out prices.jsonl [--url ws://localhost:3001/ws] [channel …]

  channel   coin:bitcoin, metal:gold, whales …; without any, everything that the server's catalog has
  --out     the file; it is appended to
  --url     where the server is; TICKWIRE_URL says it too
  --help    this text`;

/** Lines that may wait for the disk; beyond that the oldest are dropped, and counted. */
const mostWaiting = 10_000;
/** What carries a value by itself; batches and snapshots arrive as their items. */
const recorded = ['price_update', 'priceUpdate', 'whale_movement', 'social_spike', 'announcement'] as const;

/** Appends lines to a file and never holds more than it may. */
class Recorder {
  written = 0;
  dropped = 0;
  readonly #waiting: string[] = [];
  readonly #file;
  #writing = Promise.resolve();
  #isWriting = false;

  constructor(path: string) {
    this.#file = createWriteStream(path, { flags: 'a' });
    this.#file.on('error', (error) => {
      console.error(`The recording cannot be written: ${error.message}`);
      process.exit(1);
    });
  }

  add(line: string): void {
    if (this.#waiting.push(line) > mostWaiting) {
      this.#waiting.shift();
      this.dropped += 1;
    }
    if (!this.#isWriting) this.#writing = this.#write();
  }

  /** Resolves with everything on its way to the disk. */
  async end(): Promise<void> {
    await this.#writing;
    this.#file.end();
    await once(this.#file, 'close');
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) {
      this.written += 1;
      if (!this.#file.write(`${line}\n`)) await once(this.#file, 'drain');
    }
    this.#isWriting = false;
  }
}

function isChannel(name: string): name is Channel {
  return parseChannel(name) !== undefined;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { url: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
const wrong = positionals.find((name) => !isChannel(name));

if (values.help) {
  console.log(help);
} else if (wrong !== undefined || values.out === undefined) {
  console.error(
    wrong === undefined ? 'Say where to: --out prices.jsonl' : `"${wrong}" is no channel; --help says more.`,
  );
  process.exitCode = 1;
} else {
  const recorder = new Recorder(values.out);
  const client = new PriceWebSocketClient(values.url ?? process.env['TICKWIRE_URL'] ?? 'ws://localhost:3001/ws');
  client.on('connection', ({ status }) => console.error(`# ${status}`));
  client.on('error', (error) => console.error(`# ${error.code}: ${error.message}`));
  for (const type of recorded) {
    // The message is the parsed original: as text it is what was sent.
    client.on(type, (message) => recorder.add(JSON.stringify({ at: Date.now(), frame: JSON.stringify(message) })));
  }
  const stop = async (): Promise<void> => {
    await client.close();
    await recorder.end();
    console.error(`# ${recorder.written} lines in ${values.out ?? ''}, ${recorder.dropped} dropped`);
  };
  process.once('SIGINT', () => void stop());
  process.once('SIGTERM', () => void stop());

  const named = positionals.filter(isChannel);
  const ready = client.connect();
  // Closed before there was a connection: nothing to record.
  const catalog = named.length > 0 ? undefined : await ready.then(() => client.catalog()).catch(() => undefined);
  const wanted = catalog?.items.map((item) => item.channel).filter(isChannel) ?? named;
  if (wanted.length > 0) client.subscribe(wanted, () => undefined);
  await ready.catch(() => undefined);
}
