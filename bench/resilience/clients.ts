/** Our client and its peers, each with its default options, behind one face: dial an address, hear values, close. */
import { Channel, createCable } from '@anycable/core';
import { RealtimeClient } from '@supabase/realtime-js';
import { PriceWebSocketClient, type ClientOptions } from '@tickwire/client';
import { Centrifuge } from 'centrifuge';
import { createClient } from 'graphql-ws';
import { WebSocket as PartySocket } from 'partysocket';
import ReconnectingWebSocket from 'reconnecting-websocket';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { versionOf } from '../versions.js';
import type { Speech } from './servers.js';

/** A client at work. */
export interface Dialled {
  /** Closes for good; some clients give no promise. */
  close(): unknown;
}

/** What a client is dialled with. */
export interface Dialling {
  port: number;
  /** Called with each value; what it throws is the client's affair. */
  heard: (value: number) => void;
  /** A second listener beside it. */
  alsoHeard?: (value: number) => void;
  /** Reconnect as soon as the client can: for rows that are not about the pace. */
  quick?: boolean;
  /** Rejects as often as it likes before it gives what the client asks for: a token, or its URL. */
  provider?: () => Promise<unknown>;
}

/** One of those that are compared. */
export interface Client {
  readonly name: string;
  readonly speaks: Speech;
  /** What was set beside the defaults, for the reader. */
  readonly note: string;
  /** What `provider` gives, or that there is none. */
  readonly asks: 'token' | 'url' | undefined;
  dial(dialling: Dialling): Dialled;
}

const named = (name: string): string => `${name} ${versionOf(name)}`;
const pace = { min: 10, max: 10 };
const valueIn = (message: unknown): number => Number((message as { value?: unknown }).value);

function ours(name: string, note: string, options: ClientOptions = {}): Client {
  return {
    name,
    note,
    speaks: 'tickwire',
    asks: 'token',
    dial({ port, heard, alsoHeard, quick, provider }) {
      const reconnect = quick === true ? { minDelayMs: pace.min, baseDelayMs: pace.min, maxDelayMs: pace.max } : {};
      const client = new PriceWebSocketClient(`ws://127.0.0.1:${port}`, {
        dialect: 'tickwire',
        WebSocket,
        reconnect,
        ...(provider === undefined ? {} : { token: async () => (await provider()) as string }),
        ...options,
      });
      client.subscribe('coin:bitcoin', (tick) => heard(tick.price));
      if (alsoHeard !== undefined) client.subscribe('coin:bitcoin', (tick) => alsoHeard(tick.price));
      return client;
    },
  };
}

const centrifuge: Client = {
  name: named('centrifuge'),
  note: '',
  speaks: 'centrifuge',
  asks: 'token',
  dial({ port, heard, alsoHeard, quick, provider }) {
    const client = new Centrifuge(`ws://127.0.0.1:${port}`, {
      websocket: WebSocket,
      ...(provider === undefined ? {} : { getToken: async () => (await provider()) as string }),
      ...(quick === true ? { minReconnectDelay: pace.min, maxReconnectDelay: pace.max } : {}),
    });
    client.on('error', () => undefined);
    const subscription = client.newSubscription('prices');
    subscription.on('publication', ({ data }) => heard(valueIn(data)));
    if (alsoHeard !== undefined) subscription.on('publication', ({ data }) => alsoHeard(valueIn(data)));
    subscription.subscribe();
    client.connect();
    return { close: () => client.disconnect() };
  },
};

const socketIo: Client = {
  name: named('socket.io-client'),
  note: "`transports: ['websocket']`, because this is about WebSockets",
  speaks: 'socket.io',
  asks: undefined,
  dial({ port, heard, alsoHeard, quick }) {
    const delays = { reconnectionDelay: pace.min, reconnectionDelayMax: pace.max, randomizationFactor: 0 };
    const socket = io(`http://127.0.0.1:${port}`, {
      transports: ['websocket'],
      forceNew: true,
      ...(quick === true ? delays : {}),
    });
    socket.on('value', heard);
    if (alsoHeard !== undefined) socket.on('value', alsoHeard);
    return { close: () => socket.close() };
  },
};

