import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { selectWeights } from '../analysis/selection';
import { openCheckpoint } from '../checkpoint/checkpoint';
import { nameCheckpoints } from '../checkpoint/names';
import { withoutTiedHead } from '../checkpoint/tied';
import { SoupError } from '../errors';
import { blend } from '../merge/blend';
import { greedySoup, type GreedySoup } from '../merge/greedy-soup';
import { checkedOutput } from '../merge/output-directory';
import { preflight } from '../merge/preflight';
import { parseNumbers } from '../merge/weights';
import { killTree } from '../runs/kill-tree';
import { interruptible } from './interruption';
import { pointsOf } from './results-source';

interface Flags {
  readonly evaluate?: string;
  readonly scores?: string;
  readonly results?: string;
  readonly preference?: string;
  readonly output: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

type Evaluate = (members: readonly string[]) => Promise<number>;

/** `soup greedy CKPT… --evaluate COMMAND -o DIR` */
export function greedyCommand(): Command {
  return new Command('greedy')
    .description('Greedy model soup: averages checkpoints as long as a held-out score does not fall.')
    .argument('<checkpoints...>', 'safetensors files or checkpoint directories')
    .option('--evaluate <command>', 'shell command that scores the checkpoint whose path is in $SOUP; the last number that it prints is the score, higher being better')
    .option('--scores <list>', 'scores of the checkpoints that are known already, by name: risky=0.71,cautious=0.69')
    .option('--results <results>', 'instead of a command: evaluated points that hold the means of the experts in question')
    .option('--preference <expression>', 'with --results: what is scored, such as "0.7*risky + 0.3*cautious"')
    .requiredOption('-o, --output <directory>', 'directory to make')
    .option('--force', 'move a non-empty output aside instead of refusing')
    .option('--json', 'print one JSON object on stdout')
    .action(async (checkpoints: string[], flags: Flags) => {
      const opened = nameCheckpoints(await Promise.all(checkpoints.map(async (file) => withoutTiedHead(await openCheckpoint(file)))));
      // what would be refused after the evaluations is refused before them
      await checkedOutput(flags.output, flags.force ?? false, opened.map(({ checkpoint }) => checkpoint));
      await preflight(opened, null);
      const paths = new Map(opened.map(({ name }, i) => [name, checkpoints[i]]));
      const inputsOf = (members: readonly string[]) => members.map((name) => paths.get(name) ?? name);
      const soup = await interruptible(async (signal) => {
        const mean = (members: readonly string[], output: string, force?: boolean) => blend({ inputs: inputsOf(members), weights: members.map(() => 1 / members.length), method: 'uniform', output, force, signal });
        const found = await greedySoup([...paths.keys()], knownScores(flags.scores, [...paths.keys()]), said(await evaluator(flags, inputsOf, mean, signal)));
        const { warnings } = await mean(found.members, flags.output, flags.force);
        for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
        return found;
      });
      process.stdout.write(flags.json ? `${JSON.stringify({ output: flags.output, ...soup })}\n` : describe(flags.output, soup));
    });
}

function knownScores(text: string | undefined, names: readonly string[]): Readonly<Record<string, number>> {
  if (text === undefined) return {};
  const scores = parseNumbers(text);
  if (Array.isArray(scores)) throw new SoupError('OptionError', `--scores ${text}: write them by name, as ${names[0]}=0.7`);
  const keyed = scores as Readonly<Record<string, number>>;
  const unknown = Object.keys(keyed).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new SoupError('OptionError', `--scores: ${unknown} is no checkpoint of this call — they are ${names.join(', ')}`);
  return keyed;
}

async function evaluator({ evaluate, results, preference, output }: Flags, inputsOf: (members: readonly string[]) => readonly string[], mean: (members: readonly string[], output: string) => Promise<unknown>, signal: AbortSignal): Promise<Evaluate> {
  if ((evaluate === undefined) === (results === undefined)) throw new SoupError('OptionError', 'give either --evaluate with a command, or --results with a --preference');
  if (results !== undefined) return evaluatedMeans(results, preference);
  return async (members) => {
    if (members.length === 1) return score(evaluate ?? '', inputsOf(members)[0], signal);
    const parent = path.dirname(path.resolve(output));
    await mkdir(parent, { recursive: true });
    const directory = await mkdtemp(path.join(parent, '.soup-candidate-'));
    try {
      await mean(members, path.join(directory, 'soup'));
      return await score(evaluate ?? '', path.join(directory, 'soup'), signal);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  };
}

/** Scores of means that a sweep has evaluated already. */
async function evaluatedMeans(results: string, preference: string | undefined): Promise<Evaluate> {
  if (preference === undefined) throw new SoupError('OptionError', '--results needs a --preference: which reward, or which expression of rewards, is the score');
  const { points } = await pointsOf(results);
  const { candidates } = selectWeights(points, preference);
  return (members) => {
    const share = 1 / members.length;
    const found = candidates.find(({ weights }) => Object.entries(weights).every(([name, weight]) => Math.abs(weight - (members.includes(name) ? share : 0)) < 1e-6) && members.every((name) => name in weights));
    if (!found) throw new SoupError('NotEvaluatedError', `${results}: holds no mean of ${members.join(', ')} — evaluate λ = ${members.map((name) => `${name}=${share.toPrecision(4)}`).join(',')} (soup sweep), or pass --evaluate`);
    return Promise.resolve(found.value);
  };
}

/** Runs the user's command on a checkpoint. @returns the last number that it printed */
function score(command: string, checkpoint: string, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (what: string) => reject(new SoupError('EvaluationError', `--evaluate: ${what} (SOUP=${checkpoint}) — run it by hand to see why`, { isInput: false }));
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, SOUP: path.resolve(checkpoint) } });
    // the shell's children as well
    const stop = () => void (child.pid !== undefined && killTree(child.pid, 'SIGTERM'));
    signal.addEventListener('abort', stop, { once: true });
    let printed = '';
    child.stdout.on('data', (data: Buffer) => (printed += data.toString()));
    child.on('error', (error) => failed(error.message));
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) return reject(new SoupError('InterruptedError', 'interrupted'));
      const last = /.*(?<![\w.])([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?![\w.])/is.exec(printed)?.[1];
      if (code !== 0) failed(`the command ended with code ${code}`);
      else if (last === undefined) failed('the command printed no number');
      else resolve(Number(last));
    });
  });
}

/** Tells every score on stderr as it comes. */
function said(evaluate: Evaluate): Evaluate {
  return async (members) => {
    const value = await evaluate(members);
    process.stderr.write(`${members.join(' + ')}: ${value}\n`);
    return value;
  };
}

function describe(output: string, { members, score: value, steps }: GreedySoup): string {
  const rows = steps.map(({ expert, score: tried, isTaken }) => `  ${isTaken ? '+' : '-'} ${expert.padEnd(24)} ${tried}`);
  return [`${output}: mean of ${members.join(', ')}, score ${value}`, ...rows, ''].join('\n');
}
