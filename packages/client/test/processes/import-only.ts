/** Imports every door of the client and prints what that started, looked up or listened to. */
const deeds: string[] = [];

/** Only what our own rooms do counts: loaders use timers, too. */
function watch(target: Record<string, unknown>, name: string): void {
  const real = target[name] as ((...given: unknown[]) => unknown) | undefined;
  target[name] = function watched(this: unknown, ...given: unknown[]): unknown {
    if (/packages\/(client|protocol)\/src/.test(new Error().stack ?? '')) deeds.push(name);
    return real?.apply(this, given);
  };
}
const globals = globalThis as unknown as Record<string, unknown>;
for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'addEventListener'])
  watch(globals, name);
for (const name of ['now']) watch(Date as unknown as Record<string, unknown>, name);
for (const name of ['random']) watch(Math as unknown as Record<string, unknown>, name);
globals['WebSocket'] = function opened(): void {
  deeds.push('WebSocket');
};

const { PriceWebSocketClient } = await import('@tickwire/client');
await import('@tickwire/client/compat');
await import('@tickwire/client/format');
deeds.push('imported');
const client = new PriceWebSocketClient('ws://127.0.0.1:1/ws');
deeds.push('constructed');
process.stdout.write(`${deeds.join(' ')}\n`);
await client.close();

export {};
