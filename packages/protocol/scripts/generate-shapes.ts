/**
 * Turns the zod schemas into the rooms of `src/generated`: shapes for the interpreter of `src/shape.ts`, and straight-line checks for
 * the two price messages. `pnpm generate` writes them; `pnpm generate --check` fails when they are not current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import * as acks from '../src/acks.js';
import * as channel from '../src/channel-messages.js';
import * as client from '../src/client-messages.js';
import * as control from '../src/control-messages.js';
import { caps } from '../src/primitives.js';
import { batchSchema } from '../src/server-messages.js';

/** The part of JSON Schema that the contract's schemas come down to. */
interface JsonSchema {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  not?: object;
  anyOf?: JsonSchema[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: JsonSchema;
  minProperties?: number;
  maxProperties?: number;
}

const anything = z.unknown();
// What a container carries is walked by the codec, item by item: here it may be anything.
const items = (max: number): z.ZodType => z.array(anything).max(max);

const serverSchemas: Record<string, z.ZodType> = {
  price: channel.coinPriceMessageSchema,
  notice: channel.coinNoticeMessageSchema,
  metalPrices: channel.metalPricesMessageSchema.extend({ data: anything }),
  metalQuote: channel.metalQuoteSchema,
  alertTriggered: channel.alertTriggeredSchema,
  whaleMovement: channel.whaleMovementSchema,
  socialSpike: channel.socialSpikeSchema,
  portfolioUpdate: channel.portfolioUpdateSchema,
  portfolioValueUpdate: channel.portfolioValueUpdateSchema,
  walletIntegrationComplete: channel.walletIntegrationCompleteSchema,
  announcement: channel.announcementSchema,
  welcome: control.welcomeSchema,
  subscriptionNotice: control.subscribedSchema,
  authenticated: control.authenticatedSchema,
  error: control.errorMessageSchema,
  pong: control.pongSchema,
  hello: control.helloSchema,
  snapshot: control.snapshotSchema.extend({
    data: control.snapshotSchema.shape.data.extend({
      items: z.array(control.snapshotItemSchema.extend({ message: z.looseObject({}) })).max(caps.itemsPerSnapshot),
    }),
  }),
  heartbeat: control.heartbeatSchema,
  gap: control.gapSchema,
  goingAway: control.goingAwaySchema,
  batch: batchSchema.extend({ messages: items(caps.messagesPerBatch) }),
  subscribeAck: acks.subscribeAckSchema,
  unsubscribeAck: acks.unsubscribeAckSchema,
  authenticateAck: acks.authenticateAckSchema,
  historyAck: acks.historyAckSchema.extend({
    data: acks.historyAckSchema.shape.data.extend({ messages: items(caps.messagesPerHistory) }),
  }),
  catalogAck: acks.catalogAckSchema,
  alertCreateAck: acks.alertCreateAckSchema,
  alertListAck: acks.alertListAckSchema,
  alertDeleteAck: acks.alertDeleteAckSchema,
  markAck: acks.markAckSchema,
  otherAck: acks.otherAckSchema,
};

const clientSchemas: Record<string, z.ZodType> = {
  authenticateToken: client.authenticateTokenSchema,
  authenticateApiKey: client.authenticateApiKeySchema,
  subscribeChannels: client.subscribeChannelsSchema,
  unsubscribeChannels: client.unsubscribeChannelsSchema,
  subscriptionCoin: client.subscribeCoinSchema,
  subscriptionChannel: client.subscribeChannelSchema,
  subscriptionMetals: client.subscribeMetalsSchema,
  ping: client.pingSchema,
  hello: client.clientHelloSchema,
  history: client.historySchema,
  idOnly: client.catalogSchema,
  alertCreate: client.alertCreateSchema,
  alertDelete: client.alertDeleteSchema,
  mark: client.markSchema,
};

const jsonSchemaOf = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

/** Writes shapes as code; equal shapes are written once and shared by name. */
class Shapes {
  readonly #names = new Map<string, string>();
  readonly #lines: string[] = [];

  lines(): readonly string[] {
    return this.#lines;
  }

  /** The name under which a shape's code is kept. */
  #share(code: string): string {
    let name = this.#names.get(code);
    if (name === undefined) {
      name = `s${this.#names.size}`;
      this.#names.set(code, name);
      this.#lines.push(`const ${name}: Shape = ${code};`);
    }
    return name;
  }

