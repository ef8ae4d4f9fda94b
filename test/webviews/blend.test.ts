import type { MeasuredMean } from '../../src/analysis/measured-mean';
import { methodForms } from '../../src/editor/blend-panel/method-forms';
import type { BlendDraft } from '../../src/merge/blend-draft';
import type { BlendForecast } from '../../src/merge/forecast';
import { readToBlendPanel, type BlendSetup, type FromBlendPanel, type ToBlendPanel } from '../../src/protocol/blend-panel';
import { mountBlend } from '../../webviews/blend/blend';
import { lambdaNote } from '../../webviews/blend/lambda-section';
import { preflightRows } from '../../webviews/blend/preflight-section';
import { asideOf } from '../../webviews/blend/layer-curves';
import { pageWords, splitAdvice } from '../../webviews/blend/words';
import { registerControls } from '../../webviews/kit/controls';
import { openLine } from './line';

const inputsOf = (...names: string[]) => names.map((name) => ({ path: `/lab/${name}`, name, description: '63 · f32', isAdapter: false }));
const setupOf = (...names: string[]): BlendSetup => ({ inputs: inputsOf(...names), methods: methodForms(), bases: [], folder: 'soups', whyReadOnly: null, experiment: null });
const draftOf = (setup: BlendSetup, change: Partial<BlendDraft> = {}): BlendDraft => ({
  inputs: setup.inputs.map(({ path }) => path), method: 'linear', weights: setup.inputs.map(() => 1 / setup.inputs.length), curves: null, extrapolate: false, parameters: {}, base: null, fishers: [], dtype: null, seed: 0, space: 'factor', rank: null, mergeIntoBase: false, ...change,
});
const forecastOf = (setup: BlendSetup, change: Partial<BlendForecast> = {}): BlendForecast => ({ names: setup.inputs.map(({ name }) => name), findings: [], facts: { tensors: '3 tensors' }, problem: null, output: { tensors: 3, parameters: 63, sizeBytes: 252, readBytes: 504 }, layers: 2, differences: null, ...change });

function openBlend(setup: BlendSetup, change: Partial<BlendDraft> = {}, saved?: unknown) {
  jest.useFakeTimers();
  document.body.innerHTML = '<main id="root"></main>';
  const root = document.getElementById('root')!;
  const { host, posted, send, state } = openLine<ToBlendPanel, FromBlendPanel>(readToBlendPanel, saved);
  registerControls();
  mountBlend(root, host);
  send({ type: 'setup', setup, draft: draftOf(setup, change), isFresh: false });
  const drafts = () => posted.filter((message): message is Extract<FromBlendPanel, { readonly type: 'draft' }> => message.type === 'draft');
  const settle = () => void jest.advanceTimersByTime(500);
  return {
    root, posted, settle,
    send: (message: ToBlendPanel) => send(message),
    state: () => state() as { draft: BlendDraft },
    answer: (forecast: BlendForecast) => {
      settle();
      send({ type: 'forecast', id: drafts().at(-1)!.id, forecast, name: 'a-0.5-b-0.5', seconds: 2 });
    },
    draft: () => {
      settle();
      return drafts().at(-1)!.draft;
    },
    labelled: (label: string) => root.querySelector<HTMLInputElement>(`input[aria-label="${label}"]`)!,
    type(label: string, text: string) {
      const input = this.labelled(label);
      input.focus();
      input.value = text;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    },
    choose(label: string, value: string) {
      const list = root.querySelector<HTMLElement & { value: string }>(`vscode-dropdown[aria-label="${label}"]`)!;
      list.value = value;
      list.dispatchEvent(new Event('change'));
    },
    toggle: (label: string) => [...root.querySelectorAll<HTMLElement>('vscode-checkbox')].find(({ textContent }) => textContent === label)!.click(),
    button: (text: string) => [...root.querySelectorAll<HTMLElement>('vscode-button')].find(({ textContent }) => textContent === text)!,
    text: () => root.textContent!,
  };
}
afterEach(() => jest.useRealTimers());

