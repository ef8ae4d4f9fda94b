import { SoupError } from '../../../../errors';
import { RandomStream } from '../../../random';
import type { Generation, GenerationSettings, WatchTokens } from '../../language-model';
import type { Architecture } from '../../../../architecture/architecture';
import { sequenceTooLong, unknownToken } from '../errors';
import type { LanguageTokenizer } from '../tokenizer';
import type { Predictions, Predictor, Step } from './decoder';
import type { GenerationDefaults } from './defaults';
import { chooseToken } from './sampling';

type Settings = Required<GenerationSettings>;

const defaults = { minNewTokens: 0, temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, stop: [], samples: 1, seed: 0, batch: 32 };

/** A sequence that is being continued. */
interface Sequence<C> {
  readonly prompt: Int32Array;
  readonly cache: C;
  readonly random: RandomStream;
  readonly seen: Set<number>;
  readonly tokens: number[];
  readonly logProbabilities: number[];
  readonly kl: number[];
  ended: Generation['ended'] | null;
}

/** Continues prompts token by token: batches of sequences at positions of their own, each with its random stream. */
export class Generator<C> {
  constructor(
    private readonly architecture: Architecture,
    private readonly predictor: Predictor<C>,
    private readonly model: GenerationDefaults,
    private readonly tokenizer: LanguageTokenizer,
  ) {}

  async generate(prompts: readonly (string | ArrayLike<number>)[], given: GenerationSettings, watch?: WatchTokens): Promise<Generation[]> {
    const settings = checked({ ...defaults, ...given });
    const encoded = prompts.map((prompt) => this.encode(prompt, settings));
    await this.predictor.refresh();
    const all = encoded.flatMap((prompt) => Array.from({ length: settings.samples }, () => prompt));
    const generations: Generation[] = [];
    for (let start = 0; start < all.length; start += settings.batch) {
      generations.push(...(await this.predictor.scoped(() => this.continueBatch(all.slice(start, start + settings.batch), start, settings, watch))));
    }
    return generations;
  }

  /** @throws SequenceTooLongError, UnknownTokenError, EmptyPromptError */
  private encode(prompt: string | ArrayLike<number>, { maxNewTokens }: Settings): Int32Array {
    const { vocabularySize, contextLength } = this.architecture;
    let tokens = typeof prompt === 'string' ? this.tokenizer.encode(prompt) : Int32Array.from(prompt);
    if (tokens.length === 0 && this.tokenizer.beginToken !== null) tokens = Int32Array.of(this.tokenizer.beginToken);
    if (tokens.length === 0) throw new SoupError('EmptyPromptError', 'a prompt is empty, and the tokenizer has no token for the beginning of text — give it at least one character');
    const outside = tokens.find((token) => token < 0 || token >= vocabularySize);
    if (outside !== undefined) throw unknownToken(outside, vocabularySize);
    if (tokens.length + maxNewTokens > contextLength) throw sequenceTooLong(tokens.length + maxNewTokens, contextLength);
    return tokens;
  }

  private async continueBatch(prompts: readonly Int32Array[], first: number, settings: Settings, watch: WatchTokens | undefined): Promise<Generation[]> {
    const { predictor } = this;
    const sequences = prompts.map((prompt, i): Sequence<C> => ({
      prompt,
      cache: predictor.createCache(prompt.length + settings.maxNewTokens),
      random: RandomStream.of(settings.seed, first + i),
      seen: new Set(prompt),
      tokens: [],
      logProbabilities: [],
      kl: [],
      ended: null,
    }));
    // the samples of a prompt share its computation: they are one object
    const leaders = sequences.filter(({ prompt }, i) => prompts.indexOf(prompt) === i);
    const steps = leaders.flatMap(({ cache, prompt }) => Array.from(prompt, (token) => ({ cache, token })));
    let end = -1;
    const predictions = predictor.run(steps, leaders.map(({ prompt }) => (end += prompt.length)));
    for (const sequence of sequences) {
      const leader = leaders.find(({ prompt }) => prompt === sequence.prompt)!;
      if (leader !== sequence) predictor.copyCache(leader.cache, sequence.cache);
    }
    sequences.forEach((sequence) => this.extend(sequence, predictions, leaders.findIndex(({ prompt }) => prompt === sequence.prompt), settings));
    await this.continueUntilDone(sequences, settings, watch);
    return sequences.map((sequence) => this.finish(sequence, settings));
  }