  /** The code of a list whose empty places at the end are left out. */
  static #list(...parts: (string | number | undefined)[]): string {
    while (parts.at(-1) === undefined) parts.pop();
    return `[${parts.map((part) => part ?? 'undefined').join(', ')}]`;
  }

  of(schema: JsonSchema): string {
    return this.#share(this.#code(schema));
  }

  #code(schema: JsonSchema): string {
    if (schema.anyOf !== undefined) return this.#union(schema.anyOf);
    if (Array.isArray(schema.type)) {
      const { type, ...rest } = schema;
      return this.#union(type.map((one) => (one === 'null' ? { type: one } : { ...rest, type: one })));
    }
    if (schema.not !== undefined) return '[1]';
    if (schema.const !== undefined) return `[8, ${JSON.stringify(schema.const)}]`;
    if (schema.enum !== undefined) return `[8, ${schema.enum.map((value) => JSON.stringify(value)).join(', ')}]`;
    switch (schema.type) {
      case undefined:
        return '[0]';
      case 'string':
        return this.#text(schema);
      case 'number':
        return Shapes.#list(5, schema.minimum);
      case 'integer':
        return Shapes.#list(6, schema.minimum === Number.MIN_SAFE_INTEGER ? undefined : schema.minimum);
      case 'boolean':
        return '[7]';
      case 'array':
        return Shapes.#list(11, this.of(schema.items ?? {}), schema.maxItems, schema.minItems);
      case 'object':
        return this.#object(schema);
      default:
        throw new Error(
          `A schema of type ${JSON.stringify(schema.type)} has no shape yet: teach it to shape.ts first.`,
        );
    }
  }

  #text(schema: JsonSchema): string {
    if (schema.format === 'decimal') return '[3]';
    if (schema.format === 'date-time') return '[4]';
    if (schema.format !== undefined) throw new Error(`The format ${schema.format} has no shape yet.`);
    const pattern = schema.pattern === undefined ? undefined : String(new RegExp(schema.pattern));
    return Shapes.#list(2, schema.maxLength, schema.minLength, pattern);
  }

  #union(choices: readonly JsonSchema[]): string {
    const flat = choices.flatMap((choice) => choice.anyOf ?? [choice]);
    const rest = flat.filter((choice) => choice.type !== 'null');
    const one = rest.length === 1 ? rest[0] : undefined;
    if (one === undefined && rest.some((choice) => choice.type === 'object' || choice.type === 'array')) {
      throw new Error('A union of containers has no one path: let a key decide (PROTOCOL.md, section 5).');
    }
    const inner = one === undefined ? `[10, ${rest.map((choice) => this.of(choice)).join(', ')}]` : this.#code(one);
    return rest.length === flat.length ? inner : `[9, ${this.#share(inner)}]`;
  }

  #object(schema: JsonSchema): string {
    if (schema.properties === undefined && schema.propertyNames !== undefined) {
      const values = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
      return Shapes.#list(12, this.of(schema.propertyNames), this.of(values), schema.maxProperties ?? Infinity);
    }
    const { properties = {}, required = [] } = schema;
    const isRequired = (key: string): boolean => required.includes(key);
    const keys = Object.keys(properties);
    const ordered = [...keys.filter(isRequired), ...keys.filter((key) => !isRequired(key))];
    if (ordered.length === 0) return Shapes.#list(13, 0, `'0'`, `[${this.of({})}]`, schema.minProperties);
    const shapes = ordered.map((key) => this.of(properties[key] ?? {}));
    return Shapes.#list(
      13,
      keys.filter(isRequired).length,
      `'${ordered.join(' ')}'`,
      `[${shapes.join(', ')}]`,
      schema.minProperties,
    );
  }
}

const header =
  '// Made by scripts/generate-shapes.ts from the zod schemas; `pnpm generate` makes it anew. Not to be edited.\n';

function shapesRoom(schemas: Record<string, z.ZodType>): string {
  const shapes = new Shapes();
  const exported = Object.entries(schemas).map(([name, schema]) => {
    const { type: _, op: __, ...properties } = jsonSchemaOf(schema).properties ?? {};
    const all = jsonSchemaOf(schema);
    // The codec has looked at `type` (and at the `op` of an ack it knows) before it asks for a shape.
    const keepOp = all.properties?.['op']?.const === undefined && all.properties?.['op'] !== undefined;
    const kept = keepOp ? { ...properties, op: all.properties?.['op'] ?? {} } : properties;
    const isQuote = schema === channel.metalQuoteSchema;
    const required = (all.required ?? []).filter((key) => isQuote || (key !== 'type' && (key !== 'op' || keepOp)));
    return `export const ${name}: Shape = ${shapes.of({ ...all, properties: kept, required })};`;
  });
  return `${header}import type { Shape } from '../shape.js';\n\n${shapes.lines().join('\n')}\n\n${exported.join('\n')}\n`;
}

/** Straight-line code for one schema: `false` at the first thing that is not as it should be. */
class Check {
  readonly #functions: string[] = [];
  #count = 0;

