import { expect, it } from 'vitest';
import { createFakeClient, createFaultProxy, FakeEnvironment, ScriptedServer } from '../src/index.js';
import type { FakeClientOptions, FaultProxyOptions, Script } from '../src/index.js';

/** Compiles only where every option of a type takes `undefined`. */
type TakesUndefined<Options> = { [Name in keyof Options]-?: undefined extends Options[Name] ? true : Name };
type All<Options> = { [Name in keyof Options]-?: true };

it('F22: every option may be undefined, and is the default then', async () => {
  const fake: TakesUndefined<FakeClientOptions> = {} as All<FakeClientOptions>;
  const proxied: TakesUndefined<FaultProxyOptions> = {} as All<FaultProxyOptions>;
  const scripted: TakesUndefined<Script> = {} as All<Script>;
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