  private async continueUntilDone(sequences: readonly Sequence<C>[], settings: Settings, watch: WatchTokens | undefined): Promise<void> {
    for (;;) {
      if (watch) await watch(sequences.map(({ tokens }) => tokens));
      const live = sequences.filter(({ ended }) => ended === null);
      if (live.length === 0) return;
      const steps = live.map(({ cache, tokens }): Step<C> => ({ cache, token: tokens.at(-1)! }));
      const predictions = this.predictor.run(steps, steps.map((_, row) => row));
      live.forEach((sequence, row) => this.extend(sequence, predictions, row, settings));
    }
  }

  /** Adds the next token of a sequence, and notes whether that ends it. */
  private extend(sequence: Sequence<C>, { logits, exponentials, maxima, sums, kl }: Predictions, row: number, settings: Settings): void {
    const { vocabularySize } = this.architecture;
    const range = [row * vocabularySize, (row + 1) * vocabularySize] as const;
    const prediction = { logits: logits.subarray(...range), exponentials: exponentials.subarray(...range), sum: sums[row]! };
    const suppressed = sequence.tokens.length < settings.minNewTokens ? this.model.endTokens : [];
    const token = chooseToken(prediction, settings, sequence.seen, suppressed, sequence.random);
    sequence.tokens.push(token);
    sequence.seen.add(token);
    sequence.logProbabilities.push(prediction.logits[token]! - maxima[row]! - Math.log(sums[row]!));
    if (kl) sequence.kl.push(kl[row]!);
    if (this.model.endTokens.includes(token)) sequence.ended = 'end of text';
    else if (this.hasStopped(sequence.tokens, settings.stop)) sequence.ended = 'stop';
    else if (sequence.tokens.length === settings.maxNewTokens) sequence.ended = 'length';
  }

  /**
   * Whether a stop string has just been completed. The last tokens that may spell it are looked at: more of them where
   * tokens give no text (special ones) or are single bytes, until words at the edge, which may lose their space, are out of reach.
   */
  private hasStopped(tokens: readonly number[], stop: readonly string[]): boolean {
    if (stop.length === 0) return false;
    const longest = Math.max(...stop.map((text) => text.length));
    for (let window = longest + 4; ; window *= 2) {
      const tail = this.tokenizer.decode(tokens.slice(-window));
      if (stop.some((text) => tail.includes(text))) return true;
      if (tail.length >= longest + 4 || window >= tokens.length) return false;
    }
  }

  private finish({ prompt, tokens, logProbabilities, kl, ended }: Sequence<C>, { stop }: Settings): Generation {
    const text = this.tokenizer.decode(ended === 'end of text' ? tokens.slice(0, -1) : tokens);
    const cuts = stop.map((end) => text.indexOf(end)).filter((at) => at >= 0);
    return {
      prompt,
      tokens: Int32Array.from(tokens),
      text: cuts.length > 0 ? text.slice(0, Math.min(...cuts)) : text,
      logProbabilities: Float32Array.from(logProbabilities),
      ...(kl.length > 0 ? { kl: Float64Array.from(kl) } : {}),
      ended: ended!,
    };
  }
}

/** @throws InvalidGenerationSettingError */
function checked(settings: Settings): Settings {
  const { maxNewTokens, minNewTokens, temperature, topK, topP, repetitionPenalty, stop, samples, batch } = settings;
  const isCount = (value: number, least: number): boolean => Number.isInteger(value) && value >= least;
  const problems: readonly (readonly [boolean, string, unknown])[] = [
    [isCount(maxNewTokens, 1), 'maxNewTokens has to be a whole number of at least 1', maxNewTokens],
    [isCount(minNewTokens, 0) && minNewTokens <= maxNewTokens, 'minNewTokens has to be a whole number between 0 and maxNewTokens', minNewTokens],
    [temperature >= 0 && Number.isFinite(temperature), 'temperature has to be a number of at least 0', temperature],
    [isCount(topK, 0), 'topK has to be a whole number of at least 0', topK],
    [topP > 0 && topP <= 1, 'topP has to be above 0 and at most 1', topP],
    [repetitionPenalty > 0 && Number.isFinite(repetitionPenalty), 'repetitionPenalty has to be a number above 0', repetitionPenalty],
    [stop.every((text) => text.length > 0), 'stop must not hold an empty text', stop],
    [isCount(samples, 1), 'samples has to be a whole number of at least 1', samples],
    [isCount(batch, 1), 'batch has to be a whole number of at least 1', batch],
  ];
  const problem = problems.find(([isFine]) => !isFine);
  if (problem) throw new SoupError('InvalidGenerationSettingError', `${problem[1]}, got ${JSON.stringify(problem[2])} — correct it in the experiment file`);
  return settings;
}
