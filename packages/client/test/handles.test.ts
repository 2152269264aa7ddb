import { afterEach, describe, expect, it } from 'vitest';
import { CollectionCounter } from '@tickwire/lab';
import { hello, settle, subscribeAck } from '@tickwire/testing';
import type { Subscription } from '@tickwire/client';
import { Harness } from './harness.js';

let counter: CollectionCounter | undefined;
afterEach(() => {
  counter?.stop();
  counter = undefined;
});

/** A connection to a server that acks at once and has no limits. */
async function connected(): Promise<Harness> {
  const harness = await new Harness().connected(hello({ burst: 1e6, messagesPerMinute: 1e6 }));
  const { socket } = harness;
  socket.onSent = (message) => {
    if (message['type'] !== 'subscribe') return;
    const { channels } = message['data'] as { channels: { channel: string }[] };
    queueMicrotask(() =>
      socket.receive(
        subscribeAck(
          message['id'],
          channels.map(({ channel }) => channel),
        ),
      ),
    );
  };
  return harness;
}

type Life = (harness: Harness, many: number) => Promise<void> | void;
const nothing = (): void => undefined;
const each = <Made>(many: number, make: (index: number) => Made): Made[] =>
  Array.from({ length: many }, (_, index) => make(index));
const single = (harness: Harness, many: number): Subscription<unknown>[] =>
  each(many, (index) => harness.client.subscribe(`coin:c${index}`, nothing));
const end = (handles: readonly Subscription<unknown>[]): void => {
  for (const handle of handles) handle.unsubscribe();
};

const lives: Record<string, Life> = {
  'subscribe and are let go before anything is sent': (harness, many) => end(single(harness, many)),
  'subscribe, are confirmed and are let go': async (harness, many) => {
    const handles = single(harness, many);
    await settle();
    end(handles);
    await settle();
  },
  'are let go for good after the linger': async (harness, many) => {
    const handles = single(harness, many);
    await settle();
    end(handles);
    await harness.clock.advance(1_000);
  },
  'are taken up again within the linger': async (harness, many) => {
    end(single(harness, many));
    await settle();
    end(single(harness, many));
    await settle();
  },
  'hold one channel together': async (harness, many) => {
    const handles = each(many, () => harness.client.subscribe('coin:same', nothing));
    await settle();
    end(handles);
  },
  'wait for ready()': async (harness, many) => {
    const handles = single(harness, many);
    const ready = handles.map((handle) => handle.ready());
    await Promise.all(ready);
    end(handles);
  },
  'wait for ready() of one channel': async (harness, many) => {
    const handles = each(many, () => harness.client.subscribe('coin:same', nothing));
    await Promise.all(handles.map((handle) => handle.ready()));
    end(handles);
  },
  'are let go while they wait for ready()': async (harness, many) => {
    const handles = single(harness, many);
    const ready = handles.map((handle) => handle.ready().catch(nothing));
    end(handles);
    await Promise.all(ready);
  },
  'are read in loops': async (harness, many) => {
    const loops = each(many, (index) => harness.client.subscribe(`coin:c${index}`)[Symbol.asyncIterator]());
    const reads = loops.map((loop) => loop.next());
    await settle();
    for (const loop of loops) await loop.return?.();
    await Promise.all(reads);
  },
  'end with the client': async (harness, many) => {
    each(many, (index) => harness.client.subscribe(`coin:c${index}`)[Symbol.asyncIterator]());
    await settle();
    void harness.client.close();
    await settle();
  },
  'end with one signal': async (harness, many) => {
    const abort = new AbortController();
    each(many, (index) => harness.client.subscribe(`coin:c${index}`, nothing, { signal: abort.signal }));
    await settle();
    abort.abort();
  },
  'are thinned': async (harness, many) => {
    const handles = each(many, (index) => harness.client.subscribe(`coin:c${index}`, nothing, { minIntervalMs: 100 }));
    await settle();
    end(handles);
  },
};

async function costOf(life: Life, many: number): Promise<number> {
  const harness = await connected();
  counter = new CollectionCounter();
  await life(harness, many);
  const cost = counter.stop();
  counter = undefined;
  void harness.client.close();
  await settle();
  return cost;
}

describe('many handles', () => {
  it.each(Object.entries(lives))('F13: that %s cost each what one of a few costs', async (_, life) => {
    await costOf(life, 10); // what is made once
    const few = await costOf(life, 200);
    const many = await costOf(life, 1_000);
    expect(many / few).toBeLessThan(6);
  });

  it('F13: that wait for ready() before the connection is up cost each what one of a few costs', async () => {
    const cost = async (many: number): Promise<number> => {
      const { client } = new Harness();
      const ready: Promise<unknown>[] = [];
      counter = new CollectionCounter();
      for (let index = 0; index < many; index += 1) {
        ready.push(client.subscribe(`coin:c${index}`, nothing).ready().catch(nothing));
      }
      const found = counter.stop();
      await client.close();
      await Promise.all(ready);
      return found;
    };
    await cost(10); // what is made once
    const few = await cost(200);
    expect((await cost(1_000)) / few).toBeLessThan(6);
  });

  it('F13: of loops over events cost each what one of a few costs', async () => {
    const life: Life = async (harness, many) => {
      const loops = each(many, () => harness.client.events('whale_movement'));
      for (const loop of loops) await loop.return?.();
    };
    const few = await costOf(life, 200);
    expect((await costOf(life, 1_000)) / few).toBeLessThan(6);
  });
});