test('one number of two moves the other, the draft is forecast once the hand rests, and Save sends it', () => {
  const setup = setupOf('a', 'b');
  const panel = openBlend(setup);
  panel.answer(forecastOf(setup));
  panel.type('λ of a', '0.3');
  panel.type('λ of a', '0.25');
  expect(panel.posted.filter(({ type }) => type === 'draft')).toHaveLength(1);
  expect(panel.draft().weights).toEqual([0.25, 0.75]);
  expect(panel.labelled('λ of b').value).toBe('0.75');
  panel.answer(forecastOf(setup));
  panel.button('Save Soup').click();
  expect(panel.posted.at(-1)).toMatchObject({ type: 'save', name: null, draft: { weights: [0.25, 0.75], method: 'linear' } });
});

test('what is no λ stays where it was typed, and nothing can be saved', () => {
  const setup = setupOf('a', 'b');
  const panel = openBlend(setup);
  panel.answer(forecastOf(setup));
  panel.type('λ of a', '1.5');
  expect(panel.labelled('λ of a').getAttribute('aria-invalid')).toBe('true');
  expect(panel.draft().weights).toEqual([0.5, 0.5]);
  panel.button('Save Soup').click();
  expect(panel.posted.some(({ type }) => type === 'save')).toBe(false);
  panel.type('λ of a', '0,5');
  expect(panel.labelled('λ of a').hasAttribute('aria-invalid')).toBe(false);
  panel.button('Save Soup').click();
  expect(panel.posted.at(-1)!.type).toBe('save');
});

test('weights that are not linked say their sum; off the simplex only where that is meant', () => {
  const setup = setupOf('a', 'b');
  const panel = openBlend(setup);
  panel.answer(forecastOf(setup));
  const { toggle } = panel;
  toggle('Weights sum to 1');
  panel.type('λ of a', '1.25');
  expect(panel.text()).toContain('their sum is 1.75 (1.25 + 0.5), expected 1');
  toggle('Allow points outside the simplex');
  expect(panel.draft()).toMatchObject({ weights: [1.25, 0.5], extrapolate: true });
  expect(panel.text()).toContain('lies outside the simplex of a, b: an extrapolation');
  panel.button('Normalise').click();
  expect(panel.draft().weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
});

test('three experts in a triangle, by keyboard', () => {
  const setup = setupOf('a', 'b', 'c');
  const panel = openBlend(setup, { weights: [0.5, 0.3, 0.2] });
  panel.answer(forecastOf(setup));
  const triangle = panel.root.querySelector<HTMLElement>('.triangle')!;
  const press = (key: string, shiftKey = false) => triangle.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true }));
  press('ArrowRight', true);
  expect(panel.draft().weights).toEqual([0.4, 0.4, 0.2]);
  press('ArrowUp');
  expect(panel.draft().weights).toEqual([0.395, 0.395, 0.21]);
  press('Home');
  expect(panel.draft().weights).toEqual([1 / 3, 1 / 3, 1 / 3]);
  expect(triangle.getAttribute('aria-label')).toContain('λ of a, b, c: a 0.3333, b 0.3333, c 0.3333');
  for (let step = 0; step < 3; step++) press('ArrowRight', true);
  expect(panel.draft().weights[1]).toBeCloseTo(1 / 3 + 0.3, 5);
  expect(panel.draft().weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12); // of thirds too
});

test('a method brings its parameters, of all experts and of one, and leaves those of the last behind', () => {
  const setup = setupOf('a', 'b');
  const panel = openBlend(setup);
  panel.choose('Method', 'ties');
  panel.type('density of all experts', '0.5');
  panel.type('density of a', '0.25');
  panel.type('lambda', '2');
  expect(panel.draft().parameters).toEqual({ density: 0.5, 'a.density': 0.25, lambda: 2 });
  expect(panel.labelled('density of b').placeholder).toBe('0.5');
  panel.type('density of a', '1.5');
  expect(panel.text()).toContain('density: 0 to 1');
  expect(panel.text()).toContain('Takes 1 or more experts and their base. Base is not chosen yet');
  panel.type('density of a', '');
  panel.choose('Method', 'slerp');
  expect(panel.draft().parameters).toEqual({});
  expect(panel.text()).toContain('slerp takes no weights');
});

