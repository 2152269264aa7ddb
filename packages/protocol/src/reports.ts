/** The parts of a frame that are to be left out, while it is walked. */
import { bad, known, type DecodeResult, type ReportedItem, type Typed } from './codec-frame.js';
import { expected, type Fault } from './fault.js';

/** A frame with more parts to leave out than this is worth nothing, and its words would cost more than it. */
const mostReports = 1_000;

/** One for each frame; `items` stays undefined for the frames that have none. */
export class Reports {
  items: ReportedItem[] | undefined;
  /** There once the frame has too many. */
  fault: Fault | undefined;

  add(path: string, { reason }: Fault): void {
    this.items ??= [];
    if (this.items.length < mostReports) this.items.push({ path, reason });
    else this.fault = expected(`at most ${mostReports} parts to leave out`);
  }
}

/** The result for a message that was walked: its fault, or the message with what is to be left out of it. */
export function resultOf<Message>(message: Typed, fault: Fault | undefined, reports: Reports): DecodeResult<Message> {
  const worst = fault ?? reports.fault;
  if (worst !== undefined) return bad(worst);
  const result = known<Message>(message);
  if (reports.items !== undefined) result.reported = reports.items;
  return result;
}
