/** A property by its name, of whatever a platform may give; access itself may throw in a sandbox. */
export function property(value: unknown, name: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
}