  functions(): readonly string[] {
    return this.#functions;
  }

  /** A boolean expression over the variable `v`. */
  #test(schema: JsonSchema, v: string): string {
    const choices = schema.anyOf?.flatMap((choice) => choice.anyOf ?? [choice]);
    if (choices !== undefined) return `(${choices.map((choice) => this.#test(choice, v)).join(' || ')})`;
    if (Array.isArray(schema.type)) {
      const { type, ...rest } = schema;
      return `(${type.map((one) => this.#test({ ...rest, type: one }, v)).join(' || ')})`;
    }
    if (schema.const !== undefined) return `${v} === ${JSON.stringify(schema.const)}`;
    switch (schema.type) {
      case undefined:
        return 'true';
      case 'null':
        return `${v} === null`;
      case 'number':
        // What JSON gives is never NaN; 1e400 is Infinity.
        return `(typeof ${v} === 'number' && ${v} - ${v} === 0)`;
      case 'integer': {
        const { minimum = Number.MIN_SAFE_INTEGER } = schema;
        const least = minimum === Number.MIN_SAFE_INTEGER ? '' : ` && (${v} as number) >= ${minimum}`;
        return `(Number.isSafeInteger(${v})${least})`;
      }
      case 'string': {
        if (schema.format === 'decimal') return `(typeof ${v} === 'string' && isDecimalString(${v}))`;
        if (schema.format === 'date-time') return `(typeof ${v} === 'string' && isTime(${v}))`;
        const longest = schema.maxLength === undefined ? '' : ` && ${v}.length <= ${schema.maxLength}`;
        const refused = /^\^\(\?!\(\?:([\w|]+)\)\$\)$/.exec(schema.pattern ?? '')?.[1];
        const pattern =
          refused !== undefined
            ? refused
                .split('|')
                .map((name) => ` && ${v} !== '${name}'`)
                .join('')
            : schema.pattern === undefined
              ? ''
              : ` && ${String(new RegExp(schema.pattern))}.test(${v})`;
        return `(typeof ${v} === 'string'${longest}${pattern})`;
      }
      case 'array': {
        const longest = schema.maxItems === undefined ? '' : ` && ${v}.length <= ${schema.maxItems}`;
        return `(Array.isArray(${v})${longest} && ${v}.every(${this.of(schema.items ?? {})}))`;
      }
      case 'object':
        return `${this.of(schema)}(${v})`;
      default:
        throw new Error(`No straight-line check for ${JSON.stringify(schema)} yet.`);
    }
  }

  /** The name of a function that checks an object. */
  of(schema: JsonSchema, name = `part${(this.#count += 1)}`, omit: readonly string[] = []): string {
    const lines = Object.entries(schema.properties ?? {})
      .filter(([key]) => !omit.includes(key))
      .map(([key, property], index) => {
        const v = `v${index}`;
        const test = this.#test(property, v);
        const isOptional = !(schema.required ?? []).includes(key);
        if (test === 'true') return isOptional ? '' : `  if (m['${key}'] === undefined) return false;\n`;
        return `  const ${v} = m['${key}'];\n  if (!(${isOptional ? `${v} === undefined || ` : ''}${test})) return false;\n`;
      });
    const guard = `  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;\n`;
    this.#functions.push(
      `${name.startsWith('part') ? '' : 'export '}function ${name}(value: unknown): boolean {\n${guard}  const m = value as Readonly<Record<string, unknown>>;\n${lines.join('')}  return true;\n}`,
    );
    return name;
  }
}

function checksRoom(): string {
  const check = new Check();
  check.of(jsonSchemaOf(channel.coinPriceMessageSchema), 'isPrice', ['type']);
  check.of(jsonSchemaOf(channel.metalPricesMessageSchema.extend({ data: anything })), 'isMetalPrices', ['type']);
  check.of(jsonSchemaOf(channel.metalQuoteSchema), 'isMetalQuote');
  return `${header}import { isDecimalString, isTime } from '../formats.js';\n\n${check.functions().join('\n\n')}\n`;
}

const rooms: Record<string, string> = {
  'server-shapes.ts': shapesRoom(serverSchemas),
  'client-shapes.ts': shapesRoom(clientSchemas),
  'price-checks.ts': checksRoom(),
};
const onlyCheck = process.argv.includes('--check');
for (const [name, text] of Object.entries(rooms)) {
  const file = new URL(`../src/generated/${name}`, import.meta.url);
  if (!onlyCheck) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.exitCode = 1;
    console.error(
      `src/generated/${name} is not what the schemas say. Run "pnpm --filter @tickwire/protocol generate" and commit it.`,
    );
  }
}
