import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { resolveSource } from '../../src/editor/panels/source';
import type { LanguageId } from '../../src/editor/yaml-language/worker/work';
import { threadsOf, type Surface } from './rows';

const words = { default: 'Default', oneOf: 'One of' };

/** Problems and hovers of long files, and what opening a panel on an experiment file, and starting one, has to know of it. */
export const timeYaml: Surface = async (rows, directory, settings) => {
  const { linguist } = threadsOf(settings);
  const head = 'name: large\ntask: { type: locomotion, environment: half-cheetah }\nrewards: { fast: velocity, thrifty: velocity - energy }\ntrain: { algorithm: ppo, steps: 1000 }\nvariants:\n';
  const experiment = head + Array.from({ length: settings.lines / 2 }, (_, index) => `  v${index}:\n    seed: ${index}\n`).join('');
  const mergekit = `merge_method: ties\nmodels:\n${Array.from({ length: settings.lines / 4 }, (_, index) => `  - model: ./expert-${index}\n    parameters:\n      weight: ${index}\n      density: 0.5\n`).join('')}`;
  const file = path.join(directory, 'soup.yaml');
  writeFileSync(file, experiment);
  await linguist.run({ kind: 'scope' as const, text: head }); // the thread has started
  const problems = (language: LanguageId, text: string) => () => linguist.run({ kind: 'problems' as const, language, text, file: language === 'experiment' ? file : null });
  const hover = (language: LanguageId, text: string, key: string) => () => linguist.run({ kind: 'hover' as const, language, text, offset: text.lastIndexOf(key), words });
  const what = (name: string): string => `${name} of ${settings.lines} lines`;
  await rows.time(`${what('experiment file')}: problems`, problems('experiment', experiment));
  await rows.time(`${what('experiment file')}: problems, one every other line`, problems('experiment', experiment.replaceAll('seed', 'sead')));
  await rows.time(`${what('experiment file')}: hover`, hover('experiment', experiment, 'seed'));
  await rows.time(`${what('experiment file')}: opening a panel on it`, () => resolveSource(file, linguist));
  await rows.time(`${what('experiment file')}: starting it`, () => linguist.run({ kind: 'experiment' as const, target: { experimentFile: file, variant: null }, isToStart: true }));
  await rows.time(`${what('mergekit configuration')}: problems`, problems('mergekit', mergekit));
  await rows.time(`${what('mergekit configuration')}: hover`, hover('mergekit', mergekit, 'density'));
};
