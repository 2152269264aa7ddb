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
      className="quiet"
      onClick={() => setTheme(next)}
      title={`Switch to ${themes[next].toLowerCase()}`}
    >
      <span className="unseen">Theme: </span>
      {themes[theme]}
    </button>
  );
}
