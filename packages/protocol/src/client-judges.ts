/** What is wrong with a message from a client, asked of the generated shapes. */
import * as shapes from './generated/client-shapes.js';
import type { Judge } from './server-judges.js';
import { wrongConditionKey, type ConditionValues } from './filter-condition.js';
import { faultOf, isJsonObject, type Fault, type JsonObject, type Shape } from './shape.js';

const by =
  (shape: Shape): Judge =>
  (message) =>
    faultOf(shape, message);

const has = (value: unknown, key: string): boolean => isJsonObject(value) && Object.hasOwn(value, key);

interface FilteredChannels {
  channels: readonly { filter?: readonly ConditionValues[] }[];
}

/** What the shapes cannot say of the filters in a `subscribe` whose shape is good. */
function filterFault(message: JsonObject): Fault | undefined {
  const { channels } = message['data'] as FilteredChannels;
  for (const [index, { filter }] of channels.entries()) {
    for (const [place, condition] of (filter ?? []).entries()) {
      const key = wrongConditionKey(condition);
      if (key === undefined) continue;
      const path = `data.channels.${index}.filter.${place}.${key}`;
      return { path, reason: 'expected vals with in and nin, val with all others' };
    }
  }
  return undefined;
}

/** Keys decide which form a request has (PROTOCOL.md, section 5). */
const subscription =
  (byChannels: Judge): Judge =>
  (message) => {
    const data = message['data'];
    if (has(data, 'channels')) return byChannels(message);
    if (has(data, 'coinId')) return faultOf(shapes.subscriptionCoin, message);
    if (has(data, 'channel')) return faultOf(shapes.subscriptionChannel, message);
    if (has(message, 'metals')) return faultOf(shapes.subscriptionMetals, message);
    return { path: 'data', reason: 'expected data.channels, data.coinId, data.channel or metals' };
  };

const authenticate: Judge = (message) => {
  const data = message['data'];
  if (isJsonObject(data) && !has(data, 'token') && !has(data, 'apiKey')) {
    return { path: 'data', reason: 'expected a token or an apiKey' };
  }
  return faultOf(
    has(data, 'apiKey') && !has(data, 'token') ? shapes.authenticateApiKey : shapes.authenticateToken,
    message,
  );
};

/** Judges by `type`. */
export const clientJudges: ReadonlyMap<string, Judge> = /* @__PURE__ */ new Map<string, Judge>([
  ['authenticate', authenticate],
  [
    'subscribe',
    /* @__PURE__ */ subscription((message) => faultOf(shapes.subscribeChannels, message) ?? filterFault(message)),
  ],
  ['unsubscribe', /* @__PURE__ */ subscription(by(shapes.unsubscribeChannels))],
  ['ping', /* @__PURE__ */ by(shapes.ping)],
  ['hello', /* @__PURE__ */ by(shapes.hello)],
  ['history', /* @__PURE__ */ by(shapes.history)],
  ['catalog', /* @__PURE__ */ by(shapes.idOnly)],
  ['alert_create', /* @__PURE__ */ by(shapes.alertCreate)],
  ['alert_list', /* @__PURE__ */ by(shapes.idOnly)],
  ['alert_delete', /* @__PURE__ */ by(shapes.alertDelete)],
  ['mark', /* @__PURE__ */ by(shapes.mark)],
]);
