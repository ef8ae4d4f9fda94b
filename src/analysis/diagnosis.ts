import type { FrontReport, LmcReport, ResultPoint } from './results';
import { convexityViolated } from './findings/convexity-violated';
import { divergence, type WeightComparison } from './findings/divergence';
import { expertWithoutGain } from './findings/expert-without-gain';
import { frontGap } from './findings/front-gap';
import { frontNotConvex } from './findings/front-not-convex';
import { identicalPoints } from './findings/identical-points';
import { rewardHacking, type TrainingHistory } from './findings/reward-hacking';

/** What a diagnosis looks at; what is not known is left out, and says nothing. */
export interface Evidence {
  readonly points: readonly ResultPoint[];
  readonly lmc: LmcReport | null;
  readonly front: FrontReport;
  /** the reward that each expert was trained on, where it is one of the results' */
  readonly ownRewards?: Readonly<Record<string, string>>;
  readonly histories?: readonly TrainingHistory[];
  /** the experts' task vectors */
  readonly weights?: WeightComparison;
}

export interface Finding {
  readonly kind: string;
  /** a problem spoils the conclusions, a warning may */
  readonly severity: 'problem' | 'warning';
  /** what was seen, in numbers */
  readonly evidence: string;
  /** what to try */
  readonly advice: string;
}

/** One entry a kind of finding: a function of the evidence that gives what it found. */
const detectors: readonly ((evidence: Evidence) => readonly Finding[])[] = [identicalPoints, expertWithoutGain, convexityViolated, divergence, frontGap, frontNotConvex, rewardHacking];

/** Everything that is wrong, or may be, with an experiment: problems first. */
export function diagnose(evidence: Evidence): Finding[] {
  const findings = detectors.flatMap((detect) => detect(evidence));
  return [...findings.filter(({ severity }) => severity === 'problem'), ...findings.filter(({ severity }) => severity === 'warning')];
}

/** One finding in one line. */
export function findingLine({ severity, evidence, advice }: Finding): string {
  return `${severity}: ${evidence}. Try: ${advice}.`;
}
