/** Light, dark, or as the system has it; kept in the browser. */
import { useEffect, useState, type ReactElement } from 'react';
import { browserStorage, readStored, store } from './stored.js';

const key = 'tickwire.theme';
const themes = { system: 'System', light: 'Light', dark: 'Dark' } as const;
type Theme = keyof typeof themes;
const order: readonly Theme[] = ['system', 'light', 'dark'];

const themeOf = (value: unknown): Theme | undefined => order.find((theme) => theme === value);

export function ThemeSwitch(): ReactElement {
  const [theme, setTheme] = useState<Theme>(() => readStored(browserStorage(), key, themeOf) ?? 'system');
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    store(browserStorage(), key, theme);
  }, [theme]);
  const next = order[(order.indexOf(theme) + 1) % order.length] ?? 'system';
  return (
    <button
      type="button"
      className="quiet theme-switch"
      data-theme-choice={theme}
      aria-label={`Theme: ${themes[theme]}`}
      title={`Theme: ${themes[theme]}. Switch to ${themes[next].toLowerCase()}`}
      onClick={() => setTheme(next)}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        {theme === 'dark' ? (
          <path d="M13 10.2A5.6 5.6 0 0 1 5.8 3a5.6 5.6 0 1 0 7.2 7.2Z" />
        ) : (
          <>
            <circle cx="8" cy="8" r={theme === 'light' ? 3 : 5.5} />
            <path
              d={
                theme === 'light'
                  ? 'M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M3 13l1.2-1.2M11.8 4.2 13 3'
                  : 'M8 2.5a5.5 5.5 0 0 1 0 11Z'
              }
            />
          </>
        )}
      </svg>
    </button>
  );
}
