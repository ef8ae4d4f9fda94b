import { isNullOr, isNumber, isObject, isOneOf, isPairOf, isText } from '../../protocol/check';
import { panelKinds, type CurveView, type FromPanel, type PanelKind, type PanelSelection, type PanelTarget } from '../../protocol/panels';

/** The target in a webview's saved state; null where a state is missing or of another version. */
export function targetOfState(state: unknown): PanelTarget | null {
  if (typeof state !== 'object' || state === null) return null;
  const { panel, source, title } = state as Record<string, unknown>;
  const isTarget = typeof panel === 'string' && isPanelKind(panel) && typeof source === 'string' && typeof title === 'string';
  return isTarget ? { panel, source, title } : null;
}

function isPanelKind(name: string): name is PanelKind {
  return (panelKinds as readonly string[]).includes(name);
}

/** A message of a panel, checked: a webview shows data of files, so nothing in it is taken on trust. Null for others. */
export function parseFromPanel(message: unknown): FromPanel | null {
  if (typeof message !== 'object' || message === null) return null;
  const candidate = message as Record<string, unknown>;
  switch (candidate.type) {
    case 'ready':
      return { type: 'ready' };
    case 'export': {
      const { name, format, content } = candidate;
      const isExport = typeof name === 'string' && typeof content === 'string' && (format === 'svg' || format === 'png' || format === 'csv');
      return isExport ? { type: 'export', name, format, content } : null;
    }
    case 'create-soup':
      return isWeights(candidate.weights) ? { type: 'create-soup', weights: candidate.weights } : null;
    case 'open-log':
      return typeof candidate.run === 'string' ? { type: 'open-log', run: candidate.run } : null;
    case 'inspect':
      return isSelection(candidate.selection) ? { type: 'inspect', selection: candidate.selection } : null;
    case 'view':
      return isView(candidate.view) ? { type: 'view', view: candidate.view } : null;
    default:
      return null;
  }
}

const isView = isObject<CurveView>({ group: isText, axis: isOneOf('step', 'samples', 'seconds'), range: isNullOr(isPairOf(isNumber, isNumber)) });

function isSelection(value: unknown): value is PanelSelection {
  if (typeof value !== 'object' || value === null) return false;
  return 'run' in value ? typeof value.run === 'string' : 'weights' in value && isWeights(value.weights);
}

function isWeights(value: unknown): value is Record<string, number> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((weight) => typeof weight === 'number' && Number.isFinite(weight));
}
