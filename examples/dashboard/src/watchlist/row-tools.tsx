/** What a row offers while the list is being changed: a grip to drag it by, or to move it with arrows, and its way out. */
import type { PriceChannel } from '@tickwire/react';
import type { KeyboardEvent, PointerEvent, ReactElement } from 'react';
import type { CatalogRow } from '../market/catalog-rows.js';
import './row-tools.css';

/** What can be done to a row of the list. */
export interface RowActions {
  /** Puts a channel into another place, from 0; beyond an end is that end. */
  move: (channel: PriceChannel, to: number) => void;
  remove: (channel: PriceChannel) => void;
}

/** The place of the row below a point of the window. */
function placeAt(x: number, y: number): number | undefined {
  for (const element of document.elementsFromPoint(x, y)) {
    const place = element.closest<HTMLElement>('[data-index]')?.dataset['index'];
    if (place !== undefined) return Number(place);
  }
  return undefined;
}

interface RowToolsProps {
  row: CatalogRow;
  index: number;
  actions: RowActions;
}

export function RowTools({ row, index, actions }: RowToolsProps): ReactElement {
  const drag = (event: PointerEvent<HTMLButtonElement>): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const place = placeAt(event.clientX, event.clientY);
    if (place !== undefined && place !== index) actions.move(row.channel, place);
  };
  const press = (event: KeyboardEvent): void => {
    const to = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: Infinity }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    actions.move(row.channel, to);
  };
  return (
    <span className="tools" onClick={(event) => event.stopPropagation()}>
      <button
        type="button"
        className="quiet grip"
        aria-label={`Move ${row.name}`}
        aria-description="Drag, or press the up and down arrow keys"
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={press}
      >
        <span aria-hidden="true">⠿</span>
      </button>
      <button
        type="button"
        className="quiet"
        aria-label={`Remove ${row.name}`}
        onClick={() => actions.remove(row.channel)}
      >
        <span aria-hidden="true">✕</span>
      </button>
    </span>
  );
}
