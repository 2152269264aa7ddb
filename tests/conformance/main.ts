/** `conformance <url>`: points the checks at a server, prints what came of each, and ends with 0 when none failed. */
import { parseArgs } from 'node:util';
import { faultChecks } from './fault-checks.js';
import { coinsChecks, metalsChecks } from './older-checks.js';
import { runChecks, type Check } from './suite.js';
import { tickwireChecks } from './tickwire-checks.js';

const help = `pnpm conformance <ws://…> [options]

Checks a server of the wire contract and prints a line for each check.

  --dialect tickwire|coins|metals   what the server speaks (default: tickwire)
  --channel <name>                  a state channel that it has (default: coin:bitcoin)
  --patience <ms>                   how long an answer may take (default: 3000)
  --help                            this text

Exit code: 0 when no check failed, 1 when one did, 2 for a wrong command line.`;

const checksOf: ReadonlyMap<string, readonly Check[]> = new Map([
  ['tickwire', [...tickwireChecks, ...faultChecks]],
  ['coins', coinsChecks],
  ['metals', metalsChecks],
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
  const [url] = positionals;
  const checks = checksOf.get(values.dialect);
  const patienceMs = Number(values.patience);
  if (url === undefined || checks === undefined || !/^wss?:\/\//.test(url) || !(patienceMs > 0)) {
    console.error(help);
    return 2;
  }
  const marks = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' };
  const outcomes = await runChecks(checks, { url, patienceMs, channel: values.channel }, ({ title, result, why }) => {
    console.log(`${marks[result]} ${title}${why === undefined ? '' : `\n       ${why}`}`);
  });
  const count = (result: string): number => outcomes.filter((outcome) => outcome.result === result).length;
  console.log(`\n${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  return count('failed') === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 2;
});
