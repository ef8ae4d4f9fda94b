import * as l10n from '@vscode/l10n';
import { flatCurves, normalisedLambda, resampledCurves, uniformLambda, vertexLambda, withLinkedWeight, type Curves } from '../../src/analysis/linked-weights';
import type { BlendSetup, MeasuredPoint } from '../../src/protocol/blend-panel';
import { button, checkbox, toolbar } from '../kit/controls';
import { element, setAttribute, setChildren, setText } from '../kit/element';
import { measuredBasis, measuredText } from '../kit/measured';
import { numberField, type NumberField } from '../kit/number-field';
import { curveEditor } from './layer-curves';
import { segmentPicker, type LambdaPicker } from './segment';
import { curvesOf, expertsOf, lambdaOf, lambdaProblem, methodOf, type BlendState } from './state';
import { trianglePicker } from './triangle';
import { weightSpider } from './weight-spider';

export interface LambdaActions {
  readonly onLambda: (lambda: readonly number[]) => void;
  readonly onCurves: (curves: Curves | null) => void;
  readonly onLinked: (isLinked: boolean) => void;
  readonly onExtrapolate: (extrapolate: boolean) => void;
  /** something is typed that is no λ, or no longer */
  readonly onTyping: (problem: string | null) => void;
}

export interface LambdaSection {
  readonly element: HTMLElement;
  /** @param layers of the checkpoints; 0 while that is not known */
  update(setup: BlendSetup, state: BlendState, layers: number): void;
}

/** points that a curve begins with */
const firstPoints = 3;

interface Row {
  readonly element: HTMLElement;
  readonly slider: HTMLInputElement;
  readonly field: NumberField;
}

