import { jStat } from 'jstat';
import { spread } from '../../analysis/mean-inference';
import type { PreviewPoint, PreviewScore } from '../../protocol/preview';
import type { CheckpointOrigin } from '../../runs/checkpoint-origin';
import type { EpisodeScore } from '../episodes';
import { evaluatePolicy } from '../evaluation';
import { blendPolicies } from '../models/blend-policies';
import type { GaussianPolicy } from '../models/policy';
import { readPolicy } from '../models/policy-checkpoint';
import { taskNamed } from '../tasks/registry';
import { compileRewards } from '../train';
import { turn, weightsOf, wrongRequest, type Previewer } from './previewer';

/** of the intervals of means */
const level = 0.95;
/** control steps of an episode where no experiment says */
const defaultEpisodeSteps = 1000;

export interface ControlPreviewOptions {
  readonly experts: Readonly<Record<string, string>>;
  readonly base: string | null;
  /** `task` of the policies' config.json */
  readonly environment: string;
  readonly origin: CheckpointOrigin | null;
}

/** Policies in memory, and one environment in which they play, episode k from the same start at every point. */
export async function openControlPreviewer({ experts, base, environment, origin }: ControlPreviewOptions): Promise<Previewer> {
  const task = taskNamed(environment);
  const sizes = { task: task.name, observationSize: task.observationSize, actionSize: task.actionSize };
  const names = Object.keys(experts);
  const policies: GaussianPolicy[] = [];
  for (const directory of Object.values(experts)) policies.push(await readPolicy(directory, sizes));
  const reference = base === null ? null : await readPolicy(base, sizes);
  const experiment = origin?.task.type === 'locomotion' && origin.task.environment === environment ? origin : null;
  const rewards = experiment ? compileRewards(experiment) : {};
  const episodeSteps = experiment?.task.type === 'locomotion' ? experiment.task.episodeSteps : defaultEpisodeSteps;
  const environments = await task.open(1);
  const policyOf = (point: PreviewPoint): GaussianPolicy => {
    if (point.kind === 'init') return reference!;
    const weights = weightsOf(point, names);
    return blendPolicies(policies.map((policy, i) => ({ policy, weight: weights[i]! })));
  };
  const kept = new Map<string, readonly EpisodeScore[]>();
  return {
    task: { type: 'locomotion', environment, episodeSteps },
    experts: names,
    base,
    backend: 'javascript',
    device: 'typed arrays on the CPU',
    async answer(point, request, tell, signal) {
      if (request.type !== 'episodes') throw wrongRequest(request.type, 'locomotion');
      const { episodes, seed } = request;
      const key = JSON.stringify([point.kind, point.name, point.weights, episodes, seed]);
      const scores = [...(kept.get(key) ?? [])];
      const say = () => {
        tell({ type: 'episodes', played: scores.length, of: episodes });
        tell({ type: 'scores', scores: meansOf(scores) });
      };
      if (scores.length > 0) return say();
      for (const wave of evaluatePolicy(environments, policyOf(point), { task, rewards, episodeSteps, episodes, seed })) {
        scores.push(...wave);
        say();
        await turn(signal);
      }
      kept.set(key, scores);
    },
    close: () => environments.close(),
  };
}

/** Means over episodes, with Student's interval from two on. */
function meansOf(episodes: readonly EpisodeScore[]): PreviewScore[] {
  const of = (kind: 'reward' | 'metric') => Object.keys(episodes[0]![kind]).map((name): PreviewScore => {
    const values = episodes.map((episode) => episode[kind][name]!);
    const { mean, deviation } = spread(values);
    const half = values.length < 2 ? null : (jStat.studentt.inv(1 - (1 - level) / 2, values.length - 1) * deviation) / Math.sqrt(values.length);
    return { name, of: kind, value: mean, interval: half === null ? null : [mean - half, mean + half], problem: null };
  });
  return [...of('reward'), ...of('metric')];
}
