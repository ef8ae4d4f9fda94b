import type { DeclaredMetric } from '../../../experiment/declared-metrics';
import type { OpenBackend } from '../../backend/backend';
import type { Measure } from '../metric';
import { classifierMetric } from './classifier';
import { moduleMetric } from './module';
import { perplexityMetric } from './perplexity';
import { serverMetric } from './server';

type Openers = { readonly [T in DeclaredMetric['type']]: (name: string, settings: Extract<DeclaredMetric, { type: T }>, backend: OpenBackend) => Measure | Promise<Measure> };

/** One line a kind of metric that an experiment file may declare. */
const openers: Openers = {
  classifier: classifierMetric,
  server: serverMetric,
  module: moduleMetric,
  perplexity: perplexityMetric,
};

/** @throws the errors of that kind */
export async function openDeclaredMetric<T extends DeclaredMetric['type']>(name: string, settings: Extract<DeclaredMetric, { type: T }>, backend: OpenBackend): Promise<Measure> {
  return (openers[settings.type] as Openers[T])(name, settings, backend);
}
