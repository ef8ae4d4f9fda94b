import * as l10n from '@vscode/l10n';
import { expressionConstants, expressionFunctions } from '../../experiment/expression-functions';
import { metricsOf, progress, type Metric } from '../../experiment/metrics';
import { taskTypes } from '../../experiment/tasks/registry';
import type { ExpressionScope } from '../yaml-language/worker/work';
import type { ExpressionName } from './expression-context';

/** Every name that an expression of a file may use: the task's metrics, `progress`, the file's rewards, functions and constants. */
export function expressionNames({ task, metrics, rewards }: ExpressionScope): ExpressionName[] {
  const type = taskTypes.find((name) => name === task) ?? taskTypes[0]!;
  return [
    ...[...metricsOf({ task: { type }, metrics }), progress].map(ofMetric),
    ...Object.entries(rewards).map(([name, expression]): ExpressionName => ({ name, kind: 'reward', detail: expression, description: l10n.t('Reward of this experiment.') })),
    ...Object.entries(expressionFunctions).map(([name, { description }]): ExpressionName => ({ name, kind: 'function', detail: description.split(': ')[0]!, description: description.split(': ').slice(1).join(': ') })),
    ...Object.entries(expressionConstants).map(([name, value]): ExpressionName => ({ name, kind: 'constant', detail: String(value), description: l10n.t('Constant.') })),
  ];
}

function ofMetric({ name, unit, description }: Metric): ExpressionName {
  return { name, kind: 'metric', detail: unit ? l10n.t('metric, {0}', unit) : l10n.t('metric'), description };
}
