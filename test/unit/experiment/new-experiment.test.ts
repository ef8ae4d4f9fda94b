import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseDocument } from 'yaml';
import { draftProblem, parseRewardEntry } from '../../../src/experiment/new-experiment/reward-entry';
import { starters, type Starter } from '../../../src/experiment/new-experiment/starters';
import { tokenizerFacts } from '../../../src/experiment/new-experiment/tokenizer-facts';
import { writeExperiment, type ExperimentDraft, type Start } from '../../../src/experiment/new-experiment/write-experiment';
import { metricsOf } from '../../../src/experiment/metrics';
import { parseExperiment } from '../../../src/experiment/parse';
import { trainsBase } from '../../../src/experiment/settings';
import { taskTypes } from '../../../src/experiment/tasks/registry';

const startsOf = ({ task }: Starter): readonly Start[] => [
  { from: 'checkpoint', directory: 'models/start' },
  task === 'text' ? { from: 'corpus', corpus: 'corpus.txt', tokenizer: 'tokenizer', vocabularySize: 75, endOfText: 2 } : { from: 'scratch' },
];
const drafts = starters.flatMap((starter) => startsOf(starter).map((start): [string, ExperimentDraft] => [
  `${starter.label} from ${start.from}`,
  { name: 'walk', starter, start, prompts: starter.task === 'text' ? 'prompts.jsonl' : null, rewards: starter.rewards, steps: 1234 },
]));

test('every kind of task can be begun', () => {
  expect([...new Set(starters.map(({ task }) => task))]).toEqual(taskTypes);
});

test.each(drafts)('%s: the file has no problem and says what was asked', (_, draft) => {
  const text = writeExperiment(draft);
  const { experiment, diagnostics } = parseExperiment(text);
  expect(diagnostics).toEqual([]);
  expect(experiment).toMatchObject({ name: 'walk', rewards: draft.rewards, train: { steps: 1234 }, task: draft.starter.settings });
  expect(trainsBase(experiment!)).toBe(draft.start.from !== 'checkpoint');
});

test.each(drafts)('%s: every key that the schema knows stands below its description', (_, draft) => {
  const lines = writeExperiment(draft).split('\n');
  const bare = lines.filter((line, index) => /^( {2}){0,2}[a-zA-Z]+:/.test(line) && !lines[index - 1]!.trimStart().startsWith('#')).map((line) => line.trim().split(':')[0]!);
  const freelyNamed = [...Object.keys(draft.rewards), ...Object.keys((parseDocument(lines.join('\n')).toJS() as { task: { model?: { create?: object } } }).task.model?.create ?? {})];
  expect(bare.filter((key) => !freelyNamed.includes(key))).toEqual([]);
  for (const line of lines.filter((row) => row.trimStart().startsWith('#'))) expect(line.length).toBeLessThanOrEqual(124);
});

test('every metric of a task can be a reward as it is', () => {
  for (const [, draft] of drafts) {
    const names = metricsOf({ task: { type: draft.starter.task } }).map(({ name }) => name);
    expect(draftProblem({ ...draft, rewards: Object.fromEntries(names.map((name) => [name, name])) })).toBeNull();
  }
});

test('a reward is checked as the file would be', () => {
  const [, draft] = drafts[0]!;
  expect(draftProblem({ ...draft, rewards: { risky: 'velocty' } })).toMatch(/velocty.*did you mean "velocity"/);
  expect(draftProblem({ ...draft, rewards: { velocty: 'velocty' } })).toMatch(/"velocty" — did you mean "velocity"\? Known here: (?!.*velocty)/);
  expect(draftProblem({ ...draft, rewards: { strange: 'something' } })).toMatch(/"something"\. Known here: (?!.*strange)/);
  expect(draftProblem({ ...draft, rewards: { velocity: '2 * velocity' } })).toMatch(/is a metric/);
  expect(draftProblem({ ...draft, rewards: { risky: 'velocity' } })).toBeNull(); // the second is asked next
  expect(parseRewardEntry(' cautious :  velocity - 2 * energy ')).toEqual({ name: 'cautious', expression: 'velocity - 2 * energy' });
  expect(parseRewardEntry('velocity')).toBeNull();
});

test('the size of a vocabulary and the end of text are those of the tokenizer', () => {
  const directory = path.join(__dirname, '../../../examples/summary/tokenizer');
  const read = (file: string) => readFileSync(path.join(directory, file), 'utf8');
  const example = parseDocument(readFileSync(path.join(directory, '../soup.yaml'), 'utf8')).toJS() as { task: { model: { create: { vocab_size: number; eos_token_id: number } } } };
  const { vocab_size: vocabularySize, eos_token_id: endOfText } = example.task.model.create;
  expect(tokenizerFacts(read('tokenizer.json'), read('tokenizer_config.json'))).toEqual({ vocabularySize, endOfText });
  expect(tokenizerFacts('{"model":{"vocab":[["a",0],["b",-1]]},"added_tokens":[{"id":4,"content":"</s>"}]}', '{"eos_token":{"content":"</s>"}}')).toEqual({ vocabularySize: 5, endOfText: 4 });
  expect(() => tokenizerFacts('{}', '{}')).toThrow(/no vocabulary/);
});
