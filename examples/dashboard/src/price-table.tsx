/** The table of all instruments, in groups; it knows the rows, not their prices. */
import type { ReactElement } from 'react';
import type { CatalogRow } from './catalog-rows.js';
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

function PriceGroup({ title, changeSpan, rows }: PriceGroupProps): ReactElement {
  const origins = new Set(rows.map((row) => row.origin));
  // One label for the group where it holds for all of its rows; else each row has its own.
  const [shared] = origins.size === 1 ? origins : [];
  return (
    <tbody>
      <tr className="group">
        <th scope="rowgroup" colSpan={2}>
          {title}
          {shared !== undefined && <span className="tag">{shared}</span>}
        </th>
        <td className="number">{changeSpan}</td>
        <td />
      </tr>
      {rows.map((row) => (
        <PriceRow key={row.channel} row={row} labelled={origins.size > 1} />
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
            Updated
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
