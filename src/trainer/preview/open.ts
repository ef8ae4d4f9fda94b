import { stat } from 'node:fs/promises';
import path from 'node:path';
import { openCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint';
import { SoupError } from '../../errors';
import type { FromPreview, PreviewExpert, ToPreview } from '../../protocol/preview';
import { originOf, type CheckpointOrigin } from '../../runs/checkpoint-origin';
import { policyModelType } from '../../architecture/policy';
import { openControlPreviewer } from './control-previewer';
import type { Previewer } from './previewer';
import { openTextPreviewer } from './text-previewer';

export type Opening = Extract<ToPreview, { readonly type: 'open' }>;
export type Opened = Extract<FromPreview, { readonly type: 'opened' }>;

interface Expert extends PreviewExpert {
  readonly checkpoint: Checkpoint;
  readonly origin: CheckpointOrigin | null;
}

/**
 * Opens what a preview is asked of, with the experiment that its first checkpoint with a run belongs to.
 * @throws NotPreviewableError, MissingBaseError and what reading the checkpoints throws
 */
export async function openPreviewer({ experts: given, base, space, backend }: Opening): Promise<{ readonly previewer: Previewer; readonly opened: Opened }> {
  if (given.length === 0) throw notPreviewable('no expert was given', 'choose at least one checkpoint');
  const names = given.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw notPreviewable(`two experts are called ${twice}`, 'give each a name of its own');
  const experts: Expert[] = [];
  for (const expert of given) experts.push({ ...expert, checkpoint: await openWhole(expert.path), origin: await originOf(expert.path) });
  const environment = environmentOf(experts);
  const origin = experts.find((expert) => expert.origin?.task.type === (environment === null ? 'text' : 'locomotion'))?.origin ?? null;
  const start = base ?? (await sharedBase(experts));
  const paths = Object.fromEntries(experts.map(({ name, path: directory }) => [name, directory]));
  const previewer = environment === null
    ? await openTextPreviewer({ experts: paths, base: start, space, backend, origin })
    : await openControlPreviewer({ experts: paths, base: start, environment, origin });
  const { task, base: theta0, backend: used, device } = previewer;
  return { previewer, opened: { type: 'opened', task, experts: names, base: theta0, run: origin?.run ?? null, rewards: Object.keys(origin?.rewards ?? {}), backend: used, device } };
}

async function openWhole(directory: string): Promise<Checkpoint> {
  const checkpoint = await openCheckpoint(directory);
  if (checkpoint.adapted) throw notPreviewable(`${directory} is a base and an adapter`, 'give the adapter as the expert and the base as the base');
  if (checkpoint.directory === null || checkpoint.config === null) throw notPreviewable(`${directory} has no config.json that says which model its weights are of`, 'choose the whole directory of a model, an adapter or a policy');
  return checkpoint;
}

/** The environment that policies act in; null for language models. @throws NotPreviewableError where there are both, or two environments */
function environmentOf(experts: readonly Expert[]): string | null {
  const environments = experts.map(({ checkpoint: { config } }) => (config!.model_type === policyModelType ? String(config!.task) : null));
  const other = environments.findIndex((environment) => environment !== environments[0]);
  const say = (i: number) => `${experts[i]!.name} is ${environments[i] === null ? 'a language model' : `a policy for ${environments[i]}`}`;
  if (other > 0) throw notPreviewable(`${say(0)} and ${say(other)}`, 'choose experts of one task');
  return environments[0]!;
}

/**
 * θ₀ as the runs of the experts say, or their adapters' configs; null where whole weights say nothing.
 * @throws MissingBaseError where adapters name no base that is here, or different ones
 */
async function sharedBase(experts: readonly Expert[]): Promise<string | null> {
  const bases = new Set<string>();
  let lacking: string | null = null;
  for (const expert of experts) {
    const found = await firstDirectory(candidates(expert));
    if (found !== null) bases.add(found);
    else if (expert.checkpoint.kind === 'adapter') lacking ??= `${expert.path} is an adapter, and ${namedBase(expert) === undefined ? 'does not say of which base' : `its base ${namedBase(expert)} is not here`}`;
  }
  const isOfAdapters = experts.some(({ checkpoint }) => checkpoint.kind === 'adapter');
  if (bases.size > 1 && isOfAdapters) throw missingBase(`the adapters are of different bases (${[...bases].join(', ')})`);
  if (bases.size === 1) return [...bases][0]!;
  if (lacking !== null) throw missingBase(lacking);
  return null;
}

/** Where θ₀ may lie, surest first: as the run noted it, beside the run where all has moved, as the adapter says it. */
function candidates(expert: Expert): string[] {
  const { origin, path: directory } = expert;
  const named = namedBase(expert);
  return [
    ...(origin?.base == null ? [] : [origin.base, path.join(origin.run, '..', '..', path.basename(origin.base)), path.join(origin.run, '..', path.basename(origin.base))]),
    ...(named === undefined ? [] : [path.resolve(directory, named)]),
  ];
}

function namedBase({ checkpoint: { kind, config } }: Expert): string | undefined {
  const named = config?.base_model_name_or_path;
  return kind === 'adapter' && typeof named === 'string' ? named : undefined;
}

async function firstDirectory(paths: readonly string[]): Promise<string | null> {
  for (const directory of paths) if (await stat(directory).then((stats) => stats.isDirectory(), () => false)) return directory;
  return null;
}

function missingBase(what: string): SoupError {
  return new SoupError('MissingBaseError', `${what} — name the base that they were trained on (--base)`);
}

function notPreviewable(what: string, advice: string): SoupError {
  return new SoupError('NotPreviewableError', `cannot be previewed: ${what} — ${advice}`);
}
