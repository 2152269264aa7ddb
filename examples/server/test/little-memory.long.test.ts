/** G09 as a process of its own: a heap that is too small for those who come. */
import { expect, it } from 'vitest';
import { startServerProcess } from './server-process.js';
import { StreamClient } from './stream-client.js';

const heapMb = 64;
const channels = ['whales', 'social'].flatMap((kind) =>
  ['', ':bitcoin', ':ethereum', ':dogecoin', ':shiba-inu', ':pepe', ':solana'].map((coin) => kind + coin),
);

/** The largest filter that a frame takes: the server has to keep it as long as the connection lives. */
function subscribe(client: StreamClient, channel: string, mark: number): void {
  const filter = Array.from({ length: 8 }, (_, condition) => ({
    key: 'coinId',
    cmp: 'nin',
    vals: Array.from({ length: 20 }, (_value, index) => `${mark}-${condition}-${index}-${channel}`.padEnd(60, '.')),
  }));
  client.send({ type: 'subscribe', id: mark, data: { channels: [{ channel, filter }] } });
}

it('F29: a server whose heap fills refuses newcomers with 503, lets some go with 1013, and never ends by itself', async () => {
  const { child, port, exit } = await startServerProcess(
    {
      WS_MAX_CONNECTIONS: '10000',
      WS_CONNECTIONS_PER_ADDRESS: '10000',
      WS_CONNECTS_PER_SECOND: '10000',
      WS_CONNECT_BURST: '10000',
      WS_LOAD_SAMPLE_MS: '200',
    },
    { flags: [`--max-old-space-size=${heapMb}`] },
  );
  const clients: StreamClient[] = [];
  try {
    const readiness = () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ status }) => status,
        () => 0,
      );
    await expect.poll(readiness).toBe(200);
    const closes: number[] = [];
    const patient: StreamClient[] = [];
    let refusals = 0;
    let mark = 0;
    const ask = async (client: StreamClient, wanted: readonly string[]): Promise<void> => {
      if (client.socket.readyState !== 1) return;
      for (const channel of wanted) subscribe(client, channel, (mark += 1));
      const last = mark;
      await client.next('ack', ({ id }) => id === last).catch(() => undefined);
    };
    while (!closes.includes(1013) && child.exitCode === null) {
      const client = new StreamClient(`ws://127.0.0.1:${port}/ws`);
      const answer = await Promise.race([
        client.refused,
        client.next('hello').then(
          () => 101,
          () => 0,
        ),
      ]);
      if (answer === 101) {
        clients.push(client);
        patient.push(client);
        void client.closed.then(({ code }) => closes.push(code));
        client.send({ type: 'hello', data: { protocol: 1 } });
        await ask(client, channels.slice(0, 7));
      } else if (answer === 503) {
        refusals += 1;
        // Newcomers are refused, but those inside ask for more.
        const next = patient.shift();
        if (next !== undefined) await ask(next, channels.slice(7));
      }
    }
    expect(refusals).toBeGreaterThan(0);
    expect(closes).toContain(1013);
    expect(child.exitCode).toBeNull();
    expect(await readiness()).toBe(200);
    for (const client of clients) client.socket.terminate();
    await expect
      .poll(
        async () => {
          const late = new StreamClient(`ws://127.0.0.1:${port}/ws`);
          clients.push(late);
          return Promise.race([
            late.refused,
            late.next('hello').then(
              () => 101,
              () => 0,
            ),
          ]);
        },
        { interval: 500 },
      )
      .toBe(101);
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  } finally {
    for (const client of clients) client.socket.terminate();
    child.kill('SIGKILL');
  }
});
