import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket as WsWebSocket } from 'ws';
import { FakeClock, FakeSockets, metalPrices, ScriptedServer, settle, until, type Script } from '@tickwire/testing';
import { PriceWebSocketClient, type MetalChange, type MetalPrice } from '@tickwire/client/compat';

const undo: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

/** An older metals backend: a snapshot on connect, pongs, no acks. */
const olderMetals: Script = {
  connected: (peer) => peer.send(metalPrices({ gold: 5420.5, silver: 82.75 })),
  received: (peer, message) => {
    if (message['type'] === 'ping') peer.send({ type: 'pong' });
  },
};

async function serverOf(script: Script = olderMetals): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(script);
  undo.push(() => server.stop());
  return server;
}

function closing<C extends PriceWebSocketClient>(client: C): C {
  undo.push(() => client.close());
  return client;
}

function faked(): { client: PriceWebSocketClient; sockets: FakeSockets; clock: FakeClock } {
  const sockets = new FakeSockets();
  const clock = new FakeClock();
  const options = { WebSocket: sockets.WebSocket, clock, random: () => 0.5 };
  return { client: closing(new PriceWebSocketClient('ws://metals.example', options)), sockets, clock };
}

const subscribed = { type: 'subscribe', metals: ['gold', 'palladium', 'platinum', 'silver'] };

/** The effect of the older document's `useWebSocketPrices`, line by line, with React's part played by two callbacks. */
function useWebSocketPricesEffect(
  url: string,
  setPrices: (prices: unknown) => void,
  log: (line: string) => void,
): () => void {
  const handlePriceUpdate = (newPrices: Record<string, MetalPrice>, changes?: MetalChange[]): void => {
    setPrices(newPrices);

    if (changes && changes.length > 0) {
      changes.forEach((change) => {
        log(`${change.metal} price ${change.direction}: ${change.changePercent.toFixed(2)}%`);
      });
    }
  };

  const client = new PriceWebSocketClient(url);

  client.onPriceUpdate = handlePriceUpdate;

  client.connect();

  return () => {
    client.close();
  };
}

