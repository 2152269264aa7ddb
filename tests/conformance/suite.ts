/** Runs checks against a server, one after the other, each on connections of its own. */
import type { ServerMessage } from '@tickwire/protocol';
import { CheckFailure, CheckSkipped, Probe } from './probe.js';

/** The server under test. */
export interface Subject {
  readonly url: string;
  /** How long an answer may take, ms. */
  readonly patienceMs: number;
  /** A state channel that the server has. */
  readonly channel: string;
}

/** What a check works with. */
export interface Bench extends Subject {
  /** Opens a connection; it is ended after the check. */
  open(protocols?: string[]): Probe;
  /** Opens one, and answers the hello. */
  greet(): Promise<{ probe: Probe; hello: Extract<ServerMessage, { type: 'hello' }> }>;
}

/** One thing that the contract asks for. */
export interface Check {
  readonly title: string;
  run(bench: Bench): Promise<void>;
}

/** What came of a check. */
export interface Outcome {
  readonly title: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly why?: string;
}

/** Fails the check in these words unless the condition holds. */
export function expectThat(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new CheckFailure(otherwise);
}

async function runOne(check: Check, subject: Subject): Promise<Outcome> {
  const probes: Probe[] = [];
  const open = (protocols: string[] = []): Probe => {
    const probe = new Probe(subject.url, { patienceMs: subject.patienceMs, protocols });
    probes.push(probe);
    return probe;
  };
  const { title } = check;
  try {
    await check.run({
      ...subject,
      open,
      async greet() {
        const probe = open();
        const hello = await probe.next('hello');
        probe.send({ type: 'hello', data: { protocol: 1, client: 'conformance' } });
        return { probe, hello };
      },
    });
    const [fault] = probes.flatMap(({ faults }) => faults);
    return fault === undefined ? { title, result: 'passed' } : { title, result: 'failed', why: fault };
  } catch (error) {
    const fault = probes.flatMap(({ faults }) => faults)[0];
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof CheckSkipped) return { title, result: 'skipped', why };
    return { title, result: 'failed', why: fault === undefined ? why : `${why}; ${fault}` };
  } finally {
    await Promise.all(probes.map((probe) => probe.end()));
  }
}

/** Runs all checks; `onOutcome` is told of each as it ends. */
export async function runChecks(
  checks: readonly Check[],
  subject: Subject,
  onOutcome: (outcome: Outcome) => void = () => undefined,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const check of checks) {
    const outcome = await runOne(check, subject);
    outcomes.push(outcome);
    onOutcome(outcome);
  }
  return outcomes;
}
