/** One cell of the matrix, and how cells run: the light ones several at a time, the heavy ones one after the other. */

/** Thrown where a cell cannot be run here; it is shown as that, never as one that works. */
export class NotHere extends Error {}

export interface Cell {
  /** The heading that it stands under. */
  readonly part: string;
  /** What runs, and how: the row and, where a part is a grid, the column. */
  readonly row: string;
  readonly column: string;
  /** Takes both cores for a while. @default false */
  readonly heavy?: boolean;
  /** Resolves when it works; throws what is wrong. */
  run(): Promise<void>;
}

export interface Result {
  readonly cell: Cell;
  readonly outcome: 'works' | 'fails' | 'not here';
  readonly reason: string;
}

async function runOne(cell: Cell): Promise<Result> {
  try {
    await cell.run();
    return { cell, outcome: 'works', reason: '' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { cell, outcome: error instanceof NotHere ? 'not here' : 'fails', reason };
  }
}

/** Runs all cells; the results come in the order of the cells. */
export async function runCells(cells: readonly Cell[], told: (result: Result) => void): Promise<Result[]> {
  const results = new Map<Cell, Result>();
  const worker = async (queue: Cell[]): Promise<void> => {
    for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) {
      const result = await runOne(cell);
      results.set(cell, result);
      told(result);
    }
  };
  const heavy = cells.filter((cell) => cell.heavy === true);
  const light = cells.filter((cell) => cell.heavy !== true);
  await Promise.all([heavy, heavy, light, light, light, light].map(worker));
  return cells.map((cell) => results.get(cell)).filter((result) => result !== undefined);
}
