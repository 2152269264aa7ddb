// Made by scripts/generate-shapes.ts from the zod schemas; `pnpm generate` makes it anew. Not to be edited.
import { below, expected, isJsonObject, itemsFault, type Fault, type JsonObject } from '../fault.js';
import { nullishTimeFault, envelopeFault, nullishDecimalFault, nullishTextFault, valueFault, text64Fault } from './price-parts.js';

function metalPricesChangesItemFault(value: unknown): Fault | undefined {
  if (!isJsonObject(value)) return expected('an object');
  return (
    text64Fault(value['metal'], 'metal') ??
    nullishDecimalFault(value['oldPrice'], 'oldPrice') ??
    nullishDecimalFault(value['newPrice'], 'newPrice') ??
    nullishDecimalFault(value['changePercent'], 'changePercent') ??
    nullishTextFault(value['direction'], 'direction')
  );
}

export function metalPricesFault(value: JsonObject): Fault | undefined {
  return (
    valueFault(value['data'], 'data') ??
    below('changes', value['changes'] === undefined || value['changes'] === null ? undefined : itemsFault(value['changes'], metalPricesChangesItemFault, 1000)) ??
    envelopeFault(value)
  );
}

export function metalQuoteFault(value: unknown): Fault | undefined {
  if (!isJsonObject(value)) return expected('an object');
  return (
    nullishDecimalFault(value['price'], 'price') ??
    nullishDecimalFault(value['change'], 'change') ??
    nullishDecimalFault(value['changePercent'], 'changePercent') ??
    nullishDecimalFault(value['high'], 'high') ??
    nullishDecimalFault(value['low'], 'low') ??
    nullishTimeFault(value['timestamp'], 'timestamp') ??
    nullishTextFault(value['currency'], 'currency') ??
    nullishTextFault(value['unit'], 'unit')
  );
}