const graphqlWs: Client = {
  name: named('graphql-ws'),
  note: '',
  speaks: 'graphql-ws',
  asks: 'url',
  dial({ port, heard, alsoHeard, quick, provider }) {
    const url = `ws://127.0.0.1:${port}`;
    const asked = async (): Promise<string> => {
      await provider?.();
      return url;
    };
    const client = createClient({
      url: provider === undefined ? url : asked,
      webSocketImpl: WebSocket,
      ...(quick === true ? { retryAttempts: Infinity, retryWait: () => Promise.resolve() } : {}),
    });
    for (const listener of [heard, alsoHeard]) {
      if (listener === undefined) continue;
      const sink = {
        next: ({ data }: { data?: unknown }) => listener(valueIn(data)),
        error: () => undefined,
        complete: () => undefined,
      };
      client.subscribe({ query: 'subscription { value }' }, sink);
    }
    return { close: () => client.dispose() };
  },
};

type Reconnecting = Pick<ReconnectingWebSocket, 'close'> & {
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
};

/** Both bring text to the listeners; parsing it is what every user writes next. */
function raw(name: string, make: (url: string | (() => Promise<string>), options: object) => Reconnecting): Client {
  return {
    name: named(name),
    note: '',
    speaks: 'raw',
    asks: 'url',
    dial({ port, heard, alsoHeard, quick, provider }) {
      const url = `ws://127.0.0.1:${port}`;
      const asked = async (): Promise<string> => {
        await provider?.();
        return url;
      };
      const delays = { minReconnectionDelay: pace.min, maxReconnectionDelay: pace.max };
      const options = { WebSocket, ...(quick === true ? delays : {}) };
      const socket = make(provider === undefined ? url : asked, options);
      for (const listener of [heard, alsoHeard]) {
        if (listener === undefined) continue;
        socket.addEventListener('message', ({ data }) => listener(valueIn(JSON.parse(String(data)))));
      }
      return { close: () => socket.close() };
    },
  };
}

class Prices extends Channel {
  static override identifier = 'PricesChannel';
}

const anycable: Client = {
  name: named('@anycable/core'),
  note: '',
  speaks: 'anycable',
  asks: undefined,
  dial({ port, heard, alsoHeard, quick }) {
    const cable = createCable(`ws://127.0.0.1:${port}`, {
      websocketImplementation: WebSocket,
      ...(quick === true ? { reconnectStrategy: () => pace.min } : {}),
    });
    const channel = new Prices();
    channel.on('message', (message) => heard(valueIn(message)));
    if (alsoHeard !== undefined) channel.on('message', (message) => alsoHeard(valueIn(message)));
    cable.subscribe(channel);
    return { close: () => cable.disconnect() };
  },
};

const supabase: Client = {
  name: named('@supabase/realtime-js'),
  note: '',
  speaks: 'phoenix',
  asks: 'token',
  dial({ port, heard, alsoHeard, quick, provider }) {
    const client = new RealtimeClient(`ws://127.0.0.1:${port}`, {
      transport: WebSocket as never,
      params: { apikey: 'none' },
      ...(provider === undefined ? {} : { accessToken: async () => (await provider()) as string }),
      ...(quick === true ? { reconnectAfterMs: () => pace.min } : {}),
    });
    const channel = client.channel('prices');
    channel.on('broadcast', { event: 'value' }, ({ payload }) => heard(valueIn(payload)));
    if (alsoHeard !== undefined) {
      channel.on('broadcast', { event: 'value' }, ({ payload }) => alsoHeard(valueIn(payload)));
    }
    channel.subscribe();
    return { close: () => client.disconnect() };
  },
};

/** Ours with its defaults. */
export const tickwire = ours('@tickwire/client', "`dialect: 'tickwire'`");
/** Ours, for those who want to know sooner. */
export const tickwireLowLatency = ours(
  '@tickwire/client, low latency',
  '`heartbeat: { idleMs: 3000, timeoutMs: 2000 }`',
  { heartbeat: { idleMs: 3_000, timeoutMs: 2_000 } },
);

/** All, ours first. */
export const clients: readonly Client[] = [
  tickwire,
  centrifuge,
  socketIo,
  graphqlWs,
  raw('partysocket', (url, options) => new PartySocket(url, [], options)),
  raw('reconnecting-websocket', (url, options) => new ReconnectingWebSocket(url, [], options)),
  anycable,
  supabase,
];
