/** Moves the focus to a heading: the button that had it is about to go, and the keyboard would start over at the top. */
export function focusOn(heading: string): void {
  document.getElementById(heading)?.focus();
}
