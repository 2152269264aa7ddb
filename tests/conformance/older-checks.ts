/** What clients of the two older dialects expect of any server: prices in their form, a pong, and no close for a mistake. */
import { CheckSkipped } from './probe.js';
import { expectThat, type Check } from './suite.js';

const survivesNonsense: Check = {
  title: 'a frame that is no JSON does not close the connection',
  async run({ open }) {
    const probe = open();
    probe.send('{"type":"ping"}');
    await probe.next('pong');
    probe.send('this is no JSON');
    probe.send('{"type":"ping"}');
    await probe.next('pong');
  },
};

const answersPings: Check = {
  title: 'a bare ping is answered with a bare pong',
  async run({ open }) {
    const probe = open();
    await probe.next('hello').catch(() => undefined);
    probe.send({ type: 'ping' });
    const pong = await probe.next('pong');
    expectThat(pong.id === undefined, 'it has an id that nobody gave');
  },
};

const isPriced = (frame: { data: unknown }): boolean =>
  typeof frame.data === 'object' && frame.data !== null && 'price' in frame.data;

/** Of the dialect `coins`. */
export const coinsChecks: readonly Check[] = [
  answersPings,
  survivesNonsense,
  {
    title: 'a subscribe to a coin is confirmed and brings its price',
    async run({ open, channel }) {
      const probe = open();
      await probe.next('hello').catch(() => undefined);
      const coinId = channel.slice(channel.indexOf(':') + 1);
      probe.send({ type: 'subscribe', data: { coinId } });
      const frame = await probe.next('price_update', isPriced).catch(() => undefined);
      const confirmed = probe.frames.some(
        (other) =>
          other.type === 'subscribed' ||
          (other.type === 'price_update' && /^Subscribed/.test(String((other.data as { message?: unknown }).message))),
      );
      expectThat(confirmed, 'no `subscribed` came');
      if (frame === undefined) throw new CheckSkipped('no price came in time');
    },
  },
  {
    title: 'an unsubscribe is confirmed',
    async run({ open, channel }) {
      const probe = open();
      await probe.next('hello').catch(() => undefined);
      const coinId = channel.slice(channel.indexOf(':') + 1);
      probe.send({ type: 'subscribe', data: { coinId } });
      probe.send({ type: 'unsubscribe', data: { coinId } });
      await probe.next('unsubscribed');
    },
  },
];

/** Of the dialect `metals`. */
export const metalsChecks: readonly Check[] = [
  answersPings,
  survivesNonsense,
  {
    title: 'a client that only listens gets all metals',
    async run({ open }) {
      const { data } = await open().next('priceUpdate');
      expectThat(Object.keys(data).length > 0, 'the update is empty');
    },
  },
  {
    title: 'a subscribe brings the metals that were asked for',
    async run({ open }) {
      const probe = open();
      await probe.next('hello').catch(() => undefined);
      probe.send({ type: 'subscribe', metals: ['gold'] });
      const { data } = await probe.next('priceUpdate');
      expectThat('gold' in data, `it has ${Object.keys(data).join()}`);
    },
  },
];
