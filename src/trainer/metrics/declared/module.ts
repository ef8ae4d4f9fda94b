import { pathToFileURL } from 'node:url';
import { SoupError } from '../../../errors';
import type { DeclaredMetric } from '../../../experiment/declared-metrics';
import type { Measure, TextSample } from '../metric';
import { checkedScores } from './checked-scores';

type UserFunction = (samples: readonly TextSample[]) => unknown;

/**
 * A metric from a JavaScript module of the user's: its default export gets samples and gives as many numbers, or a
 * promise of them.
 * @throws SoupError MetricModuleError where the module cannot be loaded or exports no function, and where it throws
 */
export async function moduleMetric(name: string, { file }: Extract<DeclaredMetric, { type: 'module' }>): Promise<Measure> {
  const measure = await load(name, file);
  return async (samples) => {
    try {
      return checkedScores(name, file, await measure(samples), samples.length);
    } catch (error) {
      if (error instanceof SoupError) throw error;
      throw moduleError(name, file, `threw: ${messageOf(error)}`, error);
    }
  };
}

async function load(name: string, file: string): Promise<UserFunction> {
  let loaded: { default?: unknown };
  try {
    loaded = (await import(pathToFileURL(file).href)) as { default?: unknown };
  } catch (error) {
    throw moduleError(name, file, `cannot be loaded: ${messageOf(error)}`, error);
  }
  // a CommonJS module's exports are the default, and may have a default of their own
  const own = loaded.default;
  const measure = typeof own === 'function' ? own : (own as { default?: unknown } | undefined)?.default;
  if (typeof measure !== 'function') throw moduleError(name, file, 'has no function as its default export');
  return measure as UserFunction;
}

function moduleError(name: string, file: string, what: string, cause?: unknown): SoupError {
  return new SoupError('MetricModuleError', `metrics.${name}: ${file} ${what}. It should say: export default async (samples) => samples.map(({ text }) => …).`, { cause });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
