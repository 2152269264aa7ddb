/** What the dialect `tickwire` asks of a server: greeting, subscriptions, recovery, heartbeat. */
import { CheckSkipped, type Probe } from './probe.js';
import { expectThat, type Bench, type Check } from './suite.js';

interface Subscribed {
  readonly channel: string;
  readonly kind: string;
  readonly epoch: string;
  readonly seq: number;
  readonly recovered: boolean;
  readonly reason?: string;
}

interface SubscribeAck {
  readonly subscribed: readonly Subscribed[];
  readonly rejected: readonly { channel: string; code: string }[];
}

async function subscribe(probe: Probe, id: string | number, ...channels: readonly object[]): Promise<SubscribeAck> {
  probe.send({ type: 'subscribe', id, data: { channels } });
  const ack = await probe.next('ack', (frame) => frame.id === id);
  expectThat(ack.op === 'subscribe', `the ack's op is ${ack.op}`);
  return ack.data as SubscribeAck;
}

async function subscribed(bench: Bench, position: object = {}): Promise<{ probe: Probe; entry: Subscribed }> {
  const { probe } = await bench.greet();
  const ack = await subscribe(probe, 's', { channel: bench.channel, ...position });
  const [entry] = ack.subscribed;
  expectThat(entry !== undefined, `${bench.channel} is not in subscribed; name one with --channel`);
  return { probe, entry };
}

