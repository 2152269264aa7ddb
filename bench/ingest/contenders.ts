/** Who takes prices in: each connects and calls back once for each price. */
import { coinPriceMessageSchema } from '@tickwire/protocol';
import { PriceWebSocketClient, type ClientOptions } from '@tickwire/client';
import { Centrifuge } from 'centrifuge';
import { WebSocket as PartySocket } from 'partysocket';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

export interface Contender {
  readonly name: string;
  readonly pathname: string;
  /** Resolves once prices may come. */
  start(port: number, heard: (price: number) => void): Promise<() => unknown>;
}

const priceOf = (message: unknown): number => {
  const { data } = coinPriceMessageSchema.parse(message);
  return Number(data.price);
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Ours, whole: decode, validate, position, store, one listener. */
export function ours(options: ClientOptions = {}): Contender {
  return {
    name: '@tickwire/client, whole: decode, validate, place, store, one listener',
    pathname: '/tickwire',
    async start(port, heard) {
      const client = new PriceWebSocketClient(`ws://127.0.0.1:${port}/tickwire`, {
        dialect: 'tickwire',
        WebSocket,
        ...options,
      });
      const subscription = client.subscribe('coin:bitcoin', (tick) => heard(tick.price));
      await subscription.ready();
      return () => client.close();
    },
  };
}

/** The first is the measure for all others. */
export const contenders: readonly Contender[] = [
  {
    name: '`ws` + JSON.parse + one callback',
    pathname: '/bare',
    async start(port, heard) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/bare`);
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as { data: { price: number } };
        heard(message.data.price);
      });
      await new Promise((resolve) => socket.once('open', resolve));
      return () => socket.terminate();
    },
  },
  ours(),
  {
    name: 'partysocket + zod',
    pathname: '/partysocket',
    async start(port, heard) {
      const socket = new PartySocket(`ws://127.0.0.1:${port}/partysocket`, [], { WebSocket });
      socket.addEventListener('message', ({ data }) => heard(priceOf(JSON.parse(String(data)))));
      await new Promise((resolve) => socket.addEventListener('open', resolve));
      return () => socket.close();
    },
  },
  {
    name: 'centrifuge + zod',
    pathname: '/centrifuge',
    async start(port, heard) {
      const client = new Centrifuge(`ws://127.0.0.1:${port}/centrifuge`, { websocket: WebSocket });
      const subscription = client.newSubscription('prices');
      subscription.on('publication', ({ data }) => heard(priceOf(data)));
      subscription.subscribe();
      client.connect();
      await subscription.ready(5_000);
      return () => client.disconnect();
    },
  },
  {
    name: 'socket.io-client + zod',
    pathname: '/socket.io/',
    async start(port, heard) {
      const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
      socket.on('price', (message) => heard(priceOf(message)));
      await new Promise<void>((resolve) => socket.once('connect', resolve));
      await pause(100);
      return () => socket.close();
    },
  },
];
