/** Runs where no code may be made from text: connects, gets every kind of frame, asks, and prints what it got. */
import { coin } from '@tickwire/protocol';
import { PriceWebSocketClient } from '@tickwire/client';

const made: string[] = [];
const RealFunction = globalThis.Function;
globalThis.Function = new Proxy(RealFunction, {
  construct(target, given: string[]) {
    made.push('Function');
    return Reflect.construct(target, given);
  },
  apply(target, self, given) {
    made.push('Function');
    return Reflect.apply(target, self, given) as unknown;
  },
});
const client = new PriceWebSocketClient(process.argv[2] ?? '');
const invalid: unknown[] = [];
client.on('invalid', ({ code }) => invalid.push(code));
let price = 0;
const events: number[] = [];
client.subscribe('whales', ({ data }) => events.push(Number(data.usdValue)));
await client.subscribe(coin('bitcoin'), (tick) => (price = tick.price)).ready();
while (price === 0 || events.length === 0 || invalid.length === 0)
  await new Promise((resolve) => setTimeout(resolve, 5));
await client.close();
let refusal = '';
try {
  eval('1');
} catch (error) {
  refusal = (error as Error).name;
}
process.stdout.write(JSON.stringify({ price, events, invalid, made, refusal }));