export const tickwireChecks: readonly Check[] = [
  {
    title: 'the first frame is hello, with the version, the heartbeat and the limits',
    async run({ open }) {
      const probe = open();
      const { data } = await probe.next('hello');
      expectThat(probe.frames[0]?.type === 'hello', `the first frame is ${probe.frames[0]?.type}`);
      expectThat(data.protocol === 1, `protocol is ${data.protocol}`);
      expectThat(typeof data.heartbeatMs === 'number' && data.heartbeatMs > 0, 'heartbeatMs is missing');
      const limits: Readonly<Record<string, unknown>> = { ...data.limits };
      for (const name of ['maxSubscriptions', 'maxChannelsPerFrame', 'maxFrameBytes', 'messagesPerMinute']) {
        expectThat(Number.isSafeInteger(limits[name]), `limits.${name} is missing`);
      }
    },
  },
  {
    title: 'a ping is answered with its id, its time and the server’s',
    async run({ greet }) {
      const { probe } = await greet();
      probe.send({ type: 'ping', id: 'p1', ts: 1234 });
      const pong = await probe.next('pong');
      expectThat(pong.id === 'p1' && pong.echo === 1234, 'id or echo is not what the ping had');
      expectThat(typeof pong.ts === 'number', 'ts, the server’s time, is missing');
    },
  },
  {
    title: 'a client that did not say hello gets no ack',
    async run({ open, channel }) {
      const probe = open();
      await probe.next('hello');
      probe.send({ type: 'subscribe', data: { coinId: channel.slice(channel.indexOf(':') + 1) } });
      await probe.answers();
      const newer = probe.frames.filter(({ type }) => ['ack', 'snapshot', 'heartbeat', 'batch', 'gap'].includes(type));
      expectThat(newer.length === 0, `it got ${newer.map(({ type }) => type).join()}`);
    },
  },
  {
    title: 'a subscribe is acked with a position before anything of the channel comes',
    async run(bench) {
      const { probe, entry } = await subscribed(bench);
      expectThat(entry.channel === bench.channel, `the channel is ${entry.channel}`);
      expectThat(entry.epoch.length > 0 && entry.seq >= 0, 'the position is missing');
      expectThat(!entry.recovered && entry.reason === 'new', 'a first subscribe is recovered:false, reason:"new"');
      await probe.answers();
      const ackAt = probe.frames.findIndex(({ type }) => type === 'ack');
      const early = probe.frames.slice(0, ackAt).find((frame) => 'sub' in frame && frame.sub === bench.channel);
      expectThat(early === undefined, 'a frame of the channel came before the ack');
    },
  },
  {
    title: 'a snapshot follows where the channel has a value',
    async run(bench) {
      const { probe, entry } = await subscribed(bench);
      if (entry.seq === 0) throw new CheckSkipped('the channel has no value yet');
      const { data } = await probe.next('snapshot');
      const item = data.items.find(({ channel }) => channel === bench.channel);
      expectThat(item !== undefined, 'the channel is not in it');
      expectThat(item.epoch === entry.epoch && item.seq >= entry.seq, 'its position is before that of the ack');
    },
  },
  {
    title: 'an unknown channel is rejected in the ack, and the others are not',
    async run(bench) {
      const { probe } = await bench.greet();
      const ack = await subscribe(probe, 7, { channel: 'coin:no-such-coin-here' }, { channel: bench.channel });
      expectThat(ack.rejected[0]?.code === 'UNKNOWN_CHANNEL', `rejected is ${JSON.stringify(ack.rejected)}`);
      expectThat(ack.subscribed[0]?.channel === bench.channel, 'the good channel was not subscribed');
      await probe.answers();
    },
  },
  {
    title: 'a channel of a user is rejected without authentication',
    async run({ greet }) {
      const { probe } = await greet();
      const ack = await subscribe(probe, 1, { channel: 'user' });
      expectThat(ack.rejected[0]?.code === 'UNAUTHENTICATED', `rejected is ${JSON.stringify(ack.rejected)}`);
    },
  },
  {
    title: 'an unsubscribe is acked with what is gone, and the channel is silent afterwards',
    async run(bench) {
      const { probe } = await subscribed(bench);
      probe.send({ type: 'unsubscribe', id: 'u', data: { channels: [bench.channel] } });
      const ack = await probe.next('ack', ({ id }) => id === 'u');
      const { unsubscribed } = ack.data as { unsubscribed?: readonly string[] };
      expectThat(unsubscribed?.includes(bench.channel) === true, `unsubscribed is ${JSON.stringify(unsubscribed)}`);
      const had = probe.frames.length;
      await probe.answers();
      const later = probe.frames.slice(had).find((frame) => 'sub' in frame && frame.sub === bench.channel);
      expectThat(later === undefined, 'a frame of the channel came after the ack');
    },
  },
  {
    title: 'live frames are numbered without a hole',
    async run(bench) {
      const { probe, entry } = await subscribed(bench);
      let last = entry.seq;
      for (let seen = 0; seen < 3; seen += 1) {
        const frame = await probe
          .next(bench.channel.startsWith('metal:') ? 'priceUpdate' : 'price_update', ({ sub }) => sub === bench.channel)
          .catch(() => undefined);
        if (frame === undefined) throw new CheckSkipped('no price came in time');
        const { seq = NaN, skip = 0 } = frame;
        expectThat(frame.epoch === entry.epoch, 'the epoch is not that of the ack');
        expectThat(seq - skip === last + 1, `seq ${seq} with skip ${skip} came after ${last}`);
        last = seq;
      }
    },
  },
  {
    title: 'a position that nothing was missed since is recovered',
    async run(bench) {
      const { entry } = await subscribed(bench);
      const again = await subscribed(bench, { epoch: entry.epoch, seq: entry.seq });
      expectThat(again.entry.recovered, `recovered is false, reason ${again.entry.reason}`);
    },
  },
  {
    title: 'a position of another epoch, or one ahead of the channel, is not recovered',
    async run(bench) {
      const { entry } = await subscribed(bench);
      const foreign = await subscribed(bench, { epoch: 'never-was', seq: 1 });
      expectThat(
        !foreign.entry.recovered && foreign.entry.reason === 'epoch',
        `the answer is ${JSON.stringify(foreign.entry)}`,
      );
      const ahead = await subscribed(bench, { epoch: entry.epoch, seq: entry.seq + 1_000_000 });
      expectThat(
        !ahead.entry.recovered && ahead.entry.reason === 'unknown',
        `the answer is ${JSON.stringify(ahead.entry)}`,
      );
    },
  },
  {
    title: 'a heartbeat tells the head of each channel',
    async run(bench) {
      const { probe, hello } = await bench.greet();
      const waitMs = hello.data.heartbeatMs * 1.5 + bench.patienceMs;
      const ack = await subscribe(probe, 1, { channel: bench.channel });
      const { data } = await probe.next('heartbeat', () => true, waitMs);
      const head = data.heads[bench.channel];
      expectThat(head !== undefined && head >= (ack.subscribed[0]?.seq ?? 0), `heads is ${JSON.stringify(data.heads)}`);
    },
  },
  {
    title: 'the catalog has the channel',
    async run(bench) {
      const { probe, hello } = await bench.greet();
      if (!hello.data.capabilities.includes('catalog')) throw new CheckSkipped('hello does not offer it');
      probe.send({ type: 'catalog', id: 'c' });
      const ack = await probe.next('ack', ({ id }) => id === 'c');
      const { items } = ack.data as { items?: readonly { channel: string }[] };
      expectThat(items?.some(({ channel }) => channel === bench.channel) === true, 'it is not among the items');
    },
  },
  {
    title: 'history gives what came before, numbered',
    async run(bench) {
      const { probe, entry } = await subscribed(bench);
      if (!probe.frames.some((frame) => frame.type === 'hello' && frame.data.capabilities.includes('history'))) {
        throw new CheckSkipped('hello does not offer it');
      }
      probe.send({ type: 'history', id: 'h', data: { channel: bench.channel, limit: 5 } });
      const ack = await probe.next('ack', ({ id }) => id === 'h');
      const { epoch, seq, messages } = ack.data as {
        epoch?: string;
        seq?: number;
        messages?: readonly { seq?: number }[];
      };
      expectThat(epoch === entry.epoch && (seq ?? -1) >= entry.seq, 'its head is before that of the ack');
      const numbers = (messages ?? []).map((message) => message.seq ?? NaN);
      expectThat(
        numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1),
        `seqs are ${numbers.join()}`,
      );
    },
  },
];
