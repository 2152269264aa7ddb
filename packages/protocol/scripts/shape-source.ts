/** From JSON Schema to the source of a shape: what `src/shape.ts` reads, and what both the texts and the straight-line checks are made of. */
import * as z from 'zod';
import type { Source } from '../src/shape.js';

/** The part of JSON Schema that the contract's schemas come down to. */
export interface JsonSchema {
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

export const jsonSchemaOf = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

const noShape = (what: string): Error => new Error(`${what} has no shape yet: teach it to shape.ts first.`);

/** A schema without its `null`, and whether it had one. */
function split(schema: JsonSchema): { choices: JsonSchema[]; orNull: boolean } {
  const { type, ...rest } = schema;
  const listed = Array.isArray(type)
    ? type.map((one) => (one === 'null' ? { type: one } : { ...rest, type: one }))
    : [];
  const all = schema.anyOf?.flatMap((choice) => choice.anyOf ?? [choice]) ?? (listed.length > 0 ? listed : [schema]);
  const choices = all.filter((choice) => choice.type !== 'null');
  return { choices, orNull: choices.length < all.length };
}

/** The source of a schema that takes no `null` where nothing could say so. */
export function sourceOf(schema: JsonSchema): Source {
  const { choices, orNull } = split(schema);
  if (orNull) throw noShape('A null that is no value of a key');
  return choiceOf(choices);
}

function choiceOf(choices: readonly JsonSchema[]): Source {
  const [first = {}] = choices;
  if (choices.length === 1) return partOf(first);
  const words = choices.map(partOf);
  if (!words.every((word) => typeof word === 'string')) {
    throw new Error('A union of containers has no one path: let a key decide (PROTOCOL.md, section 5).');
  }
  return words.join(' or ');
}

function partOf(schema: JsonSchema): Source {
  if (schema.not !== undefined) return '-';
  const values = schema.const === undefined ? schema.enum : [schema.const];
  if (values !== undefined) return listOf(values);
  switch (schema.type) {
    case undefined:
      return '*';
    case 'string':
      return textOf(schema);
    case 'number':
      return `n${leastOf(schema)}`;
    case 'integer':
      return `i${leastOf(schema)}`;
    case 'boolean':
      return 'b';
    case 'array':
      return arrayOf(schema);
    case 'object':
      return objectOf(schema);
    default:
      throw noShape(`A schema of type ${JSON.stringify(schema.type)}`);
  }
}

function leastOf({ minimum }: JsonSchema): string {
  if (minimum === undefined || minimum === Number.MIN_SAFE_INTEGER) return '';
  if (!Number.isInteger(minimum) || minimum < 0) throw noShape(`A number of at least ${minimum}`);
  return String(minimum);
}

function listOf(values: readonly unknown[]): string {
  if (
    !values.every((value) => value === true || (typeof value === 'string' && /^\w+$/.test(value) && value !== 'true'))
  ) {
    throw noShape(`One of ${JSON.stringify(values)}`);
  }
  return values.map((value) => `=${String(value)}`).join('');
}

function textOf({ format, pattern, minLength, maxLength }: JsonSchema): string {
  if (format === 'decimal') return 'd';
  if (format === 'date-time') return 't';
  if (format !== undefined) throw noShape(`The format ${format}`);
  if (pattern !== undefined && /[/ ]/.test(pattern)) throw noShape(`A pattern with a slash or a space, ${pattern},`);
  return `s${maxLength ?? ''}${minLength === undefined ? '' : `-${minLength}`}${pattern === undefined ? '' : `/${pattern}/`}`;
}

function arrayOf({ items = {}, minItems, maxItems }: JsonSchema): Source {
  const bounds = minItems === undefined ? [maxItems] : [maxItems ?? '', minItems];
  return [sourceOf(items), ...bounds.filter((bound) => bound !== undefined).map(String)];
}

function objectOf(schema: JsonSchema): Source {
  const { properties, propertyNames, additionalProperties, maxProperties, minProperties, required = [] } = schema;
  if (properties === undefined && propertyNames !== undefined) {
    const held = typeof additionalProperties === 'object' ? additionalProperties : {};
    return ['map', sourceOf(propertyNames), sourceOf(held), String(maxProperties ?? Infinity)];
  }
  const isRequired = (key: string): boolean => required.includes(key);
  const keys = Object.keys(properties ?? {});
  const fields = [...keys.filter(isRequired), ...keys.filter((key) => !isRequired(key))].map((key) => {
    if (!/^[a-z]\w*$/i.test(key)) throw noShape(`The key ${key}`);
    const { choices, orNull } = split(properties?.[key] ?? {});
    const mark = isRequired(key) ? (orNull ? '!' : '') : orNull ? '?' : '~';
    return [`${key}${mark}`, choiceOf(choices)] as const;
  });
  // No key has such a name; only straight-line checks know it.
  return Object.fromEntries(minProperties === undefined ? fields : [['#', String(minProperties)], ...fields]);
}