/** λ: on a segment for two experts, in a triangle for three, on linked sliders for more; numbers beside all of them. */
export function lambdaSection({ onLambda, onCurves, onLinked, onExtrapolate, onTyping }: LambdaActions): LambdaSection {
  let lambda: readonly number[] = [];
  let isLinked = true;
  let known = '';
  let rows: readonly Row[] = [];
  let picker: LambdaPicker | null = null;
  let shownCurves: Curves | null = null;

  const set = (index: number, value: number): void => onLambda(isLinked ? withLinkedWeight(lambda, index, value) : lambda.map((weight, other) => (other === index ? value : weight)));
  const row = (name: string, index: number): Row => {
    const slider = element('input', { attributes: { type: 'range', min: 0, max: 1, step: 0.01, 'aria-label': l10n.t('weight of {0}', name) }, on: { input: () => set(index, slider.valueAsNumber) } });
    const field = numberField({
      label: l10n.t('λ of {0}', name), isLabelShown: false, onProblem: onTyping,
      check: (value) => (isLinked && (value < 0 || value > 1) ? l10n.t('{0} has {1}: weights that sum to 1 lie between 0 and 1', name, value) : null),
      onChange: (value) => set(index, value!),
    });
    return { element: element('div', { class: 'weight-row' }, element('span', { class: 'weight-name', attributes: { title: name } }, name), slider, field.element), slider, field };
  };

  const pick = element('div');
  const list = element('div', { class: 'weight-rows' });
  const presets = element('div', { class: 'presets' });
  const problem = element('p', { class: 'notice', attributes: { role: 'alert', hidden: true } });
  const note = element('p', { class: 'muted', attributes: { role: 'status' } });
  const linked = checkbox(l10n.t('Weights sum to 1'), true, onLinked) as HTMLElement & { checked: boolean };
  const outside = checkbox(l10n.t('Allow points outside the simplex'), false, onExtrapolate) as HTMLElement & { checked: boolean };
  const normalise = button({ label: l10n.t('Normalise'), title: l10n.t('Normalise: rescale the weights so that they sum to 1'), onClick: () => onLambda(normalisedLambda(lambda)) });
  const curves = curveEditor({
    // a curve begins as the λ that it replaces
    onCurves: (next) => onCurves(next?.length === 0 ? flatCurves(lambda, firstPoints) : next),
    onPoints: (points) => onCurves(resampledCurves(shownCurves ?? flatCurves(lambda, points), points)),
    onTyping,
  });
  const noWeights = element('p', { class: 'muted' });

  return {
    element: element('section', { attributes: { 'aria-label': l10n.t('Weights') } }, element('h2', {}, l10n.t('Weights {0}', 'λ')), noWeights, pick, list, element('div', { class: 'controls' }, linked, outside, normalise), presets, curves.element, problem, note),
    update(setup, state, layers) {
      const { draft } = state;
      const experts = expertsOf(setup, draft);
      const method = methodOf(setup, draft);
      const names = experts.map((index) => setup.inputs[index]!.name);
      ({ isLinked } = state);
      lambda = lambdaOf(draft, experts);
      const isAsked = method.takesWeights && experts.length > 0;
      shownCurves = isAsked ? curvesOf(draft, experts) : null;
      linked.hidden = !isAsked;
      for (const part of [pick, list, presets, note]) part.hidden = !isAsked || shownCurves !== null;
      curves.element.hidden = !isAsked || (layers < 2 && shownCurves === null);
      noWeights.hidden = isAsked;
      setText(noWeights, method.parameters.length > 0 ? l10n.t('{0} takes no weights: all experts count alike, and its parameters say the rest.', method.name) : l10n.t('{0} takes no weights: all experts count alike.', method.name));
      const issue = isAsked ? lambdaProblem(draft, experts, names) : null;
      problem.hidden = issue === null;
      setText(problem, issue ?? '');
      outside.hidden = !isAsked || isLinked || method.name !== 'linear';
      normalise.hidden = !isAsked || isLinked || shownCurves !== null;
      if (linked.checked !== isLinked) linked.checked = isLinked;
      if (outside.checked !== draft.extrapolate) outside.checked = draft.extrapolate;
      if (!isAsked) return;

      curves.update(names, shownCurves, layers, isLinked);
      const key = JSON.stringify(names);
      if (key !== known) {
        known = key;
        rows = names.map(row);
        picker = names.length === 2 ? segmentPicker(onLambda) : names.length === 3 ? trianglePicker(onLambda) : names.length > 3 ? weightSpider() : null;
        setChildren(pick, picker?.element);
        setChildren(list, ...rows.map((line) => line.element));
        presets.replaceChildren(toolbar(l10n.t('Presets'),
          button({ label: l10n.t('Uniform'), title: l10n.t('Uniform: equal weights'), onClick: () => onLambda(uniformLambda(names.length)) }),
          ...names.map((name, index) => button({ label: name, title: l10n.t('All weight on {0}', name), onClick: () => onLambda(vertexLambda(names.length, index)) }))));
      }
      pick.hidden = shownCurves !== null || (!isLinked && names.length < 4) || picker === null;
      const measured = (setup.experiment?.points ?? []).map((point) => ({ ...point, weights: experts.map((index) => point.weights[index]!) }));
      picker?.update(names, lambda, measured.map(({ weights }) => weights));
      for (const [index, { slider, field }] of rows.entries()) {
        const weight = lambda[index]!;
        slider.hidden = names.length < 3;
        setAttribute(slider, 'step', Number.isInteger(Number((weight * 100).toFixed(6))) ? 0.01 : 'any');
        if (slider.valueAsNumber !== weight) slider.value = String(weight);
        setAttribute(slider, 'aria-valuetext', String(weight));
        field.update(weight);
      }
      setText(note, lambdaNote(lambda, names, measured, method.name === 'linear' && draft.extrapolate));
    },
  };
}

/** Where λ lies, and what the sweep has measured there. */
export function lambdaNote(lambda: readonly number[], names: readonly string[], measured: readonly MeasuredPoint[], mayBeOutside: boolean): string {
  const sum = lambda.reduce((total, weight) => total + weight, 0);
  const isOutside = lambda.some((weight) => weight < 0) || Math.abs(sum - 1) > 1e-6;
  const point = measured.find(({ weights }) => weights.every((weight, index) => Math.abs(weight - lambda[index]!) < 1e-6));
  return [
    ...(mayBeOutside && isOutside ? [l10n.t('This λ lies outside the simplex of {0}: an extrapolation, for which nothing in the paper speaks.', names.join(', '))] : []),
    ...(point ? [l10n.t('Measured here: {0}.', Object.entries(point.rewards).map(([reward, mean]) => `${reward} ${measuredText(mean)}`).join(', ')), measuredBasis(Object.values(point.rewards))] : measured.length > 0 ? [l10n.t('Not measured at this λ.')] : []),
  ].join(' ');
}
