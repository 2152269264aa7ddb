/** What the contract asks of a server that is sent nonsense: an error for the first mistake, a close for the last. */
import { expectThat, type Check } from './suite.js';

/** A frame that is refused and leaves the connection open. */
function refused(title: string, frame: object | string, code: string): Check {
  return {
    title: `${title} gets an error and no close`,
    async run({ greet }) {
      const { probe } = await greet();
      probe.send(frame);
      const { data } = await probe.next('error');
      expectThat(data?.code === code, `the code is ${data?.code}, not ${code}`);
      expectThat(
        typeof data.message === 'string' && Buffer.byteLength(data.message) <= 256,
        'the message is missing or above 256 bytes',
      );
      await probe.answers();
    },
  };
}

export const faultChecks: readonly Check[] = [
  refused('a frame that is no JSON', 'this is no JSON', 'BAD_JSON'),
  refused('a frame without a type', {}, 'BAD_MESSAGE'),
  refused('an unknown type', { type: 'no_such_type' }, 'UNKNOWN_TYPE'),
  refused('a type that objects have by themselves', { type: 'constructor' }, 'UNKNOWN_TYPE'),
  refused(
    'an ill-formed channel',
    { type: 'subscribe', id: 1, data: { channels: [{ channel: 'coin:NOT OK' }] } },
    'BAD_MESSAGE',
  ),
  refused(
    'a channel of a refused name',
    { type: 'subscribe', id: 1, data: { channels: [{ channel: 'coin:__proto__' }] } },
    'BAD_MESSAGE',
  ),
  {
    title: 'more channels than a frame may have get TOO_MANY_ITEMS',
    async run({ greet }) {
      const { probe, hello } = await greet();
      const count = (hello.data.limits.maxChannelsPerFrame ?? 200) + 1;
      const channels = Array.from({ length: count }, (_, index) => ({ channel: `coin:c${index}` }));
      probe.send({ type: 'subscribe', id: 9, data: { channels } });
      const error = await probe.next('error');
      expectThat(
        error.data?.code === 'TOO_MANY_ITEMS' && error.id === 9,
        `the answer is ${error.data?.code} to ${error.id}`,
      );
    },
  },
  {
    title: 'an unknown protocol version ends with 4406',
    async run({ open }) {
      const probe = open();
      await probe.next('hello');
      probe.send({ type: 'hello', data: { protocol: 99 } });
      const { code } = await probe.closed();
      expectThat(code === 4406, `the code is ${code}`);
    },
  },
  {
    title: 'a frame above maxFrameBytes ends with 1009',
    async run({ greet }) {
      const { probe, hello } = await greet();
      probe.send(' '.repeat((hello.data.limits.maxFrameBytes ?? 16_384) + 1));
      const { code } = await probe.closed();
      expectThat(code === 1009, `the code is ${code}`);
    },
  },
  {
    title: 'a binary frame ends with 1003',
    async run({ greet }) {
      const { probe } = await greet();
      probe.send(Buffer.from([1, 2, 3]));
      const { code } = await probe.closed();
      expectThat(code === 1003, `the code is ${code}`);
    },
  },
  {
    title: 'bad message after bad message ends with 4400 or 4429',
    async run({ greet }) {
      const { probe } = await greet();
      for (let sent = 0; sent < 30; sent += 1) probe.send('no JSON');
      const { code } = await probe.closed();
      expectThat(code === 4400 || code === 4429, `the code is ${code}`);
    },
  },
  {
    title: 'a subprotocol is chosen from what was offered',
    async run({ open }) {
      const probe = open(['tickwire-v1']);
      await probe.next('hello');
      expectThat(['', 'tickwire-v1'].includes(probe.subprotocol), `it chose ${probe.subprotocol}`);
    },
  },
  {
    title: 'a close of the client is answered',
    async run({ greet }) {
      const { probe } = await greet();
      const code = await probe.end();
      expectThat(code === 1000, `the connection ended with ${code}`);
    },
  },
];
