/** The fields of an alert, with what they mean in a sentence; what is written wrongly is said beside it. */
import { usePrice } from '@tickwire/react';
import { useEffect, useId, useRef, useState, type ReactElement, type SyntheticEvent } from 'react';
import type { CatalogRow } from '../market/catalog-rows.js';
import { formatPrice } from '../market/format-price.js';
import {
  alertKinds,
  asksForPrice,
  readAlertForm,
  shortNumber,
  suggestion,
  type AlertKind,
  type AlertWish,
} from './alert-form.js';
import { conditionWords } from './alert-words.js';

const kindWords: Readonly<Record<AlertKind, string>> = {
  above: 'rises above',
  below: 'falls below',
  moves: 'moves by, in 24 h',
  falls: 'falls by, in 24 h',
};

/** Steps from the price now, in percent. */
const steps: Readonly<Record<'above' | 'below', readonly number[]>> = {
  above: [1, 2, 5, 10],
  below: [-1, -2, -5, -10],
};

interface AlertFieldsProps {
  /** The coins that alerts can be about. */
  coins: readonly CatalogRow[];
  /** The one that it is about at first. */
  first: CatalogRow;
  submit: (wish: AlertWish) => void;
  cancel: () => void;
}

const idOf = (row: CatalogRow): string => row.channel.slice(row.channel.indexOf(':') + 1);

export function AlertFields({ coins, first, submit, cancel }: AlertFieldsProps): ReactElement {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // What is most likely to be changed; a dialog that opens would take its first field.
    field.current?.focus();
    field.current?.select();
  }, []);
  const [coin, setCoin] = useState(first);
  const [kind, setKind] = useState<AlertKind>('above');
  const tick = usePrice(coin.channel);
  /** What somebody wrote; `undefined` until then, and again for another coin or kind. */
  const [written, setWritten] = useState<string>();
  /** The price that the suggestion is from: it must not run away under the hand. */
  const [base, setBase] = useState<number>();
  const [tried, setTried] = useState(false);
  if (base === undefined && tick !== undefined) setBase(tick.price);
  const text = written ?? suggestion(kind, base);
  const reading = readAlertForm(kind, text, idOf(coin), { price: tick?.price, changePercent: tick?.changePercent });
  const write = (price: number): string => formatPrice(price, coin.currency);
  const problem = !reading.ok && (tried || written !== undefined) ? reading.problem : undefined;

  const choose = (next: CatalogRow | undefined): void => {
    if (next === undefined) return;
    setCoin(next);
    setWritten(undefined);
    setBase(undefined);
  };
  const send = (event: SyntheticEvent): void => {
    event.preventDefault();
    setTried(true);
    if (reading.ok) submit(reading.wish);
  };

  return (
    <form className="alert-form" noValidate onSubmit={send}>
      <label>
        Tell me when
        <select
          value={coin.channel}
          onChange={(event) => choose(coins.find((row) => row.channel === event.target.value))}
        >
          {coins.map((row) => (
            <option key={row.channel} value={row.channel}>
              {row.name}
            </option>
          ))}
        </select>
      </label>
      <fieldset>
        <legend className="unseen">What has to happen</legend>
        {alertKinds.map((each) => (
          <label key={each} className="alert-kind">
            <input
              type="radio"
              name={`${id}-kind`}
              value={each}
              checked={kind === each}
              onChange={() => {
                setKind(each);
                setWritten(undefined);
              }}
            />
            {kindWords[each]}
          </label>
        ))}
      </fieldset>
      <label>
        {asksForPrice(kind) ? `Price${coin.currency === undefined ? '' : ` in ${coin.currency}`}` : 'Percent'}
        <input
          ref={field}
          className="number"
          type="text"
          inputMode="decimal"
          autoComplete="off"
          value={text}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-said`}
          onChange={(event) => setWritten(event.target.value)}
        />
      </label>
      {(kind === 'above' || kind === 'below') && base !== undefined && (
        <div className="alert-steps" role="group" aria-label="From the price now">
          {steps[kind].map((step) => (
            <button key={step} type="button" onClick={() => setWritten(stepped(base, step))}>
              {step > 0 ? `+${step}` : `−${-step}`} %
            </button>
          ))}
        </div>
      )}
      <p id={`${id}-said`} className={problem === undefined ? 'note' : 'warning'}>
        {reading.ok
          ? `${coin.name} ${conditionWords(reading.wish.alertType, reading.wish.condition, write)}${tick === undefined ? '' : `; now ${write(tick.price)}`}. ${reading.hint ?? ''}`
          : (problem ?? ' ')}
      </p>
      <p className="alert-buttons">
        <button type="button" onClick={cancel}>
          Cancel
        </button>
        <button type="submit" className="main">
          Create alert
        </button>
      </p>
    </form>
  );
}

function stepped(price: number, percent: number): string {
  return shortNumber(price * (1 + percent / 100));
}
