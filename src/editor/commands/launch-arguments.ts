import type { BackendSetting } from '../contributions';
import type { ExperimentTarget } from './experiment-target';

export type Verb = 'run' | 'train' | 'sweep';

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
