import * as vscode from 'vscode';
import { back, type Answer, type Place } from './step-by-step';

/** A choice among items. Items that are still being looked for arrive as a promise. */
export async function choose<T extends vscode.QuickPickItem>(place: Place, placeholder: string, items: readonly T[] | Promise<readonly T[]>): Promise<Answer<T>> {
  const picked = await pick(place, placeholder, items, 1);
  return Array.isArray(picked) ? picked[0]! : (picked as typeof back | null);
}

/** A choice of at least `minimum` items; those with `picked` are chosen already. */
export async function chooseMany<T extends vscode.QuickPickItem>(place: Place, placeholder: string, items: readonly T[], minimum: number): Promise<Answer<readonly T[]>> {
  return pick(place, placeholder, items, minimum);
}

async function pick<T extends vscode.QuickPickItem>(place: Place, placeholder: string, items: readonly T[] | Promise<readonly T[]>, minimum: number): Promise<Answer<readonly T[]>> {
  const input = vscode.window.createQuickPick<T>();
  Object.assign(input, { ...place, placeholder, ignoreFocusOut: true, matchOnDescription: true, matchOnDetail: true, canSelectMany: minimum > 1, buttons: place.step > 1 ? [vscode.QuickInputButtons.Back] : [] });
  return asked(input, (resolve) => {
    input.busy = true;
    void Promise.resolve(items).then((found) => {
      input.items = found;
      if (minimum > 1) input.selectedItems = found.filter(({ picked }) => picked);
      input.busy = false;
    });
    input.onDidAccept(() => {
      if (input.selectedItems.length >= minimum) resolve([...input.selectedItems]);
    });
    input.onDidTriggerButton(() => resolve(back));
  });
}

/** A text. @param problemOf what is wrong with it, or null; a text with a problem is not accepted */
export async function askText(place: Place, prompt: string, value: string, problemOf: (text: string) => string | null): Promise<Answer<string>> {
  const input = vscode.window.createInputBox();
  Object.assign(input, { ...place, prompt, value, ignoreFocusOut: true, validationMessage: problemOf(value) ?? undefined, buttons: place.step > 1 ? [vscode.QuickInputButtons.Back] : [] });
  return asked(input, (resolve) => {
    input.onDidChangeValue((text) => (input.validationMessage = problemOf(text) ?? undefined));
    input.onDidAccept(() => {
      if (problemOf(input.value) === null) resolve(input.value);
    });
    input.onDidTriggerButton(() => resolve(back));
  });
}

/** Shows an input until it has an answer; hidden before, there is none. */
async function asked<T>(input: vscode.QuickInput, listen: (resolve: (answer: Answer<T>) => void) => void): Promise<Answer<T>> {
  try {
    return await new Promise<Answer<T>>((resolve) => {
      input.onDidHide(() => resolve(null));
      listen(resolve);
      input.show();
    });
  } finally {
    input.dispose();
  }
}
