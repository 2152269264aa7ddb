import { describe, expect, it } from 'vitest';
import { ConfigurationError, helpText, loadConfig } from '../src/config.js';
import { limitKey } from '../src/limit-settings.js';
import { defaultLimits } from '../src/limits.js';

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('the bounds as settings', () => {
  it('are those of the requirements where nothing is set', () => {
    expect(loadConfig({}).limits).toMatchObject({
      maxFrameBytes: 16_384,
      maxFragments: 16,
      maxBufferedChunks: 512,
      connectionsPerAddress: 50,
      connectionsPerUser: 5,
      connectsPerSecond: 10,
      connectBurst: 20,
      totalConnectsPerSecond: 2_000,
      headersTimeoutMs: 5_000,
      requestTimeoutMs: 10_000,
      authTimeoutMs: 5_000,
      burst: 40,
      messagesPerMinute: 300,
      rateStrikes: 3,
      controlFramesPerSecond: 10,
      badMessageStrikes: 5,
      maxSubscriptions: 2_000,
      maxChannelsPerFrame: 200,
      idleMs: 300_000,
      totalUnsentBytes: 268_435_456,
      closeTimeoutMs: 5_000,
      maxTokenBytes: 4_096,
    });
  });

  it('are each set by a key of their name, without a warning', () => {
    for (const name of Object.keys(defaultLimits) as (keyof typeof defaultLimits)[]) {
      const value = String(defaultLimits[name]);
      const { limits, warnings } = loadConfig({ [limitKey(name)]: value });
      expect(limits[name]).toBe(defaultLimits[name]);
      expect(warnings).toEqual([]);
    }
    expect(loadConfig({ WS_MAX_FRAME_BYTES: '2048', WS_IDLE_MS: '9' }).limits).toMatchObject({
      maxFrameBytes: 2_048,
      idleMs: 9,
    });
  });

  it.each([
    [{ WS_IDLE_MS: 'soon' }, 'WS_IDLE_MS: expected a whole number'],
    [{ WS_IDLE_MS: '-1' }, 'WS_IDLE_MS: expected a whole number'],
    [{ WS_BURST: '0' }, 'WS_BURST: expected at least 1'],
    [{ WS_MAX_CHANNELS_PER_FRAME: '201' }, 'WS_MAX_CHANNELS_PER_FRAME: expected at most 200'],
    [{ WS_MAX_FRAME_BYTES: '99999999' }, 'WS_MAX_FRAME_BYTES: expected at most 1048576'],
    [
      { WS_HEADERS_TIMEOUT_MS: '20000' },
      'WS_HEADERS_TIMEOUT_MS: expected at most WS_REQUEST_TIMEOUT_MS, which is 10000',
    ],
  ])('refuse %o', (environment, problem) => {
    expect(problemsOf(environment)).toEqual([problem]);
  });

  it('give way to their own key where WS_TIMEOUT speaks of them too', () => {
    const { limits } = loadConfig({ WS_TIMEOUT: '6000', WS_PONG_TIMEOUT_MS: '1234' });
    expect(limits).toMatchObject({ pingIntervalMs: 5_000, pongTimeoutMs: 1_234 });
  });

  it('stand in --help with their defaults', () => {
    expect(helpText('usage')).toMatch(/WS_MAX_FRAME_BYTES +16384/);
  });
});