describe('the class of the older document', () => {
  it('runs the hook of the document unchanged', async () => {
    const server = await serverOf();
    const shown: Record<string, MetalPrice>[] = [];
    const lines: string[] = [];
    const cleanUp = useWebSocketPricesEffect(
      server.url,
      (prices) => shown.push(prices as Record<string, MetalPrice>),
      (line) => lines.push(line),
    );
    undo.push(cleanUp);
    await until('the snapshot and the subscribe', () => shown.length === 1 && server.last.types.includes('subscribe'));
    expect(server.last.received[0]).toEqual(subscribed);
    const gold = { metal: 'gold', oldPrice: '5420.5', newPrice: 5500, changePercent: '1.47', direction: 'up' };
    server.last.send({ ...metalPrices({ gold: 5500 }), changes: [gold] });
    await until('the partial frame', () => shown.length === 2);
    expect(shown[1]).toMatchObject({ gold: { price: 5500 }, silver: { price: 82.75 } });
    expect(shown[1]).not.toBe(shown[0]);
    expect(lines).toEqual(['gold price up: 1.47%']);
    cleanUp();
    await until('the end', () => server.open === 0);
  });

  it('has the fields of the document, and the socket in ws', async () => {
    const server = await serverOf();
    const client = closing(new PriceWebSocketClient(server.url));
    expect(Object.fromEntries(Object.entries(client))).toEqual({
      url: server.url,
      ws: null,
      reconnectAttempts: 0,
      maxReconnectAttempts: 5,
      reconnectDelay: 1000,
    });
    client.connect();
    expect(client.ws?.readyState).toBe(WsWebSocket.CONNECTING);
    await until('the connection', () => client.ws?.readyState === WsWebSocket.OPEN);
    client.ws?.send(JSON.stringify({ type: 'ping' }));
    await until('the ping', () => server.last.types.includes('ping'));
    client.close();
    await until('the close', () => client.ws?.readyState === WsWebSocket.CLOSED);
  });

  it('lets a subclass override onPriceUpdate, onPong, handleMessage and subscribeToMetals', async () => {
    const server = await serverOf();
    const seen: string[] = [];
    class Mine extends PriceWebSocketClient {
      override onPriceUpdate(prices: Record<string, MetalPrice>): void {
        seen.push(Object.keys(prices).join(' '));
      }
      override onPong(): void {
        seen.push('pong');
      }
      override handleMessage(message: { type: string }): void {
        seen.push(`<${message.type}>`);
        super.handleMessage(message);
      }
      override subscribeToMetals(metals: string[]): void {
        super.subscribeToMetals(metals.slice(0, 1));
      }
    }
    const client = closing(new Mine(server.url));
    client.connect();
    await until('the snapshot', () => seen.length === 2);
    server.last.send({ type: 'pong' });
    server.last.send({ type: 'news' });
    await until('the rest', () => seen.length === 5);
    expect(seen).toEqual(['<priceUpdate>', 'gold silver', '<pong>', 'pong', '<news>']);
    expect(server.last.received[0]).toEqual({ type: 'subscribe', metals: ['gold'] });
  });

  it.each([undefined, null])('calls nobody when onPong and onPriceUpdate are %s', async (nothing) => {
    const { client, sockets } = faked();
    Object.assign(client, { onPong: nothing, onPriceUpdate: nothing });
    client.connect();
    sockets.last.open();
    sockets.last.receive({ type: 'pong' });
    sockets.last.receive(metalPrices({ gold: 1 }));
    await settle();
    expect(() => client.handleMessage({ type: 'pong' })).not.toThrow();
    expect(sockets.last.readyState).toBe(1);
  });

  it('merges maps and arrays of maps, reads decimals, leaves out what is broken and what has no price', async () => {
    const { client, sockets } = faked();
    const shown: unknown[] = [];
    client.onPriceUpdate = (prices) => shown.push(prices);
    client.connect();
    sockets.last.open();
    sockets.last.receive(metalPrices({ gold: { price: '10.50', change: '0', high: null }, silver: { price: 'much' } }));
    sockets.last.receive({ type: 'priceUpdate', data: [{ gold: { change: 1 } }, { silver: { change: 2 } }] });
    sockets.last.receive({ type: 'priceUpdate', data: 5 });
    client.handleMessage({ type: 'priceUpdate' });
    await settle();
    expect(shown).toEqual([{ gold: { price: 10.5, change: 0 } }, { gold: { price: 10.5, change: 1 } }]);
  });

  it('comes back with its metals when the server closes, in whatever way', async () => {
    const { client, sockets, clock } = faked();
    client.connect();
    sockets.last.open();
    client.subscribeToMetals(['rhodium']);
    await settle();
    sockets.last.drop(1000);
    expect(client.reconnectAttempts).toBe(1);
    await clock.advance(1_000);
    expect(sockets.all).toHaveLength(2);
    sockets.last.open();
    await settle();
    expect(client.reconnectAttempts).toBe(0);
    expect(sockets.last.taken()).toEqual([
      { type: 'subscribe', metals: ['gold', 'palladium', 'platinum', 'rhodium', 'silver'] },
    ]);
    expect(client.ws).toBe(sockets.last);
  });

  it('stops after maxReconnectAttempts, and connect starts over', async () => {
    const { client, sockets, clock } = faked();
    client.maxReconnectAttempts = 2;
    client.reconnectDelay = 100;
    client.connect();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      sockets.last.drop();
      await clock.advance(30_000);
    }
    expect(sockets.all).toHaveLength(3);
    client.reconnect();
    expect(sockets.all).toHaveLength(3);
    client.connect();
    expect(sockets.all).toHaveLength(4);
  });

  it('tries again at once when asked, and never with a second socket', () => {
    const { client, sockets } = faked();
    client.connect();
    client.reconnect();
    expect(sockets.all).toHaveLength(1);
    sockets.last.drop();
    client.reconnect();
    expect(sockets.all).toHaveLength(2);
    expect(sockets.alive).toBe(1);
  });

  it('does not reconnect after close, whoever asks but connect', async () => {
    const { client, sockets, clock } = faked();
    client.connect();
    sockets.last.open();
    client.close();
    client.reconnect();
    await clock.advance(60_000);
    expect(sockets.all).toHaveLength(1);
    expect(clock.pending).toBe(0);
    client.connect();
    sockets.last.open();
    await settle();
    expect(sockets.last.taken()).toEqual([subscribed]);
  });

  it('refuses a URL that is none where the original did: in connect', () => {
    const client = new PriceWebSocketClient('nowhere');
    expect(() => client.connect()).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
  });

  it('remembers at most 1,000 metals of a server that invents them', async () => {
    const { client, sockets } = faked();
    let count = 0;
    client.onPriceUpdate = (prices) => (count = Object.keys(prices).length);
    client.connect();
    sockets.last.open();
    for (let frame = 0; frame < 2; frame += 1) {
      const prices = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`m${frame}-${index}`, 1]));
      sockets.last.receive(metalPrices(prices));
    }
    await settle();
    expect(count).toBe(1_000);
  });
});
