import { isEither, isFlag, isNullOr, isNumber, isObject, isOneOf, isPairOf, isRecordOf, isText, messageReader, type Check, type Reader } from './check';
import { panelKinds, type CurveView, type FromPanel, type PanelKind, type PanelSelection, type PanelTarget, type ToPanel } from './panels';
import { snapshotChecks } from './snapshot-checks';

/** A panel's saved state: what to restore after a reload, and the choices of its controls, which only the panel reads. */
export type PanelState = PanelTarget & { readonly version: 1; readonly view: unknown };

const isTarget = isObject<PanelTarget>({ panel: isOneOf(...panelKinds), source: isText, title: isText });

/** The target in a saved state; null where a state is missing, broken or of another version. */
export function targetOfState(state: unknown): PanelTarget | null {
  if (!isTarget(state) || (state as Partial<PanelState>).version !== 1) return null;
  const { panel, source, title } = state;
  return { panel, source, title };
}

/** What the panels of a kind read. */
export function panelReader<K extends PanelKind>(kind: K): Reader<ToPanel<K>> {
  const isOwn: Check<PanelTarget> = (value, wrong): value is PanelTarget => isTarget(value, wrong) && value.panel === kind;
  return messageReader<ToPanel>({ snapshot: { target: isOwn, hasCheckpoints: isFlag, snapshot: snapshotChecks[kind] as Check<unknown> as Check<ToPanelSnapshot> }, failure: { message: isText } }) as Reader<ToPanel<K>>;
}
type ToPanelSnapshot = Extract<ToPanel, { readonly type: 'snapshot' }>['snapshot'];

const isWeights = isRecordOf(isNumber);
const isSelection: Check<PanelSelection> = isEither(isObject<{ readonly run: string }>({ run: isText }), isObject<{ readonly weights: Readonly<Record<string, number>> }>({ weights: isWeights }));

/** What the host reads. */
export const readFromPanel = messageReader<FromPanel>({
  ready: {},
  export: { name: isText, format: isOneOf('svg', 'png', 'csv'), content: isText },
  'create-soup': { weights: isWeights },
  'open-log': { run: isText },
  inspect: { selection: isSelection, isAskedFor: isFlag },
  view: { view: isObject<CurveView>({ group: isText, axis: isOneOf('step', 'samples', 'seconds'), range: isNullOr(isPairOf(isNumber, isNumber)) }) },
});