test('a weight of many digits is shown with six and kept with all of them', () => {
  const panel = openBlend(setupOf('a', 'b', 'c'));
  const field = panel.labelled('λ of a') as HTMLInputElement;
  expect([field.value, field.title]).toEqual(['0.333333', String(1 / 3)]);
  field.focus();
  panel.answer(forecastOf(setupOf('a', 'b', 'c')));
  expect(panel.draft().weights).toEqual([1 / 3, 1 / 3, 1 / 3]);
});

test('handles of equal weights stand beside one another, others where their weight is', () => {
  expect([0, 1].map((expert) => asideOf([50, 50], expert, 100))).toEqual([-6, 6]);
  expect([0, 1, 2].map((expert) => asideOf([50, 50, 50], expert, 100))).toEqual([-12, 0, 12]);
  expect([0, 1, 2].map((expert) => asideOf([50, 90, 55], expert, 100))).toEqual([-6, 0, 6]);
  expect([0, 1, 2].map((expert) => asideOf([50, 50, 50], expert, 30))).toEqual([-10, 0, 10]);
  expect(asideOf(Array<number>(8).fill(50), 7, 100)).toBe(21);
});

test('an input that is the base is no expert', () => {
  const setup = { ...setupOf('base', 'a', 'b'), bases: [{ path: '/lab/base', label: 'base' }] };
  const panel = openBlend(setup, { method: 'task_arithmetic' });
  panel.choose('Base', '/lab/base');
  expect(panel.labelled('λ of base')).toBeNull();
  expect(panel.labelled('λ from a to b')).not.toBeNull();
  expect(panel.draft()).toMatchObject({ base: '/lab/base', weights: [1 / 3, 0.5, 0.5] });
});

test('a base that is found is taken unless one is chosen', () => {
  const setup = { ...setupOf('a', 'b'), bases: [{ path: '/lab/other', label: 'other' }] };
  const panel = openBlend(setup);
  panel.send({ type: 'base', choice: { path: '/lab/base', label: 'base' }, isFound: true });
  expect(panel.draft().base).toBe('/lab/base');
  panel.choose('Base', '/lab/other');
  panel.send({ type: 'base', choice: { path: '/lab/base', label: 'base' }, isFound: true });
  expect(panel.draft().base).toBe('/lab/other');
});

test('findings by check, in the page’s words: what is the matter, and what to do', () => {
  const rows = preflightRows({
    facts: { tensors: '3 tensors', config: 'the configs say the same' },
    findings: [{ check: 'adapters', level: 'problem', text: 'r: 8 in a, 4 in b — their factors mean different updates; blend them with --space delta' }, { check: 'config', level: 'warning', text: 'the configs differ in rope_theta' }],
  }, { type: 'distances', from: null, problem: null, distances: [{ name: 'a', notFinite: null, relative: 0.01, cosine: 0.999 }, { name: 'b', notFinite: null, relative: 1.4, cosine: 0.01 }, { name: 'c', notFinite: { tensor: 'head.weight', isOfCheckpoint: true, isOfReference: false }, relative: null, cosine: null }] });
  expect(rows.map(({ title, tone }) => [title, tone])).toEqual([['Tensors', 'good'], ['Adapters', 'problem'], ['Configuration', 'doubt'], ['Shared base', 'unknown'], ['Distance', 'doubt']]);
  expect(rows[1]!.lines).toEqual([{ what: 'r: 8 in a, 4 in b', advice: 'their factors mean different updates; blend them in delta space' }]);
  expect(rows[4]!.lines.map(({ advice }) => advice !== null)).toEqual([false, true, true]);
  expect(rows[4]!.lines[2]!.what).toBe('head.weight has NaN or infinite values in c');
});

test('NaN are told of the checkpoint that has them', () => {
  const lineOf = (from: string | null, isOfCheckpoint: boolean, isOfReference: boolean) => preflightRows({ findings: [], facts: {} }, { type: 'distances', from, problem: null, distances: [{ name: 'b', notFinite: { tensor: 'w', isOfCheckpoint, isOfReference }, relative: null, cosine: null }] }).at(-1)!.lines[0]!;
  expect(lineOf('a', false, true)).toMatchObject({ what: 'w has NaN or infinite values in a', advice: expect.stringContaining('leave that checkpoint out') });
  expect(lineOf('a', true, true).what).toBe('w has NaN or infinite values in a and in b');
  expect(lineOf(null, true, true).what).toBe('w has NaN or infinite values in b and in the base');
  expect(lineOf(null, false, true)).toEqual({ what: 'w has NaN or infinite values in the base', advice: 'so will a soup that is made from its task vectors: choose another base' });
});

