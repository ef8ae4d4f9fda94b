import { parseExperiment } from '../parse';
import { writeExperiment, type ExperimentDraft } from './write-experiment';

/** `name: expression` of a reward, as a form asks for it; null where it is neither. */
export function parseRewardEntry(text: string): { readonly name: string; readonly expression: string } | null {
  const [, name, expression] = /^\s*([^:]*?)\s*:\s*(.*?)\s*$/.exec(text) ?? [];
  return name && expression ? { name, expression } : null;
}

/** What is wrong with a draft, as the experiment file would say it, or null. Problems of fewer than two rewards are left to the form. */
export function draftProblem(draft: ExperimentDraft): string | null {
  return parseExperiment(writeExperiment(draft)).diagnostics.find(({ code }) => code !== 'too-few-experts')?.message ?? null;
}
