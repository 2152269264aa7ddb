/** `conformance <url>`: points the checks at a server, prints what came of each, and ends with 0 when none failed. */
import { parseArgs } from 'node:util';
import { parseChannel } from '@tickwire/protocol';
import { faultChecks } from './fault-checks.js';
import { coinsChecks, metalsChecks } from './older-checks.js';
import { reach, readAddress } from './reach.js';
import { runChecks, type Check } from './suite.js';
import { tickwireChecks } from './tickwire-checks.js';

const help = `pnpm conformance <ws://…> [options]

Checks a server of the wire contract and prints a line for each check, for example
  pnpm conformance ws://localhost:3001/ws

  --dialect tickwire|coins|metals   what the server speaks (default: tickwire)
  --channel <name>                  a state channel that it has (default: coin:bitcoin)
  --patience <ms>                   how long an answer may take (default: 3000)
  --help                            this text

Exit code: 0 when no check failed, 1 when one did, 2 for a wrong command line, 3 when there is no WebSocket server
at the address: then nothing was checked.`;

const checksOf: ReadonlyMap<string, readonly Check[]> = new Map([
  ['tickwire', [...tickwireChecks, ...faultChecks]],
  ['coins', coinsChecks],
  ['metals', metalsChecks],
]);

/** Which dialect a server's first frame shows. */
const dialectOf: ReadonlyMap<string, string> = new Map([
  ['hello', 'tickwire'],
  ['welcome', 'coins'],
  ['price_update', 'coins'],
  ['priceUpdate', 'metals'],
]);

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      dialect: { type: 'string', default: 'tickwire' },
      channel: { type: 'string', default: 'coin:bitcoin' },
      patience: { type: 'string', default: '3000' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const [address = '', ...others] = positionals;
  const { dialect, channel } = values;
  const checks = checksOf.get(dialect);
  const patienceMs = Number(values.patience);
  const url = readAddress(address);
  const mistakes = [
    ...(address === '' ? ['Which server? Name its address.'] : typeof url === 'string' ? [url] : []),
    ...(others.length === 0 ? [] : ['One address at a time.']),
    ...(checks === undefined ? [`There is no dialect ${dialect}: tickwire, coins or metals`] : []),
    ...(patienceMs > 0 && patienceMs <= 600_000 ? [] : ['--patience: expected ms, at most 600000']),
    ...(parseChannel(channel)?.kind === 'state'
      ? []
      : [`--channel: ${channel} is no state channel, like coin:bitcoin`]),
  ];
  if (mistakes.length > 0 || typeof url === 'string' || checks === undefined) {
    console.error(`${mistakes.join('\n')}\n\n${help}`);
    return 2;
  }
  const found = await reach(url, patienceMs);
  if (!found.ok) {
    console.error(`${found.why}.\n${found.next}\nNothing was checked.`);
    return 3;
  }
  const spoken = dialectOf.get(found.firstType ?? '');
  if (spoken !== undefined && spoken !== dialect && spoken !== 'tickwire') {
    console.log(`note its first frame is a ${found.firstType}: it may be meant by --dialect ${spoken}`);
  }
  const marks = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' };
  const outcomes = await runChecks(checks, { url: url.href, patienceMs, channel }, ({ title, result, why }) => {
    console.log(`${marks[result]} ${title}${why === undefined ? '' : `\n       ${why}`}`);
  });
  const count = (result: string): number => outcomes.filter((outcome) => outcome.result === result).length;
  console.log(`\n${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  return count('failed') === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
  return 2;
});