test('findings that follow one another with the same advice give it once', () => {
  const [row] = preflightRows({ facts: {}, findings: ['x — mend it', 'y — mend it', 'z — look at it'].map((text) => ({ check: 'tensors', level: 'problem', text })) }, null);
  expect(row!.lines).toEqual([{ what: 'x', advice: null }, { what: 'y', advice: 'mend it' }, { what: 'z', advice: 'look at it' }]);
});

test('a problem keeps the soup from being saved; a failure says what cannot be opened', () => {
  const setup = setupOf('a', 'b');
  const panel = openBlend(setup);
  panel.answer(forecastOf(setup, { output: null, findings: [{ check: 'tensors', level: 'problem', text: 'x: in a, but not in b — blend fine-tunings of one architecture' }] }));
  expect(panel.text()).toContain('cannot be blended as they are');
  panel.button('Save Soup').click();
  expect(panel.posted.some(({ type }) => type === 'save')).toBe(false);
  panel.send({ type: 'forecast-failure', id: 99, message: 'b: truncated — copy it again' });
  expect(panel.text()).toContain('b: truncated → copy it again');
});

test('size, time, what was saved, and why nothing can be written', () => {
  const setup = setupOf('a', 'b');
  const panel = openBlend(setup);
  panel.answer(forecastOf(setup));
  expect(panel.text()).toContain('252 B in 3 tensors, 63 parameters; about 2 s.');
  panel.send({ type: 'saved', path: '/lab/soups/x', name: 'x', warnings: ['doubtful'] });
  expect(panel.text()).toContain('Soup x created.');
  expect(panel.text()).toContain('doubtful');
  const locked = openBlend({ ...setup, whyReadOnly: 'This folder is not trusted' });
  locked.answer(forecastOf(setup));
  locked.button('Save Soup').click();
  expect(locked.posted.some(({ type }) => type === 'save')).toBe(false);
  expect(locked.text()).toContain('This folder is not trusted');
});

test('a reload brings the draft back for the same checkpoints only; weights that are asked for now win', () => {
  const setup = setupOf('a', 'b');
  const first = openBlend(setup);
  first.type('λ of a', '0.125');
  first.settle();
  expect(openBlend(setup, {}, first.state()).draft().weights).toEqual([0.125, 0.875]);
  expect(openBlend(setupOf('a', 'c'), {}, first.state()).draft().weights).toEqual([0.5, 0.5]);
  expect(openBlend(setup, {}, { ...first.state(), version: 0 }).draft().weights).toEqual([0.5, 0.5]);
});

test('of adapters the space is chosen, and the difference is shown module by module', () => {
  const setup = { ...setupOf('a', 'b'), inputs: inputsOf('a', 'b').map((input) => ({ ...input, isAdapter: true })) };
  const panel = openBlend(setup);
  panel.answer(forecastOf(setup, { differences: { 'layers.0.q': 0.125, 'layers.0.v': null } }));
  expect(panel.text()).toContain('differs from the exact one by up to 12.50 % (layers.0.q)');
  panel.root.querySelector<HTMLInputElement>('input[type=radio][value=delta]')!.click();
  panel.type('Cut to rank', '4');
  expect(panel.draft()).toMatchObject({ space: 'delta', rank: 4 });
});

