/** The table of all instruments, in groups; it knows the rows, not their prices. */
import type { ReactElement } from 'react';
import type { CatalogRow } from '../market/catalog-rows.js';
import { PriceRow } from './price-row.js';

const groups = [
  { kind: 'coin', title: 'Coins', changeSpan: 'in 24 h' },
  { kind: 'metal', title: 'Metals', changeSpan: '' },
] as const;

interface PriceGroupProps {
  title: string;
  /** What the changes of this group span, where the contract says it. */
  changeSpan: string;
  rows: readonly CatalogRow[];
}

/** What all rows agree on; `undefined` where they do not, and each has to say it itself. */
function shared<Value>(rows: readonly CatalogRow[], read: (row: CatalogRow) => Value): { value: Value } | undefined {
  const values = new Set(rows.map(read));
  const [value] = values;
  return values.size === 1 ? { value: value as Value } : undefined;
}

function PriceGroup({ title, changeSpan, rows }: PriceGroupProps): ReactElement {
  const origin = shared(rows, (row) => row.origin);
  const unit = shared(rows, (row) => row.unit);
  return (
    <tbody>
      <tr className="group">
        <th scope="rowgroup">
          {title}
          {origin?.value !== undefined && <span className="tag">{origin.value}</span>}
        </th>
        <td className="number">{unit?.value !== undefined && `per ${unit.value}`}</td>
        <td className="number">{changeSpan}</td>
        <td />
      </tr>
      {rows.map((row) => (
        <PriceRow key={row.channel} row={row} showOrigin={origin === undefined} showUnit={unit?.value === undefined} />
      ))}
    </tbody>
  );
}

/** The table; `live` is whether its prices are of this moment. */
export function PriceTable({ rows, live }: { rows: readonly CatalogRow[]; live: boolean }): ReactElement {
  return (
    <table className="prices" data-live={live}>
      <caption className="unseen">
        Prices of coins and metals with their change and the time of their last update
        {live ? '' : ', as they were when the connection was lost'}
      </caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col" className="number">
            Price
          </th>
          <th scope="col" className="number">
            Change
          </th>
          <th scope="col" className="number">
            <span className="wide">Updated</span>
            <span className="narrow">Age</span>
          </th>
        </tr>
      </thead>
      {groups.map(({ kind, ...group }) => {
        const members = rows.filter((row) => row.kind === kind);
        return members.length > 0 && <PriceGroup key={kind} {...group} rows={members} />;
      })}
    </table>
  );
}
