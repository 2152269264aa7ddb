/** What `PriceWebSocketClient` speaks, without the client. */
import { clientDialect } from '../../src/client-dialect.js';
import type { Contract } from '../../src/dialects/tickwire/tickwire.js';
import type { DialectSource } from '../../src/kernel/dialect.js';
import { checkedOptions, type ClientOptions } from '../../src/options.js';

/** A dialect of the client with its contract, which is there once a stream has made the dialect. */
export function spoken(
  dialect: NonNullable<ClientOptions['dialect']>,
  options: ClientOptions = {},
): { dialect: DialectSource; readonly contract: Contract } {
  const made: { contract?: Contract } = {};
  const { client } = checkedOptions('ws://prices.example/ws', { ...options, dialect });
  return {
    dialect: clientDialect(client, made),
    get contract() {
      if (made.contract === undefined) throw new Error('No stream has made the dialect.');
      return made.contract;
    },
  };
}
