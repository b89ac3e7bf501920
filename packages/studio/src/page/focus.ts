/** Moves the focus to a heading. Otherwise, when the focused button disappears, the keyboard starts over at the top. */
export function focusOn(heading: string): void {
  document.getElementById(heading)?.focus();
}
