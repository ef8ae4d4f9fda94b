/**
 * Gives the focus back to the control that had it when the page gets it again. A browser forgets what is focused in a frame
 * as soon as another frame takes the focus, and the editor's dialogs and its palette do: without this, who works by
 * keyboard starts at the top of the page after each of them.
 */
export function keepFocus(): void {
  let last: HTMLElement | null = null;
  document.addEventListener('focusin', ({ target }) => (last = target instanceof HTMLElement ? target : null));
  window.addEventListener('focus', () => {
    if (document.activeElement === document.body) last?.focus({ preventScroll: true });
  });
}
