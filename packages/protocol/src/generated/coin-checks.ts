// Made by scripts/generate-shapes.ts from the zod schemas; `pnpm generate` makes it anew. Not to be edited.
import { below, expected, isJsonObject, type Fault, type JsonObject } from '../fault.js';
import { nullishTimeFault, nullishCoinIdFault, nullishIdFault, envelopeFault, decimalFault, nullishDecimalFault, optionalAbsenceFault, nullishTextFault } from './price-parts.js';

function coinPriceDataFault(value: unknown): Fault | undefined {
  if (!isJsonObject(value)) return expected('an object');
  return (
    decimalFault(value['price'], 'price') ??
    nullishCoinIdFault(value['coinId'], 'coinId') ??
    nullishDecimalFault(value['marketCap'], 'marketCap') ??
    nullishDecimalFault(value['volume24h'], 'volume24h') ??
    nullishDecimalFault(value['priceChange24h'], 'priceChange24h') ??
    nullishDecimalFault(value['change'], 'change') ??
    nullishTimeFault(value['timestamp'], 'timestamp')
  );
}

export function coinPriceFault(value: JsonObject): Fault | undefined {
  return (
    below('data', coinPriceDataFault(value['data'])) ??
    envelopeFault(value)
  );
}

function coinNoticeDataFault(value: unknown): Fault | undefined {
  if (!isJsonObject(value)) return expected('an object');
  return (
    (Object.keys(value).some((key) => key !== '__proto__') ? undefined : expected('at least one key')) ??
    optionalAbsenceFault(value['price'], 'price') ??
    nullishTextFault(value['type'], 'type') ??
    nullishTextFault(value['message'], 'message') ??
    nullishTextFault(value['error'], 'error') ??
    nullishTextFault(value['connectionId'], 'connectionId') ??
    nullishCoinIdFault(value['coinId'], 'coinId') ??
    nullishIdFault(value['userId'], 'userId') ??
    nullishTextFault(value['subscription'], 'subscription') ??
    nullishTimeFault(value['timestamp'], 'timestamp')
  );
}

export function coinNoticeFault(value: JsonObject): Fault | undefined {
  return (
    below('data', coinNoticeDataFault(value['data'])) ??
    envelopeFault(value)
  );
}
