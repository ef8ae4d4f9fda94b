import { keepFocus } from '../../webviews/kit/keep-focus';

const isFocused = (id: string) => document.activeElement?.id === id;

/** As a browser does when another frame takes the focus, and gives it back. */
function leaveAndReturn(): void {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  window.dispatchEvent(new Event('focus'));
}

test('the control that had the focus has it again after a dialog of the editor; one that is gone, or another that was clicked, leaves it alone', () => {
  document.body.innerHTML = '<button id="export"></button><button id="other"></button>';
  keepFocus();
  leaveAndReturn();
  expect(document.activeElement).toBe(document.body);
  document.getElementById('export')!.focus();
  leaveAndReturn();
  expect(isFocused('export')).toBe(true);
  document.getElementById('other')!.focus();
  window.dispatchEvent(new Event('focus'));
  expect(isFocused('other')).toBe(true);
  document.getElementById('other')!.remove();
  leaveAndReturn();
  expect(document.activeElement).toBe(document.body);
});
