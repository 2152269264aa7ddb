/** What the signed-in user holds, worth live: each holding and the sum, with what rests on an old price said so. */
import { formatPercent } from '@tickwire/client/format';
import type { PortfolioUpdate } from '@tickwire/protocol';
import { usePortfolio } from '@tickwire/react';
import { useState, type ReactElement } from 'react';
import { useAccount } from '../account/demo-context.js';
import { SignIn } from '../account/sign-in.js';
import { formatTimeOfDay } from '../events/format-event.js';
import { coinTitle } from '../market/catalog-rows.js';
import { formatChange, formatPrice, trendOf } from '../market/format-price.js';
import { useMarket } from '../market/market.js';
import { Panel } from '../shell/panel.js';
import { portfolioRows, portfolioSum, type PortfolioRow } from './portfolio-rows.js';

const arrows = { up: '▲', down: '▼', flat: '■', unknown: '' } as const;
const dollars = 'USD';
const amounts = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 8 });

function Change({
  value,
  profit,
  percent,
}: {
  value: number;
  profit: number;
  percent?: number | undefined;
}): ReactElement {
  const trend = trendOf(percent ?? (value === 0 ? 0 : (profit / value) * 100));
  return (
    <span data-trend={trend}>
      <span className="figure">
        <span className="arrow" aria-hidden="true">
          {arrows[trend]}
        </span>
        {formatChange(profit, value, dollars)}
        {percent !== undefined && ` (${formatPercent(percent)})`}
      </span>
    </span>
  );
}

function HoldingRow({ row }: { row: PortfolioRow }): ReactElement {
  const { rows } = useMarket();
  const { coinId, amount, price, value, profit, share, caveat } = row;
  const { name, symbol } = coinTitle(coinId, rows);
  return (
    <tr data-holding={coinId} data-caveat={caveat}>
      <th scope="row">
        <span className="name">{name}</span>
        <span className="note number">
          {amount === undefined ? 'amount not known' : `${amounts.format(amount)} ${symbol ?? ''}`}
          {price !== undefined && ` × ${formatPrice(price, dollars)}`}
        </span>
      </th>
      <td className="number">
        {value === undefined ? (
          <span className="warning">no price</span>
        ) : (
          <span className="figure">{formatPrice(value, dollars)}</span>
        )}
        {caveat === 'old price' && <span className="note warning">old price</span>}
        {profit !== undefined && value !== undefined && (
          <span className="gain">
            <Change value={value} profit={profit} />
          </span>
        )}
        {share !== undefined && (
          <span className="share" title={`${Math.round(share * 100)} % of the sum`}>
            <span style={{ inlineSize: `${share * 100}%` }} />
            <span className="unseen">{Math.round(share * 100)} % of the sum</span>
          </span>
        )}
      </td>
    </tr>
  );
}

interface WorthProps {
  data: PortfolioUpdate['data'];
  live: boolean;
  /** When it came, ISO 8601. */
  asOf: string;
}

/** The portfolio without its source. */
export function Worth({ data, live, asOf }: WorthProps): ReactElement {
  const sum = portfolioSum(data);
  const rows = portfolioRows(data);
  return (
    <div className="panel-body" data-live={live}>
      {!live && (
        <div className="stale-note">
          <p>Not live: worth as of {formatTimeOfDay(asOf)}.</p>
        </div>
      )}
      <p className="worth">
        <span className="unseen">Worth in all: </span>
        <strong className="number" data-worth={sum.value}>
          {sum.value === undefined ? '–' : formatPrice(sum.value, dollars)}
        </strong>{' '}
        {sum.value !== undefined && sum.profit !== undefined && (
          <span className="number">
            <Change value={sum.value} profit={sum.profit} percent={sum.profitPercent} />
          </span>
        )}
        {sum.caveat !== undefined && <span className="note warning">Of the holdings, {sum.caveat}.</span>}
      </p>
      {rows.length === 0 ? (
        <p className="empty">You hold nothing. What is put into the portfolio over HTTP shows here at once.</p>
      ) : (
        <table className="holdings">
          <caption className="unseen">Your holdings, the most valuable first</caption>
          <thead>
            <tr>
              <th scope="col">Holding</th>
              <th scope="col" className="number">
                Worth and gain
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <HoldingRow key={row.coinId} row={row} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function UserPortfolio({ user }: { user: string }): ReactElement {
  const { portfolio, error } = usePortfolio();
  const { live } = useMarket();
  const [came, setCame] = useState<{ data: PortfolioUpdate['data']; at: number }>();
  // The hook keeps what it had: another user's is not shown to this one.
  const isMine = portfolio !== undefined && String(portfolio.userId ?? user) === user;
  if (isMine && came?.data !== portfolio) setCame({ data: portfolio, at: new Date().getTime() });
  if (came !== undefined) return <Worth data={came.data} live={live} asOf={new Date(came.at).toISOString()} />;
  if (error !== null)
    return <p className="empty">The server has no portfolio for you: {error.message} Signing in again may help.</p>;
  return (
    <p className="empty">
      {live ? 'Asking what it is worth…' : 'No connection. Its worth is asked for once the link is back.'}
    </p>
  );
}

export function PortfolioPanel(): ReactElement {
  const { state } = useAccount();
  return (
    <Panel id="portfolio" title="Portfolio" className="portfolio">
      {state.status === 'in' ? (
        <UserPortfolio key={state.user.id} user={state.user.id} />
      ) : (
        <SignIn toDo="see what a portfolio is worth" />
      )}
    </Panel>
  );
}
