import * as l10n from '@vscode/l10n';
import type { BlendDraft } from '../../src/merge/blend-draft';
import type { BaseChoice, BlendSetup, FromBlendPanel, ToBlendPanel } from '../../src/protocol/blend-panel';
import { linkButton, progressRing } from '../kit/controls';
import { element, setChildren, setText } from '../kit/element';
import type { Host } from '../kit/host';
import { lambdaSection } from './lambda-section';
import { methodSection } from './method-section';
import { outputSection } from './output-section';
import { playground } from './playground';
import { preferencePicker } from './preference';
import { preflightSection } from './preflight-section';
import { expertsOf, lambdaOf, lambdaProblem, methodOf, restoredState, stateFor, withCurves, withLambda, withMeasuredLambda, withMethod, withParameter, type BlendState } from './state';
import { pageWords } from './words';

/** How long a hand has to rest before its draft is forecast. */
const restMs = 150;

type Forecast = Extract<ToBlendPanel, { readonly type: 'forecast' }>;
type Distances = Extract<ToBlendPanel, { readonly type: 'distances' }>;

/** The page that makes a soup: what may be blended, how, with which λ, and what comes of it. */
export function mountBlend(root: HTMLElement, host: Host<ToBlendPanel, FromBlendPanel>): void {
  let setup: BlendSetup | null = null;
  let state: BlendState | null = null;
  let forecast: Forecast | null = null;
  let failure: string | null = null;
  let distances: Distances | null = null;
  let bases: readonly BaseChoice[] = [];
  let isMeasuring = false;
  let isWorking = false;
  let isSaving = false;
  const typed = new Map<string, string>();
  let draftId = 0;
  let previewed = '';
  let timer: ReturnType<typeof setTimeout> | undefined;

  const change = (next: Partial<BlendState>): void => {
    if (!state) return;
    state = { ...state, ...next };
    host.saveState(state);
    draw();
  };
  const redraft = (draft: BlendDraft): void => {
    change({ draft });
    clearTimeout(timer);
    timer = setTimeout(ask, restMs);
  };
  const ask = (): void => {
    if (!state) return;
    const draft = effective(state);
    host.post({ type: 'draft', id: ++draftId, draft });
    const key = JSON.stringify(previewWeights(draft));
    if (key !== previewed && whyNoPreview() === null) preview.moved();
    previewed = key;
  };
  /** The draft with the weights that are in use. */
  const effective = ({ draft }: BlendState): BlendDraft => {
    const experts = expertsOf(setup!, draft);
    return withLambda(draft, experts, lambdaOf(draft, experts));
  };
  const onTyping = (where: string) => (problem: string | null): void => {
    if (problem === null) typed.delete(where);
    else typed.set(where, problem);
    if (setup && state) draw();
  };
  const withDraft = (edit: (draft: BlendDraft) => BlendDraft): void => {
    if (state) redraft(edit(effective(state)));
  };

  const inspect = (path: string): void => host.post({ type: 'inspect', path });
  const title = element('h1', {}, l10n.t('Create Soup'));
  const inputs = element('p', { class: 'muted' });
  let shownInputs = '';
  const showInputs = (of: BlendSetup['inputs']): void => {
    const key = JSON.stringify(of);
    if (key === shownInputs) return;
    shownInputs = key;
    inputs.replaceChildren(...of.flatMap(({ path, name, description }, index) => [index > 0 ? ' · ' : '', linkButton({ label: name, title: l10n.t('Show {0} in the inspector', name), onClick: () => inspect(path) }), ` (${description})`]));
  };
  const readOnly = element('p', { class: 'notice', attributes: { hidden: true } });
  const preflight = preflightSection(() => {
    isMeasuring = true;
    if (state) host.post({ type: 'measure', draft: effective(state) });
    draw();
  });
  const method = methodSection({
    onMethod: (name) => withDraft((draft) => withMethod(setup!, draft, name)),
    onBase: (base) => {
      distances = null;
      withDraft((draft) => ({ ...draft, base }));
    },
    onParameter: (key, value) => withDraft((draft) => withParameter(draft, key, value)),
    onSeed: (seed) => withDraft((draft) => ({ ...draft, seed })),
    onTyping: onTyping('method'),
    onChooseBase: () => host.post({ type: 'choose-base' }),
    onChooseFisher: (input) => host.post({ type: 'choose-fisher', input }),
  });
  const lambda = lambdaSection({
    onLambda: (weights) => withDraft((draft) => withLambda(draft, expertsOf(setup!, draft), weights)),
    onCurves: (curves) => withDraft((draft) => withCurves(draft, expertsOf(setup!, draft), curves)),
    onLinked: (isLinked) => {
      change({ isLinked });
      if (isLinked) withDraft((draft) => ({ ...draft, extrapolate: false }));
    },
    onExtrapolate: (extrapolate) => withDraft((draft) => ({ ...draft, extrapolate })),
    onTyping: onTyping('λ'),
  });
  const preference = preferencePicker((expression) => change({ preference: expression }), (expression) => host.post({ type: 'prefer', expression }));
  const output = outputSection({
    onName: (name) => change({ name }),
    onDraft: (edit) => withDraft((draft) => ({ ...draft, ...edit })),
    onTyping: onTyping('output'),
    onSave: () => {
      if (!state || whyNot() !== null) return;
      isSaving = true;
      host.post({ type: 'save', draft: effective(state), name: state.name });
      draw();
    },
    onStop: () => host.post({ type: 'stop' }),
    onCopy: (as) => state && host.post({ type: 'copy', as, draft: effective(state), name: state.name }),
    onSweep: () => setup && state && offSimplex(setup, state.draft) === null && host.post({ type: 'add-to-sweep', weights: effective(state).weights }),
    onInspect: inspect,
    onReveal: (path) => host.post({ type: 'reveal', path }),
  });
  const preview = playground({
    onOpen: () => state && host.post({ type: 'open-preview', draft: effective(state) }),
    onClose: () => host.post({ type: 'close-preview' }),
    onAsk: (request) => state && host.post({ ...request, weights: previewWeights(effective(state)) }),
    onState: (kept) => change({ playground: kept }),
  });
  /** The uniform soup is that at equal weights. */
  const previewWeights = ({ method: name, weights }: BlendDraft): readonly number[] => (name === 'uniform' ? weights.map(() => 1 / weights.length) : weights);
  const page = element('div', { class: 'blend' },
    element('header', { class: 'panel-head' }, title, inputs, readOnly),
    element('div', { class: 'blend-parts' }, element('div', {}, lambda.element, preference.element, method.element), element('div', {}, preflight.element, output.element)), preview.element);

  /** Why these checkpoints cannot be blended, whatever the weights. */
  const refusal = (): string | null => {
    if (failure !== null) return pageWords(failure);
    if (!forecast) return l10n.t('Wait for the preflight.');
    return forecast.forecast.findings.some(({ level }) => level === 'problem') ? l10n.t('The preflight says what has to be mended first.') : null;
  };
  /** Why the soup cannot be saved as it stands. */
  const whyNot = (): string | null => {
    if (!setup || !state) return null;
    const { draft } = state;
    if (setup.whyReadOnly !== null) return setup.whyReadOnly;
    const [first] = typed.values();
    if (first !== undefined) return first;
    const experts = expertsOf(setup, draft);
    const issue = methodOf(setup, draft).takesWeights ? lambdaProblem(draft, experts, experts.map((index) => setup!.inputs[index]!.name)) : null;
    if (issue !== null) return issue;
    const refused = refusal();
    if (refused !== null) return refused;
    const problem = forecast?.forecast.problem ?? null;
    if (problem !== null) return pageWords(problem);
    return isSaving ? l10n.t('A soup is being made.') : null;
  };
  const whyNoPreview = (): string | null => {
    if (!setup || !state) return null;
    const { draft } = state;
    if (setup.whyReadOnly !== null) return setup.whyReadOnly;
    if (draft.method !== 'linear' && draft.method !== 'uniform') return l10n.t('The preview blends linearly; {0} has to be saved to be tried.', draft.method);
    if (draft.curves !== null) return l10n.t('The preview has one λ for all layers.');
    return refusal() ?? offSimplex(setup, draft);
  };
  const offSimplex = ({ inputs }: BlendSetup, draft: BlendDraft): string | null => {
    const experts = expertsOf(setup!, draft);
    return typed.get('λ') ?? lambdaProblem({ ...draft, extrapolate: false }, experts, experts.map((index) => inputs[index]!.name));
  };
  const draw = (): void => {
    if (!setup || !state) return;
    const { draft, name } = state;
    lambda.update(setup, state, forecast?.forecast.layers ?? 0);
    preference.update(setup.experiment, state.preference);
    method.update(setup, draft, bases);
    if (failure === null) preflight.update(forecast?.forecast ?? null, distances, isMeasuring || isWorking);
    else preflight.fail(failure);
    preview.update(setup, state.playground, whyNoPreview());
    output.update(setup, draft, name, { forecast: forecast?.forecast ?? null, seconds: forecast?.seconds ?? null, proposedName: forecast?.name ?? '', whyNot: whyNot(), offSimplex: offSimplex(setup, draft) });
  };
  const addBase = (choice: BaseChoice): void => {
    if (!bases.some(({ path }) => path === choice.path)) bases = [choice, ...bases];
  };

  root.replaceChildren(element('div', { class: 'waiting', attributes: { role: 'status' } }, progressRing(l10n.t('Loading')), l10n.t('Opening the checkpoints…')));
  host.listen((message) => {
    switch (message.type) {
      case 'setup':
        ({ setup } = message);
        bases = setup.bases;
        state = stateFor(message, state ?? restoredState(host.savedState()));
        host.saveState(state);
        if (state.draft.base !== null && !bases.some(({ path }) => path === state!.draft.base)) addBase({ path: state.draft.base, label: state.draft.base });
        showInputs(setup.inputs);
        readOnly.hidden = setup.whyReadOnly === null;
        setText(readOnly, setup.whyReadOnly ?? '');
        setChildren(root, page); // a sweep that goes on leaves the focus where it is
        draw();
        ask();
        break;
      case 'failure':
        root.replaceChildren(element('div', { class: 'failure', attributes: { role: 'alert' } }, message.message));
        break;
      case 'forecast':
        if (message.id < draftId) break; // a newer one is on the way
        forecast = message;
        failure = null;
        draw();
        break;
      case 'forecast-failure':
        if (message.id < draftId) break;
        forecast = null;
        failure = message.message;
        draw();
        break;
      case 'distances':
        distances = message;
        isMeasuring = false;
        draw();
        break;
      case 'work':
        isWorking = message.text !== null;
        isMeasuring &&= isWorking; // stopped: there is no answer
        output.work(message);
        draw();
        break;
      case 'base':
        addBase(message.choice);
        if (!message.isFound || state?.draft.base === null) withDraft((draft) => ({ ...draft, base: message.choice.path }));
        break;
      case 'fisher':
        withDraft((draft) => ({ ...draft, fishers: draft.inputs.map((_, index) => (index === message.input ? message.path : (draft.fishers[index] ?? ''))) }));
        break;
      case 'preferred':
        preference.answer(message);
        if (message.weights) withDraft((draft) => withMeasuredLambda(setup!, draft, message.weights!));
        break;
      case 'preview':
        preview.receive(message.message);
        break;
      case 'preview-closed':
        preview.closed(message.problem);
        break;
      case 'saved':
        isSaving = false;
        output.saved(message);
        change({ name: null });
        ask(); // the proposed name is taken now
        break;
      case 'told':
        isSaving = false;
        output.tell(pageWords(message.message), message.isProblem);
        draw();
        break;
    }
  });
  host.post({ type: 'ready' });
}
