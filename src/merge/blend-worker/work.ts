import type { WorkerThread } from '../../checkpoint/worker/worker-thread';
import type { BlendSummary } from '../blend';
import type { BlendDraft } from '../blend-draft';
import type { RecipeRequest } from '../draft-recipe';
import type { BlendForecast } from '../forecast';
import type { Throughput } from '../throughput';

/** What is done with a draft in a thread of its own. */
export type BlendWork =
  | { readonly kind: 'forecast'; readonly draft: BlendDraft }
  /** merges parts of it into the system's temporary directory, to see how long it takes */
  | { readonly kind: 'throughput'; readonly draft: BlendDraft }
  | ({ readonly kind: 'recipe'; readonly draft: BlendDraft } & RecipeRequest)
  /** into a directory that is not there yet */
  | { readonly kind: 'blend'; readonly draft: BlendDraft; readonly output: string };

export interface BlendResultOf {
  readonly forecast: BlendForecast;
  readonly throughput: Throughput;
  readonly recipe: string;
  readonly blend: BlendSummary;
}

/** The bundle of `main.ts`, at work. */
export type BlendWorker = WorkerThread<BlendWork, BlendResultOf>;
