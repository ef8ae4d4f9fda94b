import * as l10n from '@vscode/l10n';
import type { BlendDraft } from '../../src/merge/blend-draft';
import type { BlendForecast } from '../../src/merge/forecast';
import type { BlendSetup, ToBlendPanel } from '../../src/protocol/blend-panel';
import { button, checkbox, linkButton, progressBar, segmented, select, toolbar } from '../kit/controls';
import { counts } from '../kit/counts';
import { element, setAttribute, setChildren, setText } from '../kit/element';
import { formatBytes, formatSignificant } from '../kit/format';
import { numberField } from '../kit/number-field';
import { dataTable } from '../kit/table';
import { durationText } from './words';

export interface OutputActions {
  readonly onName: (name: string | null) => void;
  readonly onDraft: (change: Partial<BlendDraft>) => void;
  readonly onTyping: (problem: string | null) => void;
  readonly onSave: () => void;
  readonly onStop: () => void;
  readonly onCopy: (as: 'mergekit' | 'command') => void;
  readonly onSweep: () => void;
  readonly onInspect: (path: string) => void;
  readonly onReveal: (path: string) => void;
}

export interface Outlook {
  readonly forecast: BlendForecast | null;
  readonly seconds: number | null;
  readonly proposedName: string;
  /** why Save does nothing now; null where it works */
  readonly whyNot: string | null;
  /** what keeps λ from the simplex, on which sweeps evaluate; null where it lies there */
  readonly offSimplex: string | null;
}

export interface OutputSection {
  readonly element: HTMLElement;
  update(setup: BlendSetup, draft: BlendDraft, name: string | null, outlook: Outlook): void;
  work(message: Extract<ToBlendPanel, { readonly type: 'work' }>): void;
  saved(message: Extract<ToBlendPanel, { readonly type: 'saved' }>): void;
  tell(message: string, isProblem: boolean): void;
}

const dtypes = [['same', l10n.t('as the checkpoints')], ['F32', 'float32'], ['BF16', 'bfloat16'], ['F16', 'float16'], ['F64', 'float64'], ['F8_E4M3', 'float8 e4m3'], ['F8_E5M2', 'float8 e5m2']] as const;
type DtypeChoice = (typeof dtypes)[number][0];

/** What is written: name, type and, for adapters, the space; how large it is; and the buttons that make it or copy it. */
export function outputSection(actions: OutputActions): OutputSection {
  const { onName, onDraft, onTyping } = actions;
  const name = element('input', { class: 'soup-name', attributes: { type: 'text', 'aria-label': l10n.t('Name of the soup'), spellcheck: 'false' }, on: { input: () => onName(name.value.trim() === '' ? null : name.value) } });
  const where = element('span', { class: 'muted' });
  const dtype = select<DtypeChoice>(l10n.t('Type'), (value) => onDraft({ dtype: value === 'same' ? null : value }));
  const adapters = adapterFields(onDraft, onTyping);
  const estimate = element('p', { class: 'estimate', attributes: { role: 'status' } });
  const problem = element('p', { class: 'notice', attributes: { hidden: true } });
  const save = button({ label: l10n.t('Save Soup'), isPrimary: true, onClick: actions.onSave });
  const yaml = button({ label: l10n.t('Copy as mergekit YAML'), onClick: () => actions.onCopy('mergekit') });
  const command = button({ label: l10n.t('Copy as soup command'), onClick: () => actions.onCopy('command') });
  const sweep = button({ label: l10n.t('Add λ to Sweep'), onClick: actions.onSweep });
  const whySweep = element('p', { class: 'muted' });
  const progress = progressBar(l10n.t('Progress'));
  const work = element('div', { class: 'progress-line', attributes: { hidden: true } }, progress.element, button({ label: l10n.t('Stop'), title: l10n.t('Stop: nothing is left behind'), onClick: actions.onStop }));
  const told = element('div', { attributes: { role: 'status' } });

  return {
    element: element('section', { class: 'output', attributes: { 'aria-label': l10n.t('Soup') } }, element('h2', {}, l10n.t('Soup')),
      element('div', { class: 'controls' }, element('label', { class: 'field' }, element('span', { class: 'field-label', attributes: { 'aria-hidden': 'true' } }, l10n.t('Name')), name, where), dtype.element),
      adapters.element, estimate, problem, toolbar(l10n.t('Make the soup'), save, yaml, command, sweep), whySweep, work, told),
    update(setup, draft, own, { forecast, seconds, proposedName, whyNot, offSimplex }) {
      if (document.activeElement !== name) name.value = own ?? '';
      setAttribute(name, 'placeholder', proposedName);
      setText(where, l10n.t('in {0}', setup.folder));
      dtype.update(dtypes.map(([value, label]) => ({ value, label })), draft.dtype ?? 'same');
      adapters.update(setup, draft, forecast);
      const output = forecast?.output ?? null;
      estimate.hidden = output === null;
      if (output) setText(estimate, outputText(output, seconds));
      problem.hidden = whyNot === null;
      setText(problem, whyNot ?? '');
      for (const control of [save, yaml, command]) setAttribute(control, 'disabled', whyNot !== null && (control === save || forecast?.output == null));
      const whyNoSweep = setup.experiment === null ? l10n.t('not of one experiment') : setup.whyReadOnly !== null ? setup.whyReadOnly : draft.method !== 'linear' || draft.curves !== null ? l10n.t('Sweeps evaluate linear soups with one λ for all layers.') : (offSimplex ?? setup.experiment.whyNoSweep);
      sweep.hidden = setup.experiment === null;
      setAttribute(sweep, 'disabled', whyNoSweep !== null);
      whySweep.hidden = setup.experiment === null || whyNoSweep === null;
      setText(whySweep, l10n.t('No λ can be added to the sweep: {0}', whyNoSweep ?? ''));
    },
    work({ text, fraction }) {
      work.hidden = text === null;
      progress.update(fraction ?? 0, fraction === null ? null : 1, text ?? '');
    },
    saved({ path, name: made, warnings }) {
      setChildren(told,
        element('p', {}, l10n.t('Soup {0} created.', made), ' ', linkButton({ label: l10n.t('Inspect'), title: made, onClick: () => actions.onInspect(path) }), ' · ', linkButton({ label: l10n.t('Show in Explorer'), title: made, onClick: () => actions.onReveal(path) })),
        warnings.length > 0 && element('ul', { class: 'reasons' }, ...warnings.map((warning) => element('li', {}, warning))));
    },
    tell(message, isProblem) {
      setChildren(told, element('p', isProblem ? { class: 'notice', attributes: { role: 'alert' } } : {}, message));
    },
  };
}

