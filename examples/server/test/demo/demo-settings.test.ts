import { describe, expect, it } from 'vitest';
import { ConfigurationError, loadConfig } from '../../src/config.js';
import { settingsReport } from '../../src/settings-report.js';

const production = { NODE_ENV: 'production', JWT_SECRET: 's'.repeat(32), ALLOWED_ORIGINS: 'https://a.example' };

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('the settings of the demo', () => {
  it('are off unless set', () => {
    const config = loadConfig({});
    expect(config.demo).toEqual({ hasAccounts: false, hasFaults: false, hasHistory: false, instruments: 0 });
    expect(Object.keys(settingsReport(config)).filter((key) => key.startsWith('DEMO'))).toEqual([]);
  });

  it('stand in the report of the start once they are set', () => {
    const set = { DEMO_ACCOUNTS: 'true', DEMO_FAULTS: 'true', DEMO_HISTORY: 'true', DEMO_INSTRUMENTS: '1000' };
    expect(settingsReport(loadConfig(set))).toMatchObject({
      DEMO_ACCOUNTS: true,
      DEMO_FAULTS: true,
      DEMO_HISTORY: true,
      DEMO_INSTRUMENTS: 1_000,
    });
  });

  it.each([
    ['DEMO_ACCOUNTS', 'true'],
    ['DEMO_FAULTS', 'true'],
    ['DEMO_HISTORY', 'true'],
    ['DEMO_INSTRUMENTS', '20'],
  ])('keep a production from starting: %s', (name, value) => {
    expect(problemsOf({ ...production, [name]: value })).toEqual([
      `${name}: this is for demos; with NODE_ENV=production leave it out`,
    ]);
    expect(problemsOf({ [name]: value })).toEqual([]);
  });

  it('may be named in a production as long as they are off', () => {
    expect(problemsOf({ ...production, DEMO_ACCOUNTS: 'false', DEMO_INSTRUMENTS: '0' })).toEqual([]);
  });

  it.each([
    ['DEMO_ACCOUNTS', 'yes', 'expected true or false'],
    ['DEMO_INSTRUMENTS', '2001', 'expected at most 2000'],
    ['DEMO_INSTRUMENTS', 'many', 'expected a whole number'],
  ])('refuse %s=%s', (name, value, problem) => {
    expect(problemsOf({ [name]: value })).toEqual([`${name}: ${problem}`]);
  });

  it('warn of a name that is not theirs', () => {
    expect(loadConfig({ DEMO_ACOUNTS: 'true' }).warnings).toEqual([
      'DEMO_ACOUNTS is not a key of this server; --help lists them',
    ]);
  });
});
