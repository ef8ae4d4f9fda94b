/** What a preflight looks at. */
export const preflightChecks = ['tensors', 'vocabulary', 'tied weights', 'adapters', 'config', 'base'] as const;
export type PreflightCheck = (typeof preflightChecks)[number];

/** What keeps checkpoints from being blended, or may make their blend useless. */
export interface PreflightFinding {
  readonly check: PreflightCheck;
  readonly level: 'problem' | 'warning';
  /** one sentence; of a problem it names the tensor, both sides and, behind a dash, the fix */
  readonly text: string;
}
