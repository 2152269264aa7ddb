/** Searches the catalog and adds what is chosen; stays open for the next. A part of the page that is loaded when first opened. */
import { useCombobox } from 'downshift';
import { useState, type ReactElement } from 'react';
import type { PriceChannel } from '@tickwire/react';
import type { CatalogRow } from '../market/catalog-rows.js';
import { found } from './search.js';
import './search.css';

interface CatalogSearchProps {
  rows: ReadonlyMap<string, CatalogRow>;
  list: readonly PriceChannel[];
  add: (channel: PriceChannel) => void;
  close: () => void;
}

export default function CatalogSearch({ rows, list, add, close }: CatalogSearchProps): ReactElement {
  const [typed, setTyped] = useState('');
  const items = found(rows.values(), typed);
  const watched = new Set<string>(list);
  const box = useCombobox<CatalogRow>({
    items,
    inputValue: typed,
    selectedItem: null,
    initialIsOpen: true,
    defaultHighlightedIndex: 0,
    itemToString: (row) => row?.name ?? '',
    isItemDisabled: (row) => watched.has(row.channel),
    onSelectedItemChange: ({ selectedItem }) => {
      if (selectedItem === null) return;
      add(selectedItem.channel);
      setTyped('');
    },
    stateReducer: (state, { type, changes }) => {
      const { InputBlur, InputChange, InputKeyDownEnter, ItemClick } = useCombobox.stateChangeTypes;
      if (type === InputChange) {
        // Of what is found now, the first that Enter can take.
        const next = found(rows.values(), changes.inputValue ?? '');
        return { ...changes, highlightedIndex: next.findIndex(({ channel }) => !watched.has(channel)) };
      }
      if (type !== ItemClick && type !== InputKeyDownEnter) {
        return type === InputBlur ? { ...changes, selectedItem: null, inputValue: state.inputValue } : changes;
      }
      // Stays open for the next one.
      const isTaken = changes.selectedItem !== null && changes.selectedItem !== undefined;
      return { ...changes, isOpen: true, inputValue: isTaken ? '' : state.inputValue };
    },
  });
  return (
    <div className="search">
      <div className="search-line">
        <label {...box.getLabelProps({ className: 'unseen' })}>Add an instrument</label>
        <input
          {...box.getInputProps({
            placeholder: 'Search by name or symbol',
            // At once: told by the box a little later, a letter that is typed meanwhile would be lost.
            onChange: (event) => setTyped(event.currentTarget.value),
            onKeyDown: (event) => {
              if (event.key === 'Escape' && typed === '') close();
            },
          })}
          autoFocus
          spellCheck={false}
        />
        <button type="button" onClick={close}>
          Done
        </button>
      </div>
      <ul {...box.getMenuProps({ className: 'found', hidden: !box.isOpen })}>
        {box.isOpen &&
          items.map((row, index) => (
            <li
              key={row.channel}
              {...box.getItemProps({ item: row, index, className: 'found-item' })}
              data-highlighted={box.highlightedIndex === index}
            >
              <span className="name">{row.name}</span>
              <span className="symbol">{row.symbol}</span>
              {watched.has(row.channel) && <span className="found-note">in your list</span>}
            </li>
          ))}
      </ul>
      {items.length === 0 && (
        <p className="found-none" role="status">
          Nothing in this server’s catalog matches “{typed}”.
        </p>
      )}
    </div>
  );
}