test('what the sweep has measured at λ', () => {
  const measuredAs = (mean: MeasuredMean) => [{ weights: [0.5, 0.5], rewards: { risky: mean } }];
  const measured = measuredAs({ mean: 2.5, ci: [2.25, 2.75], n: 64 });
  expect(lambdaNote([0.5, 0.5], ['a', 'b'], measured, false)).toBe('Measured here: risky 2.500 (2.250 to 2.750). Values are means over 64 samples each, with their 95\u00a0% intervals.');
  expect(lambdaNote([0.5, 0.5], ['a', 'b'], measuredAs({ mean: 2.5, ci: null, n: 64 }), false)).toBe('Measured here: risky 2.500. Values are means over 64 samples each; the results hold no spread for intervals.');
  expect(lambdaNote([0.5, 0.5], ['a', 'b'], measuredAs({ mean: 2.5, ci: null, n: null }), false)).toBe('Measured here: risky 2.500. Values are means; the results hold no samples or standard errors for intervals.');
  expect(lambdaNote([0.4, 0.6], ['a', 'b'], measured, false)).toBe('Not measured at this λ.');
  expect(lambdaNote([0.4, 0.6], ['a', 'b'], [], false)).toBe('');
});

test('options of the command line become controls of the page', () => {
  expect(pageWords('W: expected F32, got BF16 — pass --dtype to say what the soup shall have')).toBe('W: expected F32, got BF16 — set Type to say what the soup shall have');
  expect(pageWords('expected 1 — pass --normalize to rescale them, or --extrapolate to allow points outside the simplex')).toBe('expected 1 — normalise them, or allow points outside the simplex');
  expect(splitAdvice('a — b — c')).toEqual({ what: 'a — b', advice: 'c' });
});

test('λ over the layers: a curve an expert, by keyboard and by numbers; away again it is one λ', () => {
  const setup = setupOf('a', 'b');
  const panel = openBlend(setup, { weights: [0.25, 0.75] });
  panel.answer(forecastOf(setup, { layers: 9 }));
  const toggle = () => panel.toggle('λ changes over the layers');
  toggle();
  expect(panel.draft().curves).toEqual([[0.25, 0.25, 0.25], [0.75, 0.75, 0.75]]);
  const handle = (label: string) => panel.root.querySelector<SVGElement>(`path[aria-label="${label}"]`)!;
  const press = (target: Element, key: string, shiftKey = false) => target.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true }));
  press(handle('λ of a at layer 9'), 'ArrowUp', true);
  expect(panel.draft().curves).toEqual([[0.25, 0.25, 0.35], [0.75, 0.75, 0.65]]);
  expect(handle('λ of b at layer 9').getAttribute('aria-valuetext')).toBe('0.65');
  press(handle('λ of a at layer 5'), 'ArrowLeft');
  expect(document.activeElement!.getAttribute('aria-label')).toBe('λ of a at layer 1');
  panel.type('λ of b at layer 1', '1');
  expect(panel.draft().curves).toEqual([[0, 0.25, 0.35], [1, 0.75, 0.65]]);
  panel.type('Points', '2');
  expect(panel.draft().curves).toEqual([[0, 0.35], [1, 0.65]]);
  panel.type('Points', '99');
  expect(panel.text()).toContain('Points: a whole number from 2 to 12');
  toggle();
  expect(panel.draft()).toMatchObject({ curves: null, weights: [0.25, 0.75] });
});

test('curves follow a change of the theme', async () => {
  document.body.className = 'vscode-light';
  const { root } = openBlend(setupOf('a', 'b'), { curves: [[0, 1], [1, 0]] });
  const colours = () => [...root.querySelectorAll('.curve-handle, .curve-line')].map((mark) => mark.getAttribute('fill') ?? mark.getAttribute('stroke'));
  const light = colours();
  document.body.className = 'vscode-dark';
  await Promise.resolve(); // the page is told of it after the change
  expect(light).not.toContain(null);
  expect(colours()[0]).not.toBe(light[0]);
  document.body.className = '';
});

test('curves off the simplex are refused, with the place', () => {
  const setup = setupOf('a', 'b');
  const panel = openBlend(setup, { curves: [[0, 1], [1, 0.5]] });
  panel.answer(forecastOf(setup, { layers: 2 }));
  expect(panel.text()).toContain('their sum is 1.5 (1 + 0.5) at 100 % of the layers, expected 1');
  panel.button('Save Soup').click();
  expect(panel.posted.some(({ type }) => type === 'save')).toBe(false);
});

const experiment = { name: 'lab', rewards: ['risky', 'cautious'], points: [{ weights: [0.5, 0.5], rewards: { risky: { mean: 2, ci: null, n: 8 }, cautious: { mean: 1, ci: null, n: 8 } } }], whyNoSweep: null };

