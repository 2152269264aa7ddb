/** `pnpm --filter ./examples/server run token --user alice`: prints a token that a server with the same JWT_SECRET takes. */
import { parseArgs } from 'node:util';
import { isUserId } from './auth/identity.js';
import { signToken } from './auth/sign-token.js';
import { systemClock } from './clock.js';
import { ConfigurationError, loadConfig } from './config.js';
import { defaultLimits } from './limits.js';
import { fromProcess } from './start.js';

const usage = `Prints a token for trying the server out, signed with JWT_SECRET of the environment.

  --user <id>       whose token it is: 1 to 64 visible characters
  --minutes <n>     how long it is valid, 1 to 60 (default: 60)
  --scopes <a+b>    what it may do (default: nothing beyond reading)
  --help            this text
`;
const minuteMs = 60_000;

function optionsOf(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { user: text, minutes: text, scopes: text, help: { type: 'boolean' } as const };
  return parseArgs({ args: [...args], options }).values;
}

async function run({ args, environment, print, printError }: ReturnType<typeof fromProcess>): Promise<number> {
  try {
    const { user, minutes = '60', scopes = '', help } = optionsOf(args);
    if (help === true) {
      print(usage);
      return 0;
    }
    const { auth } = loadConfig(environment);
    const lifetimeMs = Number(minutes) * minuteMs;
    if (!isUserId(user)) printError('Say whose token it is: --user alice');
    else if (!(lifetimeMs >= minuteMs && lifetimeMs <= defaultLimits.tokenLifetimeMs)) {
      printError('--minutes is a number from 1 to 60');
    } else if (auth.secret === undefined) {
      printError(
        'JWT_SECRET is not set. Make one, and start the server and this command with it:\n  export JWT_SECRET=$(openssl rand -hex 32)',
      );
    } else {
      const { secret, issuer, audience } = auth;
      print(
        await signToken({
          secret,
          userId: user,
          lifetimeMs,
          scopes: scopes.split('+').filter((scope) => scope !== ''),
          ...(issuer === undefined ? {} : { issuer }),
          ...(audience === undefined ? {} : { audience }),
          now: systemClock.now(),
        }),
      );
      return 0;
    }
  } catch (error) {
    const isWrongOption = error instanceof TypeError;
    if (!(error instanceof ConfigurationError) && !isWrongOption) throw error;
    printError(error.message);
  }
  return 1;
}

process.exitCode = await run(fromProcess());
