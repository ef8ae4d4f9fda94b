import * as l10n from '@vscode/l10n';
import { parse } from 'yaml';
import { expressionConstants, expressionFunctions } from '../../experiment/expression-functions';
import { metricsOf, progress, type Metric } from '../../experiment/metrics';
import { declaredMetric, type DeclaredMetrics } from '../../experiment/declared-metrics';
import { taskTypes } from '../../experiment/tasks/registry';
import type { ExpressionName } from './expression-context';

/**
 * Every name that an expression of this file may use: the task's metrics, `progress`, the file's rewards, functions and
 * constants. A file that cannot be parsed at the moment has no rewards.
 */
export function expressionNames(text: string): ExpressionName[] {
  const file = parseLeniently(text);
  const type = taskTypes.find((name) => name === file.task?.type) ?? taskTypes[0]!;
  return [
    ...[...metricsOf({ task: { type }, metrics: declaredIn(file) }), progress].map(ofMetric),
    ...Object.entries(file.rewards ?? {}).map(([name, expression]): ExpressionName => ({ name, kind: 'reward', detail: String(expression), description: l10n.t('Reward of this experiment.') })),
    ...Object.entries(expressionFunctions).map(([name, { description }]): ExpressionName => ({ name, kind: 'function', detail: description.split(': ')[0]!, description: description.split(': ').slice(1).join(': ') })),
    ...Object.entries(expressionConstants).map(([name, value]): ExpressionName => ({ name, kind: 'constant', detail: String(value), description: l10n.t('Constant.') })),
  ];
}

function ofMetric({ name, unit, description }: Metric): ExpressionName {
  return { name, kind: 'metric', detail: unit ? l10n.t('metric, {0}', unit) : l10n.t('metric'), description };
}

interface LenientFile {
  readonly task?: { readonly type?: unknown };
  readonly metrics?: Readonly<Record<string, unknown>>;
  readonly rewards?: Readonly<Record<string, unknown>>;
}

/** The declared metrics that are right already. */
function declaredIn({ metrics }: LenientFile): DeclaredMetrics {
  const checked = Object.entries(metrics ?? {}).map(([name, metric]) => [name, declaredMetric.safeParse(metric)] as const);
  return Object.fromEntries(checked.flatMap(([name, { data }]) => (data ? [[name, data]] : [])));
}

function parseLeniently(text: string): LenientFile {
  try {
    const value: unknown = parse(text, { logLevel: 'silent' });
    return typeof value === 'object' && value !== null ? (value as LenientFile) : {};
  } catch {
    return {}; // the diagnostics say what is wrong
  }
}