test('the best λ for a preference is taken from the sweep, with what the sweep says of it', () => {
  const setup = { ...setupOf('a', 'b'), experiment };
  const panel = openBlend(setup);
  panel.answer(forecastOf(setup));
  panel.button('Best λ').click();
  expect(panel.posted.at(-1)).toEqual({ type: 'prefer', expression: 'mean(risky, cautious)' });
  panel.type('Preference', 'min(risky, cautious)');
  panel.button('Best λ').click();
  expect(panel.posted.at(-1)).toEqual({ type: 'prefer', expression: 'min(risky, cautious)' });
  panel.send({ type: 'preferred', weights: [0.25, 0.75], lines: ['λ = a 0.25, b 0.75', '  value 1.5'] });
  expect(panel.draft().weights).toEqual([0.25, 0.75]);
  expect(panel.text()).toContain('value 1.5');
  panel.send({ type: 'preferred', weights: null, lines: ['risk is not known'] });
  expect(panel.draft().weights).toEqual([0.25, 0.75]);
});

test('λ is added to the sweep of linear soups, and of no others', () => {
  const setup = { ...setupOf('a', 'b'), experiment };
  const panel = openBlend(setup);
  panel.answer(forecastOf(setup));
  panel.type('λ of a', '0.35');
  panel.button('Add λ to Sweep').click();
  expect(panel.posted.at(-1)).toEqual({ type: 'add-to-sweep', weights: [0.35, 0.65] });
  const posted = panel.posted.length;
  panel.toggle('Weights sum to 1');
  for (const [weight, why] of [['0.9', 'weights: their sum is 1.55 (0.9 + 0.65), expected 1'], ['much', 'λ of a: “much” is not a number']] as const) {
    panel.type('λ of a', weight);
    expect(panel.text()).toContain(`No λ can be added to the sweep: ${why}`);
    panel.button('Add λ to Sweep').click();
    expect(panel.posted.slice(posted).filter(({ type }) => type === 'add-to-sweep')).toEqual([]);
  }
  panel.type('λ of a', '0.35');
  panel.choose('Method', 'uniform');
  expect(panel.text()).toContain('Sweeps evaluate linear soups with one λ for all layers.');
  expect(panel.button('Add λ to Sweep').hasAttribute('disabled')).toBe(true);
});

test('more than three experts: linked sliders, and their weights as a radar', () => {
  const setup = setupOf('a', 'b', 'c', 'd');
  const panel = openBlend(setup, { weights: [0.4, 0.3, 0.2, 0.1] });
  panel.answer(forecastOf(setup));
  expect(panel.root.querySelector('.weight-spider')!.getAttribute('aria-label')).toBe('λ: a 0.4, b 0.3, c 0.2, d 0.1');
  const slider = panel.labelled('weight of d');
  slider.value = '0.55';
  slider.dispatchEvent(new Event('input'));
  expect(panel.draft().weights).toEqual([0.2, 0.15, 0.1, 0.55]);
});

test('the checkpoints of the head lead to the inspector, and keep the focus while a sweep goes on', () => {
  const setup = setupOf('a', 'b');
  const panel = openBlend(setup);
  const link = () => panel.root.querySelector<HTMLElement>('.panel-head [aria-label="b: Show b in the inspector"]')!;
  link().focus();
  panel.send({ type: 'setup', setup, draft: draftOf(setup), isFresh: false });
  expect(document.activeElement).toBe(link());
  link().click();
  expect(panel.posted.at(-1)).toEqual({ type: 'inspect', path: '/lab/b' });
  expect(panel.root.querySelector('.panel-head p')!.textContent).toBe('a (63 · f32) · b (63 · f32)');
});

test('what the preflight refuses is not previewed either, and the page says why', () => {
  const setup = setupOf('a', 'b');
  const panel = openBlend(setup);
  const isOffered = () => !panel.button('Open Preview').hasAttribute('disabled');
  const reason = () => panel.root.querySelector('.playground p')!.textContent;
  expect([isOffered(), reason()]).toEqual([false, 'Wait for the preflight.']);
  panel.answer(forecastOf(setup));
  expect([isOffered(), reason()]).toEqual([true, expect.stringContaining('side by side')]);
  panel.answer(forecastOf(setup, { findings: [{ check: 'tensors', level: 'problem', text: 'layers.0.weight has another shape in b' }], output: null }));
  expect([isOffered(), reason()]).toEqual([false, 'The preflight says what has to be mended first.']);
});

