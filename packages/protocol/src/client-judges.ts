/** What is wrong with a message from a client, asked of the generated shapes. */
import { expected, isJsonObject, type Fault, type JsonObject } from './fault.js';
import { wrongConditionKey, type ConditionValues } from './filter-condition.js';
import { clientShapes } from './generated/client-shapes.js';
import { shapesOf } from './shape.js';

/** Says what is wrong with a message; its path is relative to the message. */
type Judge = (message: JsonObject) => Fault | undefined;

const shapeOf = /* @__PURE__ */ shapesOf(clientShapes);

const by =
  (name: string): Judge =>
  (message) =>
    shapeOf(name)?.faultOf(message);

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
      return expected('vals with in and nin, val with all others', path);
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
    if (has(data, 'coinId')) return by('subscription.coinId')(message);
    if (has(data, 'channel')) return by('subscription.channel')(message);
    if (has(message, 'metals')) return by('subscription.metals')(message);
    return expected('data.channels, data.coinId, data.channel or metals', 'data');
  };

const authenticate: Judge = (message) => {
  const data = message['data'];
  if (isJsonObject(data) && !has(data, 'token') && !has(data, 'apiKey')) {
    return expected('a token or an apiKey', 'data');
  }
  return by(has(data, 'apiKey') && !has(data, 'token') ? 'authenticate.apiKey' : 'authenticate.token')(message);
};

const subscribe = /* @__PURE__ */ subscription((message) => by('subscribe.channels')(message) ?? filterFault(message));
const unsubscribe = /* @__PURE__ */ subscription(/* @__PURE__ */ by('unsubscribe.channels'));

/** The judge of a `type`, `undefined` for one that the contract does not have. */
export function clientJudge(type: string): Judge | undefined {
  if (type === 'authenticate') return authenticate;
  if (type === 'subscribe') return subscribe;
  if (type === 'unsubscribe') return unsubscribe;
  return shapeOf(`.${type}`)?.faultOf;
}
