/** One client that does not read, or that never stops writing, among 999 that are well: what it costs the others. */
import type { ClientsOrder } from './clients.js';
import { setTimeout as pause } from 'node:timers/promises';
import { RawSocket, textFrame } from './raw-socket.js';
import { Remote } from './remote.js';
import { circumstances, median, quantile, writeSection } from './report.js';

type Neighbour = 'none' | 'stalled' | 'flooding';

const rounds = 3;
const seconds = 8;
const perSecond = 5;
const floodPerSecond = 1_000;
const floodBeatMs = 20;
const hello = textFrame(JSON.stringify({ type: 'hello', data: { protocol: 1 } }));
const wantsLong = textFrame(
  JSON.stringify({ type: 'subscribe', id: 1, data: { channels: [{ channel: 'coin:long' }] } }),
);
const ping = textFrame(JSON.stringify({ type: 'ping' }));
const floodBeat = Buffer.concat(Array.from({ length: (floodPerSecond * floodBeatMs) / 1_000 }, () => ping));

/** Opens a bad neighbour; returns its end. */
async function move(neighbour: Neighbour, target: Remote, port: number): Promise<() => void> {
  if (neighbour === 'none') return () => undefined;
  const address = { port, path: '/ws', localAddress: '127.0.0.2', forwardedFor: '127.0.0.2', readsText: false };
  let isOver = false;
  let socket: RawSocket | undefined;
  let isOpen = false;
  const dial = (): void => {
    isOpen = false;
    socket = new RawSocket(address, {
      onOpen: (opened) => {
        isOpen = true;
        opened.send(hello);
        if (neighbour === 'stalled') opened.send(wantsLong);
      },
      onText: () => undefined,
      // Whoever floods is thrown out, and comes again at once.
      onClose: () => {
        if (!isOver && neighbour === 'flooding') setTimeout(dial, floodBeatMs);
      },
    });
  };
  dial();
  await pause(500);
  const beat = setInterval(() => {
    if (neighbour === 'flooding' && isOpen) socket?.send(floodBeat);
  }, floodBeatMs);
  if (neighbour === 'stalled') {
    socket?.pause();
    if (!(await target.call<boolean>('fill'))) throw new Error('The stalled reader was never behind');
  }
  return () => {
    isOver = true;
    clearInterval(beat);
    socket?.end();
  };
}

export async function neighbours(count = 1_000): Promise<void> {
  const target = new Remote('./neighbour-target.ts');
  const clients = new Remote('./clients.ts');
  const p99: Record<Neighbour, number[]> = { none: [], stalled: [], flooding: [] };
  const half: Record<Neighbour, number[]> = { none: [], stalled: [], flooding: [] };
  let deliveries = 0;
  let expected = 0;
  try {
    const port = await target.call<number>('port');
    await clients.call('open', { port, count: count - 1, channels: ['coin:healthy'] } satisfies ClientsOrder);
    const order: readonly Neighbour[] = ['none', 'stalled', 'flooding'];
    // The first round warms up and is not counted; the order turns.
    for (let round = -1; round < rounds; round += 1) {
      for (const neighbour of round % 2 === 0 ? order : [...order].reverse()) {
        await clients.call('reset');
        const leave = await move(neighbour, target, port);
        const published = await target.call<[number, number][]>('steady', {
          seconds: round < 0 ? 2 : seconds,
          perSecond,
          long: neighbour === 'stalled',
        });
        await pause(1_500);
        const latencies = await clients.call<number[]>('latencies', published);
        leave();
        await pause(500);
        if (round < 0) continue;
        p99[neighbour].push(quantile(latencies, 0.99));
        half[neighbour].push(quantile(latencies, 0.5));
        deliveries += latencies.length;
        expected += published.length * (count - 1);
        console.error(neighbour, quantile(latencies, 0.5), quantile(latencies, 0.99));
      }
    }
  } finally {
    await Promise.all([clients.end(), target.end()]);
  }
  const change = (neighbour: Neighbour): number =>
    median(p99[neighbour].map((value, round) => value - (p99.none[round] ?? NaN)));
  const row = (neighbour: Neighbour, title: string): string =>
    `| ${title} | ${median(half[neighbour]).toFixed(1)} ms | ${median(p99[neighbour]).toFixed(1)} ms (${p99[neighbour].map((value) => value.toFixed(1)).join(', ')}) | ${neighbour === 'none' ? '' : `${change(neighbour).toFixed(1)} ms`} |`;
  const verdict = change('stalled') < 5 ? 'met' : 'missed';
  writeSection(
    'Bad neighbours',
    `${count - 1} clients of \`@tickwire/client\`, ${perSecond} prices a second for each, for ${seconds} s; from the publish in the server's process to the listener's callback.
Beside them nobody; one that has stopped to read, is above the soft bound, and goes on being sent 15 KB messages; one that sends ${floodPerSecond} messages a second,
is thrown out, and comes again at once. ${rounds} rounds, in turns; the change is the median of the differences within a round.

| beside them | half within | 99 % within (each round) | change of the 99 % |
|---|---|---|---|
${row('none', 'nobody')}
${row('stalled', 'one that does not read')}
${row('flooding', 'one that floods')}

Arrived: ${((deliveries / expected) * 100).toFixed(2)} %. Target: a stalled reader changes the 99 % of the others by less than 5 ms: ${verdict}.

${circumstances(['ws'])}`,
  );
}
