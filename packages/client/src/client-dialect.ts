/** What the client speaks: the three dialects of the contract, each with what they have in common, or any of them. */
import { auto } from './dialects/auto.js';
import { coinAsks } from './dialects/coins.js';
import { metalAsks } from './dialects/metals.js';
import { contractOf, type Contract } from './dialects/tickwire/tickwire.js';
import type { Dialect, DialectHost, Fault } from './kernel/dialect.js';
import { PriceStreamError } from './kernel/errors.js';
import { kindOf } from './kernel/frames.js';
import type { ClientSettings } from './options.js';
import { version } from './version.js';

/** Says, once, that the server speaks another dialect than was asked for. */
function watched(asked: Dialect, all: readonly Dialect[], host: DialectHost): Dialect {
  const seen = new WeakSet<object>();
  let told = false;
  return {
    ...asked,
    read(message, link) {
      const fault = asked.read(message, link) as Fault | undefined;
      if (fault !== undefined || seen.has(link)) return fault;
      seen.add(link);
      // A server of ours speaks the older dialects as well; the older ones speak nothing else.
      const speaks = all.find(({ greets, proves }) => greets === undefined && proves?.(message) === true);
      if (speaks === undefined || speaks.name === asked.name) {
        told = false;
        return fault;
      }
      if (told) return fault;
      told = true;
      const text = `The server speaks ${speaks.name} (it sent ${kindOf(message)}), the dialect option says ${asked.name}. Leave the option out, or say '${speaks.name}'.`;
      host.report(new PriceStreamError('BAD_MESSAGE', text));
      return fault;
    },
  };
}

/** @param made where the contract of the stream is put, for what a client has besides its stream */
export function clientDialect(settings: ClientSettings, made: { contract?: Contract }): (host: DialectHost) => Dialect {
  return (host) => {
    const contract = contractOf(host, { ...settings, clientName: `@tickwire/client/${version}` });
    made.contract = contract;
    const { shared, authentication } = contract;
    const metals: Dialect = { ...shared, ...metalAsks, name: 'metals', isEvents: coinAsks.isEvents };
    const coins: Dialect = {
      ...shared,
      ...coinAsks,
      name: 'coins',
      ask: (work) => (authentication.isHolding() ? undefined : coinAsks.ask(work)),
    };
    const all = [metals, coins, contract.dialect];
    const asked = all.find(({ name }) => name === settings.dialect);
    if (asked !== undefined) return watched(asked, all, host);
    const { ping, pace } = coinAsks;
    return auto(all, { negotiateMs: settings.negotiateMs, undecided: { ...shared, ping, pace } })(host);
  };
}
