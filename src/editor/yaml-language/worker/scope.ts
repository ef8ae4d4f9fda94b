import { parse } from 'yaml';
import { declaredMetric } from '../../../experiment/declared-metrics';
import type { ExpressionScope } from './work';

interface LenientFile {
  readonly task?: { readonly type?: unknown };
  readonly metrics?: Readonly<Record<string, unknown>>;
  readonly rewards?: Readonly<Record<string, unknown>>;
}

/** What of an experiment file its expressions may name. */
export function expressionScope(text: string): ExpressionScope {
  const { task, metrics, rewards } = parseLeniently(text);
  const checked = Object.entries(metrics ?? {}).map(([name, metric]) => [name, declaredMetric.safeParse(metric)] as const);
  return {
    task: task?.type,
    metrics: Object.fromEntries(checked.flatMap(([name, { data }]) => (data ? [[name, data]] : []))),
    rewards: Object.fromEntries(Object.entries(rewards ?? {}).map(([name, expression]) => [name, String(expression)])),
  };
}

function parseLeniently(text: string): LenientFile {
  try {
    const value: unknown = parse(text, { logLevel: 'silent' });
    return typeof value === 'object' && value !== null ? (value as LenientFile) : {};
  } catch {
    return {}; // the diagnostics say what is wrong
  }
}