/** A preview of two experts that continues prompts. */
function openPlayground(prompt: string) {
  const setup = setupOf('a', 'b');
  const panel = openBlend(setup);
  panel.answer(forecastOf(setup));
  const settings = { maxNewTokens: 8, minNewTokens: 0, temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1, stop: [], chat: false, system: null, seed: 0 };
  const prompts = [prompt, 'second'].map((text) => ({ prompt: text, references: [], source: null }));
  panel.send({ type: 'preview', message: { type: 'opened', task: { type: 'text', settings, prompts, hasChatTemplate: false, contextLength: 64 }, experts: ['a', 'b'], base: '/lab/base', run: null, rewards: [], backend: 'wasm', device: 'CPU' } });
  return panel;
}

test('the list of prompts follows what is typed: another prompt is none of the experiment', () => {
  const panel = openPlayground('first');
  const field = panel.root.querySelector<HTMLTextAreaElement>('textarea.prompt')!;
  const list = panel.root.querySelector<HTMLElement & { value: string }>('vscode-dropdown[aria-label="Prompts of the experiment"]')!;
  const chosen = () => list.querySelector(`vscode-option[value="${list.value}"]`)?.textContent;
  const write = (text: string) => {
    field.value = text;
    field.dispatchEvent(new Event('input'));
  };
  expect([field.value, chosen()]).toEqual(['first', 'first']);
  write('first of all');
  expect(chosen()).toBe('another prompt');
  panel.choose('Prompts of the experiment', '1');
  expect([field.value, chosen(), list.textContent]).toEqual(['second', 'second', 'firstsecond']);
  write('first');
  expect(chosen()).toBe('first');
});

test('the soup stands first among those that answer', () => {
  const panel = openPlayground('first');
  panel.send({ type: 'preview', message: { type: 'started', id: 1, points: [{ kind: 'soup', name: 's', weights: { a: 0.5, b: 0.5 } }, { kind: 'init', name: 'init', weights: null }, { kind: 'expert', name: 'a', weights: { a: 1 } }, { kind: 'expert', name: 'b', weights: { b: 1 } }] } });
  expect([...panel.root.querySelectorAll('article')].map((card) => card.getAttribute('aria-label'))).toEqual(['soup a 0.5, b 0.5', 'base', 'expert a', 'expert b']);
});

test('distances whose measuring was stopped can be measured again', () => {
  const setup = setupOf('a', 'b');
  const panel = openBlend(setup);
  panel.answer(forecastOf(setup));
  const measure = panel.button('Measure distances');
  measure.click();
  panel.send({ type: 'work', text: 'Measuring distances', fraction: 0.5 });
  expect(measure.hidden).toBe(true);
  panel.send({ type: 'work', text: null, fraction: null });
  expect(measure.hidden).toBe(false);
});

test.each([['preferred', 'ties'], ['offered', 'slerp']] as const)('a λ that is %s is in sight: of a method that takes it, and the same in all layers', (how, method) => {
  const setup = setupOf('a', 'b');
  const panel = openBlend(setup, { method, curves: [[0, 1], [1, 0]] });
  panel.answer(forecastOf(setup));
  const weights = [0.25, 0.75];
  panel.send(how === 'preferred' ? { type: 'preferred', weights, lines: [] } : { type: 'setup', setup, draft: draftOf(setup, { weights }), isFresh: true });
  expect(panel.draft()).toMatchObject({ method: method === 'slerp' ? 'linear' : method, weights, curves: null });
  expect(panel.labelled('λ of b').value).toBe('0.75');
});

test('the button that takes the place of another one takes its focus', () => {
  const panel = openPlayground('first');
  panel.button('Close Preview').focus();
  panel.send({ type: 'preview-closed', problem: null });
  expect(document.activeElement).toBe(panel.button('Open Preview'));
  panel.button('Open Preview').click();
  expect(document.activeElement).toBe(panel.button('Close Preview'));
});
