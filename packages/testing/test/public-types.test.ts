import { expect, it } from 'vitest';
import { createFakeClient, createFaultProxy, FakeEnvironment, ScriptedServer } from '../src/index.js';
import type { FakeClientOptions, FaultProxyOptions, Script } from '../src/index.js';

/** The options of a type that refuse `undefined` in a project with `exactOptionalPropertyTypes`. */
type Refusing<Options> = {
  [Name in keyof Options]-?: Record<Name, undefined> extends Pick<Options, Name> ? never : Name;
}[keyof Options];
/** Compiles with `true` only where every option takes `undefined`; else it names those that do not. */
type TakesUndefined<Options> = [Refusing<Options>] extends [never] ? true : Refusing<Options>;

it('F22: every option may be undefined, and is the default then', async () => {
  const fake: TakesUndefined<FakeClientOptions> = true;
  const proxied: TakesUndefined<FaultProxyOptions> = true;
  const scripted: TakesUndefined<Script> = true;
  expect([fake, proxied, scripted]).toHaveLength(3);
  const client = createFakeClient({ prices: undefined, connection: undefined, clock: undefined });
  expect(client.connection.get().status).toBe('connected');
  await client.close();
  const server = await ScriptedServer.start({ connected: undefined, received: undefined, mute: undefined });
  const port = Number(new URL(server.url).port);
  const unset = { clock: undefined, random: undefined, heldBytesLimit: undefined, logLimit: undefined };
  const proxy = await createFaultProxy(port, unset);
  await proxy.close();
  await server.stop();
  const environment = new FakeEnvironment();
  environment.change({ online: false }, { silently: undefined });
  expect(environment.read().online).toBe(false);
});
