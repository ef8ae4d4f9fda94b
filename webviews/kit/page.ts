import { registerControls } from './controls';
import { keepFocus } from './keep-focus';

/** What every page does before it renders. Returns its `<main id="root">`. */
export function openPage(): HTMLElement {
  registerControls();
  keepFocus();
  const root = document.getElementById('root');
  if (!root) throw new Error('The page has no element with id "root".');
  return root;
}
