/** What is remembered of bad frames over all links of a stream. */
export class Cures {
  /** When a link was last given up for frames of this kind, and whether it has been told that this was no cure. */
  readonly gaveUp = new Map<string, { readonly at: number; told: boolean }>();
  /** Whether it has been told that the server speaks something else; until it speaks. */
  foreignTold = false;
  /** The dialect of which it has been told last what it does not have. */
  toldFor = '';

  /** The user connects again after an end. */
  forget(): void {
    this.gaveUp.clear();
    this.foreignTold = false;
  }
}
