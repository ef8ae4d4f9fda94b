/** One try of the greedy soup: the experts so far and one more. */
export interface GreedyStep {
  readonly expert: string;
  /** held-out score of the mean of the experts so far and this one; of the expert alone in the first step */
  readonly score: number;
  readonly isTaken: boolean;
}

export interface GreedySoup {
  /** experts whose mean is the soup, in the order in which they were taken */
  readonly members: readonly string[];
  readonly score: number;
  readonly steps: readonly GreedyStep[];
}

/**
 * Greedy model soup (Wortsman et al. 2022, Recipe 1): experts in the order of their own held-out scores, best first; each
 * is taken where the score of the mean with it is at least that of the mean without it.
 * @param experts names; of equal scores the first comes first
 * @param scores those that are known already, by name; the others are evaluated
 * @param evaluate held-out score, higher being better, of the mean of these experts
 */
export async function greedySoup(experts: readonly string[], scores: Readonly<Record<string, number>>, evaluate: (members: readonly string[]) => Promise<number>): Promise<GreedySoup> {
  const alone = new Map<string, number>();
  for (const expert of experts) alone.set(expert, scores[expert] ?? (await evaluate([expert])));
  const [first, ...others] = [...alone].sort(([, a], [, b]) => b - a);
  const steps: GreedyStep[] = [{ expert: first[0], score: first[1], isTaken: true }];
  let members: readonly string[] = [first[0]];
  let score = first[1];
  for (const [expert] of others) {
    const tried = await evaluate([...members, expert]);
    const isTaken = tried >= score;
    steps.push({ expert, score: tried, isTaken });
    if (isTaken) [members, score] = [[...members, expert], tried];
  }
  return { members, score, steps };
}
