import { setTimeout as wait } from 'node:timers/promises';
import { SoupError } from '../../../errors';
import type { DeclaredMetric } from '../../../experiment/declared-metrics';
import { PausedError } from '../../paused';
import type { Measure, TextSample } from '../metric';
import { checkedScores } from './checked-scores';

type ServerMetric = Extract<DeclaredMetric, { type: 'server' }>;

/**
 * A reward server. Requests are `POST {"samples": [{"prompt", "text", "references", "source"}]}`, answers
 * `{"scores": [number, …]}` in the same order.
 * @throws PausedError RewardServerDownError after the last attempt; SoupError RewardServerError when it refuses or
 * answers something else, which no further attempt would change
 */
export function serverMetric(name: string, settings: ServerMetric): Measure {
  return async (samples) => {
    const scores: number[] = [];
    for (let start = 0; start < samples.length; start += settings.batch) {
      const part = samples.slice(start, start + settings.batch);
      scores.push(...checkedScores(name, settings.url, await ask(name, settings, part), part.length));
    }
    return scores;
  };
}

async function ask(name: string, settings: ServerMetric, samples: readonly TextSample[]): Promise<unknown> {
  const body = JSON.stringify({ samples: samples.map(({ prompt, text, references, source }) => ({ prompt, text, references, source })) });
  for (let attempt = 0; ; attempt++) {
    const answer = await post(settings, body);
    if (answer.kind === 'scores') return answer.scores;
    if (answer.kind === 'refused') throw new SoupError('RewardServerError', `metrics.${name}: ${settings.url} refused the request: ${answer.reason}. Look at the server's log, and at what it expects.`, { isInput: false });
    if (attempt >= settings.retries) {
      throw new PausedError('RewardServerDownError', `metrics.${name}: ${settings.url} did not answer in ${attempt + 1} attempts (${answer.reason}). Start the server, then run the same command again: the training goes on from its last step.`);
    }
    await wait(settings.retryAfterMs * 2 ** attempt);
  }
}

type Answer = { readonly kind: 'scores'; readonly scores: unknown } | { readonly kind: 'refused' | 'down'; readonly reason: string };

async function post({ url, timeoutMs }: ServerMetric, body: string): Promise<Answer> {
  try {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal: AbortSignal.timeout(timeoutMs) });
    const text = await response.text();
    if (response.ok) return scoresIn(text);
    const isTemporary = response.status >= 500 || response.status === 429 || response.status === 408;
    return { kind: isTemporary ? 'down' : 'refused', reason: `HTTP ${response.status} ${text.slice(0, 200)}`.trim() };
  } catch (error) {
    const { message, cause } = error as Error;
    return { kind: 'down', reason: cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code || message : message };
  }
}

function scoresIn(text: string): Answer {
  try {
    return { kind: 'scores', scores: (JSON.parse(text) as { scores?: unknown } | null)?.scores };
  } catch {
    return { kind: 'refused', reason: `its answer is no JSON (${text.slice(0, 80)})` };
  }
}
