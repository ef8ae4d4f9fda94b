import type { Finding } from './study';

/** `Do soups cover …? YES: by +3.1 % (…)`: a question, its answer and the evidence in one line. */
export function findingText({ question, answer, evidence }: Finding): string {
  return `${question} ${answer.toUpperCase()}: ${evidence}.`;
}
