import type { BackendSetting } from '../contributions';
import type { ExperimentTarget } from './experiment-target';

const verbs = ['run', 'train', 'sweep'] as const;
export type Verb = (typeof verbs)[number];

/**
 * The verb that an experiment was last started with, and goes on with.
 * @param argv of its run record: Node, `soup`, the verb, …
 */
export function verbOf(argv: readonly string[]): Verb {
  return verbs.find((verb) => verb === argv[2]) ?? 'run';
}

/** The command line of `soup` for a verb of the editor, with the user's settings. `only` names trainings. */
export function launchArguments(verb: Verb, { experimentFile, variant }: ExperimentTarget, options: { readonly jobs: number; readonly backend: BackendSetting; readonly only?: readonly string[] }): string[] {
  const { jobs, backend, only = [] } = options;
  return [
    verb,
    experimentFile,
    ...(variant === null ? [] : ['--variant', variant]),
    ...(only.length === 0 ? [] : ['--only', ...only]),
    ...(jobs === 0 || verb === 'sweep' ? [] : ['--jobs', String(jobs)]),
    ...(backend === 'experiment' ? [] : ['--backend', backend]),
  ];
}
