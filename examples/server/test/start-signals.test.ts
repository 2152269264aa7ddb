import { describe, expect, it } from 'vitest';
import { startServer, type StartOptions } from '../src/start.js';

function optionsWith(onStopSignal: StartOptions['onStopSignal'], errors: string[] = []): StartOptions {
  return {
    usage: '',
    args: [],
    environment: { PORT: '0', LOG_LEVEL: 'silent' },
    folder: '.',
    print: () => undefined,
    printError: (text) => void errors.push(text),
    onStopSignal,
  };
}

describe('a program that is told to end', () => {
  it('ends with 0 when it still starts', async () => {
    const errors: string[] = [];
    const options = optionsWith((listener) => {
      listener();
      return () => undefined;
    }, errors);
    expect(await startServer(options)).toBe(0);
    expect(errors).toEqual([]);
  });

  it('hears signals from before it listens until it has ended', async () => {
    const order: string[] = [];
    let tell: () => void = () => undefined;
    const options = optionsWith((listener) => {
      order.push('heard');
      tell = listener;
      return () => void order.push('deaf');
    });
    const code = await startServer({
      ...options,
      onListening: () => {
        order.push('listening');
        setImmediate(tell);
        return () => void order.push('closing');
      },
    });
    expect(code).toBe(0);
    expect(order).toEqual(['heard', 'listening', 'closing', 'deaf']);
  });
});
