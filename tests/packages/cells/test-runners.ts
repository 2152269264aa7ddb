/** Tests of users: the smoke programme in each runner, and a component with the fake client. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Cell } from '../cell.js';
import { mustRun } from '../run-program.js';
import { smokeRun } from '../smoke-run.js';
import type { Stage } from '../stage.js';
import { toolbox } from '../toolbox.js';
import { nodeBinary } from './runtimes.js';

const part = 'Test runners';

export async function testRunnerCells(stage: Stage): Promise<Cell[]> {
  const newest = { project: await stage.project('testers', 'testers'), home: await toolbox('testers'), react: '19' };
  const older = { project: await stage.project('react-18', 'testers'), home: await toolbox('react-18'), react: '18' };
  const jest =
    (environment: string, file: string, { project, home } = newest) =>
    async (): Promise<[string, string[]]> => {
      const config = path.join(project, `jest.${environment}.${file}.json`);
      const settings = { testEnvironment: environment, testRegex: `${file}\\.jest\\.cjs$`, transform: {} };
      await writeFile(config, JSON.stringify({ rootDir: project, haste: { enableSymlinks: true }, ...settings }));
      return [path.join(home, 'node_modules/jest/bin/jest.js'), ['--config', config, '--ci', '--watchman=false']];
    };
  const vitest =
    (environment: string, file: string, { project, home } = newest) =>
    async (): Promise<[string, string[]]> => {
      const config = path.join(project, `vitest.${environment}.${file}.config.mjs`);
      const settings = { environment, include: [`${file}.vitest.mjs`], watch: false };
      await writeFile(config, `export default ${JSON.stringify({ test: settings })};\n`);
      return [path.join(home, 'node_modules/vitest/vitest.mjs'), ['run', '--config', config]];
    };
  const cell = (
    row: string,
    column: string,
    command: () => Promise<[string, string[]]>,
    smokes: boolean | 'ws',
    { project, react } = newest,
  ): Cell => ({
    part,
    row,
    column,
    heavy: true,
    async run() {
      const [program, args] = await command();
      const node = await nodeBinary();
      const run = (env: Record<string, string>): Promise<unknown> =>
        mustRun(node, [program, ...args], { cwd: project, env, withinMs: 120_000 });
      if (smokes === false) await run({ REACT: react });
      else
        await smokeRun(async ({ url, refusedUrl }) => {
          const more = smokes === 'ws' ? { SMOKE_WS: 'yes' } : {};
          await run({ SMOKE_URL: url, SMOKE_REFUSED_URL: refusedUrl, ...more });
        });
    },
  });
  const programme = 'the programme';
  const cells = [
    cell('Jest, CommonJS, node', programme, jest('node', 'smoke'), true),
    cell('Jest, CommonJS, jsdom', programme, jest('jsdom', 'smoke'), true),
    cell('Vitest, node', programme, vitest('node', 'smoke'), true),
    // Its own WebSocket throws there at the first event, whoever opens it: jsdom 31 makes events that Node does not take.
    cell(
      'Vitest, jsdom (`WebSocket` of `ws` given: its own does not work there)',
      programme,
      vitest('jsdom', 'smoke'),
      'ws',
    ),
    cell('Vitest, happy-dom', programme, vitest('happy-dom', 'smoke'), true),
  ];
  if (!stage.registry.names.includes('@tickwire/testing')) return cells;
  const component = 'a component with a fake client';
  return [
    ...cells,
    cell('Jest, CommonJS, jsdom', component, jest('jsdom', 'component'), false),
    cell('Vitest, jsdom', component, vitest('jsdom', 'component'), false),
    cell('Vitest, happy-dom', component, vitest('happy-dom', 'component'), false),
    cell('Jest, CommonJS, jsdom, React 18.3', component, jest('jsdom', 'component', older), false, older),
    cell('Vitest, happy-dom, React 18.3', component, vitest('happy-dom', 'component', older), false, older),
  ];
}