function outputText({ sizeBytes, tensors, parameters }: NonNullable<BlendForecast['output']>, seconds: number | null): string {
  const parts = [formatBytes(sizeBytes), counts.tensors(tensors), counts.parameters(parameters)];
  return seconds === null ? l10n.t('{0} in {1}, {2}.', ...parts) : l10n.t('{0} in {1}, {2}; {3}.', ...parts, durationText(seconds));
}

interface ModuleDifference {
  readonly module: string;
  readonly difference: number | null;
}

/** What only adapters have: the space, the rank that the result is cut to, and whether the base is written with it. */
function adapterFields(onDraft: OutputActions['onDraft'], onTyping: OutputActions['onTyping']) {
  const rank = numberField({ label: l10n.t('Cut to rank'), title: l10n.t('by SVD; the sum of the ranks of the adapters, and exact, where empty'), isOptional: true, check: (value) => (Number.isInteger(value) && value > 0 ? null : l10n.t('Rank: a whole number from 1')), onProblem: onTyping, onChange: (value) => onDraft({ rank: value }) });
  rank.input.placeholder = l10n.t('exact');
  const merged = checkbox(l10n.t('Write the base with the blended update'), false, (mergeIntoBase) => onDraft({ mergeIntoBase })) as HTMLElement & { checked: boolean };
  const spaces = element('div');
  const note = element('p', { class: 'muted' });
  const table = dataTable<ModuleDifference>({ caption: l10n.t('Difference of the two spaces by module') });
  const modules = element('details', {}, element('summary', {}, l10n.t('Module by module')), table.element);
  const box = element('div', { class: 'adapters' }, element('div', { class: 'controls' }, spaces, rank.element, merged), note, modules);
  let shown = '';
  return {
    element: box,
    update(setup: BlendSetup, draft: BlendDraft, forecast: BlendForecast | null): void {
      const { space, mergeIntoBase } = draft;
      const isAveraged = draft.method === 'linear' || draft.method === 'uniform';
      box.hidden = !(setup.inputs.every(({ isAdapter }) => isAdapter) && isAveraged);
      if (box.hidden) return;
      if (shown !== space) setChildren(spaces, segmented(l10n.t('Space'), [{ value: 'factor', label: l10n.t('Factor: A and B') }, { value: 'delta', label: l10n.t('Delta: BA (exact)') }], shown = space, (value) => onDraft({ space: value })));
      rank.element.hidden = space !== 'delta' || mergeIntoBase;
      rank.update(draft.rank);
      if (merged.checked !== mergeIntoBase) merged.checked = mergeIntoBase;
      setAttribute(merged, 'disabled', draft.base === null);
      merged.title = draft.base === null ? l10n.t('Choose the base first') : '';
      const rows = Object.entries(forecast?.differences ?? {}).map(([module, difference]): ModuleDifference => ({ module, difference }));
      modules.hidden = rows.length === 0;
      note.hidden = rows.length === 0;
      const worst = rows.reduce<ModuleDifference | null>((most, row) => ((row.difference ?? -1) > (most?.difference ?? -1) ? row : most), null);
      setText(note, worst?.difference == null ? l10n.t('The factors cannot be averaged here (ranks, scales or modules differ): only their updates can.') : worst.difference === 0 ? l10n.t('At this λ both give the same update.') : l10n.t('At this λ the update of averaged factors differs from the exact one by up to {0} ({1}).', percent(worst.difference), worst.module));
      table.update([
        { title: l10n.t('Module'), value: ({ module }) => module, isRowHeader: true },
        { title: '‖ΔW factor − ΔW delta‖ / ‖ΔW delta‖', value: ({ difference }) => difference, text: ({ difference }) => percent(difference), isNumeric: true },
      ], rows);
    },
  };
}

const percent = (share: number | null): string => (share === null ? '–' : `${formatSignificant(100 * share)} %`);
