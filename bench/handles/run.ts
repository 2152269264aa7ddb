/** Handles that come and go one by one: what 10,000 cost beside 2,000, in turns, and the heap that one takes; writes results.md. */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { PriceWebSocketClient, type Subscription } from '@tickwire/client';
import { FakeClock, FakeSockets, hello, subscribeAck } from '@tickwire/testing';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    few: { type: 'string', default: '2000' },
    many: { type: 'string', default: '10000' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log('pnpm bench:handles [--rounds 15] [--few 2000] [--many 10000]');
  process.exit(0);
}
const rounds = Number(values.rounds);
const sizes = [Number(values.few), Number(values.many)];

const nothing = (): void => undefined;
/** All microtasks have run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Stage {
  readonly client: PriceWebSocketClient;
  readonly clock: FakeClock;
  readonly socket: FakeSockets['last'];
}

/** A client of a server without limits, in memory: the client's own work is what is measured. */
async function connected(): Promise<Stage> {
  const sockets = new FakeSockets();
  const clock = new FakeClock();
  const client = new PriceWebSocketClient('ws://bench.example/ws', { WebSocket: sockets.WebSocket, clock });
  const connecting = client.connect();
  const { last: socket } = sockets;
  socket.open();
  socket.receive(hello({ burst: 1e6, messagesPerMinute: 1e6 }));
  await connecting;
  socket.onSent = ({ type, id, data }) => {
    if (type !== 'subscribe') return;
    const { channels } = data as { channels: { channel: string }[] };
    const names = channels.map(({ channel }) => channel);
    queueMicrotask(() => socket.receive(subscribeAck(id, names)));
  };
  return { client, clock, socket };
}

function each<Made>(many: number, make: (index: number) => Made): Made[] {
  return Array.from({ length: many }, (_, index) => make(index));
}
function end(handles: readonly Subscription<unknown>[]): void {
  for (const handle of handles) handle.unsubscribe();
}

const lives: Record<string, (stage: Stage, many: number) => Promise<void>> = {
  'subscribe one by one, and are let go': async ({ client }, many) => {
    const handles = each(many, (index) => client.subscribe(`coin:c${index}`, nothing));
    await settle();
    end(handles);
    await settle();
  },
  'the same, and wait for `ready()`': async ({ client }, many) => {
    const handles = each(many, (index) => client.subscribe(`coin:c${index}`, nothing));
    await Promise.all(handles.map((handle) => handle.ready()));
    end(handles);
    await settle();
  },
  'all on one channel, and wait for `ready()`': async ({ client }, many) => {
    const handles = each(many, () => client.subscribe('coin:same', nothing));
    await Promise.all(handles.map((handle) => handle.ready()));
    end(handles);
    await settle();
  },
  'read in loops': async ({ client }, many) => {
    const loops = each(many, (index) => client.subscribe(`coin:c${index}`)[Symbol.asyncIterator]());
    const reads = loops.map((loop) => loop.next());
    await settle();
    for (const loop of loops) await loop.return?.();
    await Promise.all(reads);
  },
  'let go and taken up again within the linger': async ({ client }, many) => {
    end(each(many, (index) => client.subscribe(`coin:c${index}`, nothing)));
    end(each(many, (index) => client.subscribe(`coin:c${index}`, nothing)));
    await settle();
  },
  'let go for good after the linger': async ({ client, clock }, many) => {
    const handles = each(many, (index) => client.subscribe(`coin:c${index}`, nothing));
    await settle();
    end(handles);
    await clock.advance(1_000);
  },
  'loops over events': async ({ client }, many) => {
    const loops = each(many, () => client.events('whale_movement'));
    for (const loop of loops) await loop.return?.();
  },
};

/** Milliseconds that this process works. */
async function timed(life: (stage: Stage, many: number) => Promise<void>, many: number): Promise<number> {
  const stage = await connected();
  const cpu = process.cpuUsage();
  await life(stage, many);
  const { user, system } = process.cpuUsage(cpu);
  void stage.client.close();
  await stage.clock.advance(3_000);
  return (user + system) / 1_000;
}

async function heapUsed(): Promise<number> {
  for (let times = 0; times < 4; times += 1) {
    await settle();
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

/** Bytes that a handle takes which stands: the first of its channel, with all that is kept of the channel, and one more beside it. */
async function weighed(many: number): Promise<readonly [first: number, more: number]> {
  const { client, socket } = await connected();
  const names = each(many, (index) => `coin:c${index}` as const);
  const hold = (): Promise<Subscription<unknown>[]> =>
    Promise.resolve(names.map((name) => client.subscribe(name, nothing)));
  const before = await heapUsed();
  const first = await hold();
  await settle();
  // What the socket of the bench remembers is not the client's.
  socket.sent.length = 0;
  const between = await heapUsed();
  const more = await hold();
  const after = await heapUsed();
  end([...first, ...more]);
  void client.close();
  return [(between - before) / many, (after - between) / many];
}

const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN;
const samples = new Map(Object.keys(lives).map((name) => [name, sizes.map(() => [] as number[])]));
for (let round = -1; round < rounds; round += 1) {
  for (const [name, life] of Object.entries(lives)) {
    const turns = round % 2 === 0 ? [0, 1] : [1, 0];
    for (const turn of turns) {
      const ms = await timed(life, sizes[turn] ?? 0);
      if (round >= 0) samples.get(name)?.[turn]?.push(ms); // the first round warms up
    }
  }
  if (round >= 0) console.error(`round ${round + 1} of ${rounds}`);
}
const weights: (readonly [number, number])[] = [];
for (let round = -1; round < rounds; round += 1) {
  const weight = await weighed(sizes[0] ?? 0);
  if (round >= 0) weights.push(weight);
}
const [first = 0, more = 0] = [0, 1].map((which) => Math.round(median(weights.map((weight) => weight[which] ?? 0))));
const rows = [...samples].map(([name, [few = [], many = []]]) => {
  const ratio = median(many.map((ms, round) => ms / (few[round] ?? Number.NaN)));
  return `| ${name} | ${median(few).toFixed(1)} ms | ${median(many).toFixed(1)} ms | ${ratio.toFixed(1)} × |`;
});
const [few = 0, many = 0] = sizes;
const text = `# Handles that come and go

Made by \`pnpm bench:handles --rounds ${rounds}\`. Each handle by its own call, against a server in memory that acks at once and has no limits: what is measured
is the processor time of the client alone. ${rounds} rounds in turns; medians, and the median of the ratios of the same round. ${many / few} × is a cost
that does not depend on how many there are.

| ${many.toLocaleString('en')} handles beside ${few.toLocaleString('en')} | ${few.toLocaleString('en')} | ${many.toLocaleString('en')} | ratio |
|---|---|---|---|
${rows.join('\n')}

On the heap, at ${few.toLocaleString('en')} channels of a \`tickwire\` server that have been confirmed: **${first} bytes** for a handle with its channel (who holds it, its key and its answer,
its position), ${more} for one more handle of the same channel. Medians of ${rounds} clients, after collections.

Node ${process.version}, ${cpus()[0]?.model ?? ''} × ${cpus().length}, ${new Date().toISOString().slice(0, 10)}.
`;
if (rounds >= 5) writeFileSync(new URL('results.md', import.meta.url), text);
console.log(text);
process.exit(0);
