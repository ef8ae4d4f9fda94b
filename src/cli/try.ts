import path from 'node:path';
import { Command } from 'commander';
import { pointText } from '../analysis/simplex';
import { openCheckpoint } from '../checkpoint/checkpoint';
import { nameCheckpoints } from '../checkpoint/names';
import { SoupError } from '../errors';
import { parseNumbers, resolveWeights } from '../merge/weights';
import type { PreviewPoint, PreviewScore, PreviewSpace, PreviewTask, PreviewTextSettings, PreviewWeights } from '../protocol/preview';
import { Preview, type PreviewRequest } from '../runs/preview';
import { interruptible } from './interruption';
import { numberOption } from './options';

interface Flags {
  readonly weights?: string;
  readonly prompt?: string;
  readonly reference?: string;
  readonly source?: string;
  readonly base?: string;
  readonly space?: string;
  readonly maxNewTokens?: number;
  readonly temperature?: number;
  readonly chat?: boolean;
  readonly episodes: number;
  readonly seed?: number;
  readonly json?: boolean;
}

/** What was answered at one point. */
interface Tried extends PreviewPoint {
  text?: string;
  scores: readonly PreviewScore[];
}

/** `soup try CKPT… --weights a,b --prompt TEXT` */
export function tryCommand(): Command {
  return new Command('try')
    .description('Show what base, experts and their soup do, without writing anything: texts for a prompt, or episodes of a policy.')
    .argument('<checkpoints...>', 'experts: directories of language models, PEFT adapters or policies')
    .option('-w, --weights <list>', 'λ in the order of the checkpoints (0.3,0.7), or by expert name; the uniform soup by default')
    .option('-p, --prompt <text>', 'what is continued; by default the first prompt that the experts\' experiment keeps for its sweep')
    .option('--reference <text>', 'what metrics compare the continuation with')
    .option('--source <text>', 'the text that the continuation is about')
    .option('--base <checkpoint>', 'the shared initialisation; by default as the experts\' runs, or their adapters, say')
    .option('--space <space>', 'of LoRA adapters: factor or delta; by default as in their experiment')
    .option('--max-new-tokens <n>', 'longest continuation', numberOption('max-new-tokens', { from: 1, integer: true }))
    .option('--temperature <t>', '0 always takes the most likely token', numberOption('temperature', { from: 0 }))
    .option('--chat', 'wrap the prompt in the model\'s chat template')
    .option('--episodes <n>', 'of policies', numberOption('episodes', { from: 1, integer: true }), 8)
    .option('--seed <n>', 'of sampling, or of the episodes\' starts', numberOption('seed', { from: 0, integer: true }))
    .option('--json', 'print one JSON object on stdout')
    .action(async (checkpoints: string[], flags: Flags) => {
      const named = nameCheckpoints(await Promise.all(checkpoints.map((directory) => openCheckpoint(directory))));
      const names = named.map(({ name }) => name);
      const weights = weightsOf(flags.weights, names);
      const preview = new Preview({
        experts: named.map(({ name }, i) => ({ name, path: path.resolve(checkpoints[i]!) })),
        base: flags.base === undefined ? null : path.resolve(flags.base),
        space: spaceOption(flags.space),
        backend: 'auto',
      });
      try {
        const { task, ...opened } = await preview.opened;
        const request = requestOf(task, weights, flags);
        const points = await interruptible((signal) => {
          signal.addEventListener('abort', () => preview.cancel(), { once: true });
          return answersOf(preview, request);
        });
        process.stdout.write(flags.json ? `${JSON.stringify({ base: opened.base, run: opened.run, ...asked(request), points })}\n` : describe(request, points));
      } finally {
        await preview.close();
      }
    });
}

function weightsOf(text: string | undefined, names: readonly string[]): PreviewWeights {
  const values = text === undefined ? names.map(() => 1 / names.length) : resolveWeights(parseNumbers(text), names);
  return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
}

function spaceOption(text: string | undefined): PreviewSpace | null {
  if (text === undefined) return null;
  if (text === 'factor' || text === 'delta') return text;
  throw new SoupError('OptionError', `--space "${text}": give factor or delta`);
}

function requestOf(task: PreviewTask, weights: PreviewWeights, flags: Flags): PreviewRequest {
  if (task.type === 'locomotion') {
    if (flags.prompt !== undefined) throw new SoupError('OptionError', `--prompt: the experts are policies for ${task.environment}, which play episodes (--episodes)`);
    return { type: 'episodes', weights: [weights], episodes: flags.episodes, seed: flags.seed ?? 0 };
  }
  const { maxNewTokens, temperature, seed, chat } = flags;
  const changes = Object.entries({ maxNewTokens, temperature, seed, chat }).filter(([, value]) => value !== undefined);
  const settings: PreviewTextSettings = { ...task.settings, ...Object.fromEntries(changes) };
  const given = flags.prompt === undefined ? task.prompts[0] : { prompt: flags.prompt, references: [], source: null };
  if (!given) throw new SoupError('OptionError', '--prompt is missing: these checkpoints come with no experiment whose prompts could be taken');
  const prompt = { ...given, ...(flags.reference === undefined ? {} : { references: [flags.reference] }), ...(flags.source === undefined ? {} : { source: flags.source }) };
  return { type: 'text', prompt, weights: [weights], settings };
}

async function answersOf(preview: Preview, request: PreviewRequest): Promise<readonly Tried[]> {
  let points: Tried[] = [];
  await preview.ask(request, (answer) => {
    if (answer.type === 'started') points = answer.points.map((point) => ({ ...point, scores: [] }));
    else if (answer.type === 'text') points[answer.point]!.text = answer.text;
    else if (answer.type === 'scores') points[answer.point]!.scores = answer.scores;
  });
  return points;
}

function asked(request: PreviewRequest): object {
  return request.type === 'text' ? { prompt: request.prompt, settings: request.settings } : { episodes: request.episodes, seed: request.seed };
}

/** The texts one below the other, then a table with a row a reward or metric and a column a point. */
function describe(request: PreviewRequest, points: readonly Tried[]): string {
  const texts = points.flatMap((point) => (point.text === undefined ? [] : [`${pointText(point)}:`, ...point.text.split('\n').map((line) => `  ${line}`)]));
  const titles = points.map(pointText);
  const rows = points[0]!.scores.map(({ name, of, problem }, row) => [of === 'reward' ? `reward ${name}` : name, ...points.map(({ scores }) => cell(scores[row])), problem ?? '']);
  const widths = ['', ...titles].map((title, column) => Math.max(title.length, ...rows.map((cells) => cells[column]!.length)));
  const line = (cells: readonly string[]) => cells.map((text, column) => (column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column] ?? 0))).join('  ').trimEnd();
  const prompt = request.type === 'text' ? [`prompt: ${request.prompt.prompt}`, ''] : [`${request.episodes} episodes, means with their intervals at 95 %`];
  return [...prompt, ...texts, '', line(['', ...titles]), ...rows.map(line), ''].join('\n');
}

function cell(score: PreviewScore | undefined): string {
  if (score === undefined || score.value === null) return '–';
  const value = Number(score.value.toPrecision(4)).toString();
  return score.interval ? `${value} ±${((score.interval[1] - score.interval[0]) / 2).toPrecision(2)}` : value;
}
